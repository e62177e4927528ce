// The document of the API holds what the table of routes holds, no more and no less.
#include "services/api/admin/openapi.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <set>

#include "config/base/text.h"
#include "services/api/admin/admin_routes.h"
#include "services/api/admin/entity_body.h"
#include "services/dashboard/serve.h"
#include "tests/services/api/api_server_fixture.h"

namespace moerge::test {
namespace {

// "/api/v1/experts/{name...}" of the table is "/api/v1/experts/{name}" in the document.
std::string Documented(std::string pattern) {
  const std::size_t dots = pattern.find("...}");
  if (dots != std::string::npos) pattern.erase(dots, 3);
  return pattern;
}

std::set<std::string> RoutesOfTheTable() {
  ApiServer server;
  server.Start();
  boost::asio::io_context loop(1);
  std::set<std::string> routes;
  {
    Engine engine(server.EngineParts(), loop.get_executor());
    const auto context = std::make_unique<api::ApiContext>(server.shared(), engine);
    api::RouteTable table;
    for (const auto add :
         {api::AddChatRoutes, api::AddDryRunRoutes, api::AddModelRoutes, api::AddForwardRoutes,
          api::AddBulkRoutes, api::AddFileRoutes, api::AddBatchRoutes, api::AddBatchProgressRoutes,
          api::AddAdminRoutes, api::AddDashboardRoutes}) {
      add(table, *context);
    }
    for (const api::Route& route : table.routes()) {
      routes.insert(LowerAscii(route.method) + " " + Documented(route.pattern));
    }
  }
  return routes;
}

TEST(OpenApi, HoldsWhatTheTableOfRoutesHolds) {
  const std::string text = api::OpenApiDocument();
  const auto document = json::Document::Parse(text);
  ASSERT_TRUE(document.ok()) << document.error().message;
  std::set<std::string> documented;
  for (const json::Value path : document->root().Find("paths").children()) {
    for (const json::Value operation : path.children()) {
      documented.insert(std::string(operation.key()) + " " + std::string(path.key()));
      EXPECT_TRUE(operation.Find("responses").is_object()) << path.key();
      EXPECT_TRUE(operation.Find("operationId").is_string()) << path.key();
    }
  }
  EXPECT_EQ(documented, RoutesOfTheTable());
}

TEST(OpenApi, EveryReferenceLeadsSomewhere) {
  const std::string text = api::OpenApiDocument();
  const auto document = json::Document::Parse(text);
  ASSERT_TRUE(document.ok());
  const json::Value schemas = document->root().Find("components").Find("schemas");
  constexpr std::string_view kReference = "\"#/components/schemas/";
  std::size_t count = 0;
  for (std::size_t at = text.find(kReference); at != text.npos; at = text.find(kReference, at)) {
    at += kReference.size();
    const std::string name = text.substr(at, text.find('"', at) - at);
    EXPECT_TRUE(schemas.Find(name).is_object()) << name;
    ++count;
  }
  EXPECT_GT(count, 50u);
}

// What a schema allows, sorted; it allows nothing else.
std::set<std::string> PropertiesOf(const json::Document& document, std::string_view schema) {
  const json::Value found = document.root().Find("components").Find("schemas").Find(schema);
  EXPECT_EQ(found.Find("additionalProperties").AsBool(), false) << schema;
  std::set<std::string> names;
  for (const json::Value property : found.Find("properties").children()) {
    names.emplace(property.key());
  }
  return names;
}

template <class T>
std::set<std::string> FieldsWith(std::set<std::string> more) {
  for (const std::string& name : api::FieldNames<T>()) more.insert(name);
  return more;
}

TEST(OpenApi, TheEntitiesHaveTheFieldsThatAreKept) {
  const std::string text = api::OpenApiDocument();
  const auto document = json::Document::Parse(text);
  ASSERT_TRUE(document.ok());
  for (const std::string change : {"", "Change"}) {
    EXPECT_EQ(PropertiesOf(*document, "Backend" + change),
              FieldsWith<Backend>({"origin", "condition"}));
    EXPECT_EQ(PropertiesOf(*document, "Expert" + change),
              FieldsWith<Expert>({"origin", "provisional", "latency", "condition"}));
    EXPECT_EQ(PropertiesOf(*document, "Skill" + change), FieldsWith<Skill>({"origin"}));
    EXPECT_EQ(PropertiesOf(*document, "Policy" + change), FieldsWith<Policy>({"origin"}));
  }
  std::set<std::string> key = FieldsWith<ApiKey>({"origin", "usage"});
  key.erase("sha256");
  EXPECT_EQ(PropertiesOf(*document, "Key"), key);
  key.insert("secret");
  EXPECT_EQ(PropertiesOf(*document, "KeyWithSecret"), key);
  for (const char* made : {"secret", "origin", "usage", "created"}) key.erase(made);
  EXPECT_EQ(PropertiesOf(*document, "KeyChange"), key);
  EXPECT_EQ(PropertiesOf(*document, "NewExpert"), FieldsWith<Expert>({"origin", "samples"}));
}

}  // namespace
}  // namespace moerge::test
