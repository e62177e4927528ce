// The record of changes, and changes that name the state that they are made over.
#include <gtest/gtest.h>

#include "config/base/hash.h"
#include "tests/integration/harness.h"

namespace moerge::test {
namespace {

std::string KeyedConfig(const std::string& more = "") {
  return "store: \"memory:\"\nkeys: [{name: boss, role: admin, sha256: " + Sha256Hex(kAdmin) +
         "}]\n" + more + kSmallSkills;
}

class Audit : public testing::Test {
 protected:
  HttpReply Do(std::string_view method, std::string_view path, std::string_view body = {},
               const Headers& more = {}) const {
    Headers headers = Bearer(kAdmin);
    headers.emplace_back("x-request-id", "request-of-the-test");
    headers.insert(headers.end(), more.begin(), more.end());
    return Call(server_.port(), method, path, body, headers);
  }
  HttpReply Records(std::string_view query = {}) const {
    return Do("GET", "/api/v1/audit" + std::string(query));
  }

  TestServer server_{KeyedConfig()};
};

constexpr const char* kBackend =
    R"({"name":"b","base_url":"http://127.0.0.1:1/v1","headers":{"x-token":"do-not-show-me"}})";

TEST_F(Audit, SaysWhoDidWhatWithBeforeAndAfter) {
  ASSERT_EQ(Do("POST", "/api/v1/backends", kBackend).status, 201);
  ASSERT_EQ(Do("PATCH", "/api/v1/backends/b", R"({"retries":0})").status, 200);
  ASSERT_EQ(Do("DELETE", "/api/v1/backends/b").status, 200);
  const HttpReply records = Records();
  ASSERT_EQ(records.status, 200) << records.raw;
  EXPECT_EQ(records.At("data.0.action"), "remove");
  EXPECT_EQ(records.At("data.0.after"), "null");
  EXPECT_EQ(records.At("data.1.action"), "change");
  EXPECT_EQ(records.At("data.1.before.retries"), "2");
  EXPECT_EQ(records.At("data.1.after.retries"), "0");
  EXPECT_EQ(records.At("data.2.action"), "create");
  EXPECT_EQ(records.At("data.2.before"), "null");
  for (const char* place : {"data.0.", "data.1.", "data.2."}) {
    EXPECT_EQ(records.At(std::string(place) + "who"), "boss");
    EXPECT_EQ(records.At(std::string(place) + "through"), "api");
    EXPECT_EQ(records.At(std::string(place) + "request_id"), "request-of-the-test");
    EXPECT_EQ(records.At(std::string(place) + "kind"), "backend");
    EXPECT_EQ(records.At(std::string(place) + "name"), "b");
  }
  EXPECT_EQ(records.At("data.3.id"), "(absent)");
  EXPECT_EQ(records.raw.find("do-not-show-me"), std::string::npos);
}

TEST_F(Audit, NeverHoldsAKeyOrItsHash) {
  const HttpReply made = Do("POST", "/api/v1/keys", R"({"name":"app"})");
  const HttpReply rotated = Do("POST", "/api/v1/keys/app/rotate");
  ASSERT_EQ(rotated.status, 200) << rotated.raw;
  const HttpReply records = Records("?kind=key");
  EXPECT_EQ(records.At("data.0.after.rotated"), "true");
  EXPECT_EQ(records.At("data.0.after.sha256"), "***");
  for (const std::string& secret : {made.At("secret"), rotated.At("secret")}) {
    EXPECT_EQ(records.raw.find(secret), std::string::npos);
    EXPECT_EQ(records.raw.find(Sha256Hex(secret)), std::string::npos);
  }
}

TEST_F(Audit, IsFilteredPagedAndExported) {
  for (const char* name : {"one", "two", "three"}) {
    ASSERT_EQ(Do("POST", "/api/v1/skills", std::string("{\"name\":\"") + name + "\"}").status, 201);
  }
  ASSERT_EQ(Do("POST", "/api/v1/backends", kBackend).status, 201);
  EXPECT_EQ(Records("?kind=skill&name=two").At("data.0.name"), "two");
  EXPECT_EQ(Records("?kind=skill&name=two").At("data.1.id"), "(absent)");
  EXPECT_EQ(Records("?who=nobody").At("data.0.id"), "(absent)");
  EXPECT_EQ(Records("?until=2020-01-01").At("data.0.id"), "(absent)");
  const HttpReply page = Records("?kind=skill&limit=2");
  EXPECT_EQ(page.At("has_more"), "true");
  EXPECT_EQ(page.At("data.1.name"), "two");
  const HttpReply rest = Records("?kind=skill&limit=2&before=" + page.At("data.1.id"));
  EXPECT_EQ(rest.At("data.0.name"), "one");
  EXPECT_EQ(rest.At("has_more"), "false");
  EXPECT_EQ(Records("?revision=" + page.At("data.1.revision")).At("data.0.name"), "two");
  EXPECT_EQ(Records("?before=x").At("error.param"), "before");
  const HttpReply exported = Do("GET", "/api/v1/audit/export?kind=skill");
  EXPECT_EQ(exported.Header("content-type"), "application/x-ndjson");
  std::size_t lines = 0;
  for (const char c : exported.body) lines += c == '\n';
  EXPECT_EQ(lines, 3u);
  EXPECT_EQ(JsonAt(exported.body.substr(0, exported.body.find('\n')), "name"), "three");
}

TEST_F(Audit, AReloadIsOnTheRecord) {
  server_.WriteConfig(KeyedConfig("policies: [{name: fresh}]\n"));
  ASSERT_EQ(Do("POST", "/api/v1/reload").status, 200);
  const HttpReply records = Records("?kind=policy");
  EXPECT_EQ(records.At("data.0.name"), "fresh");
  EXPECT_EQ(records.At("data.0.action"), "create");
  EXPECT_EQ(records.At("data.0.through"), "reload");
  EXPECT_EQ(records.At("data.0.who"), "boss");
}

TEST_F(Audit, AChangeOverAnOlderStateIsRefused) {
  ASSERT_EQ(Do("POST", "/api/v1/backends", kBackend).status, 201);
  const std::string tag = Do("GET", "/api/v1/backends/b").Header("etag");
  ASSERT_FALSE(tag.empty());
  const Headers match = {{"If-Match", tag}};
  const HttpReply first = Do("PATCH", "/api/v1/backends/b", R"({"retries":1})", match);
  EXPECT_EQ(first.status, 200) << first.raw;
  EXPECT_NE(first.Header("etag"), tag);
  EXPECT_EQ(Do("GET", "/api/v1/backends/b").Header("etag"), first.Header("etag"));
  for (const char* method : {"PATCH", "PUT", "DELETE"}) {
    const std::string body = std::string(method) == "DELETE" ? "" : kBackend;
    const HttpReply stale = Do(method, "/api/v1/backends/b", body, match);
    EXPECT_EQ(stale.status, 412) << method << stale.raw;
    EXPECT_EQ(stale.At("error.code"), "stale");
  }
  EXPECT_EQ(Do("DELETE", "/api/v1/backends/b", {}, {{"If-Match", "*"}}).status, 200);
  EXPECT_EQ(Do("PUT", "/api/v1/backends/b", kBackend, {{"If-Match", "*"}}).status, 412);
}

TEST_F(Audit, ADryRunChecksAllAndChangesNothing) {
  const HttpReply tried = Do("POST", "/api/v1/backends?dry_run=true", kBackend);
  EXPECT_EQ(tried.status, 200) << tried.raw;
  EXPECT_EQ(tried.Header("x-moerge-dry-run"), "true");
  EXPECT_EQ(tried.At("name"), "b");
  EXPECT_EQ(Do("GET", "/api/v1/backends/b").status, 404);
  EXPECT_EQ(Do("POST", "/api/v1/backends?dry_run=true", R"({"name":"b"})").status, 400);
  ASSERT_EQ(Do("POST", "/api/v1/backends", kBackend).status, 201);
  EXPECT_EQ(Do("PATCH", "/api/v1/backends/b?dry_run=true", R"({"retries":0})").At("retries"), "0");
  EXPECT_EQ(Do("GET", "/api/v1/backends/b").At("retries"), "2");
  EXPECT_EQ(Do("DELETE", "/api/v1/backends/b?dry_run=true").At("removed"), "true");
  EXPECT_EQ(Do("GET", "/api/v1/backends/b").status, 200);
  EXPECT_EQ(Do("DELETE", "/api/v1/policies/auto?dry_run=true").status, 409);
  EXPECT_EQ(Do("DELETE", "/api/v1/backends/b?dry_run=maybe").At("error.param"), "dry_run");
  EXPECT_EQ(Records("?action=change").At("data.0.id"), "(absent)");
}

TEST_F(Audit, ACreationWithANameIsDoneOnce) {
  const Headers named = {{"Idempotency-Key", "one"}};
  const std::string law = R"({"name":"law"})";
  const HttpReply first = Do("POST", "/api/v1/skills", law, named);
  ASSERT_EQ(first.status, 201) << first.raw;
  const HttpReply again = Do("POST", "/api/v1/skills", law, named);
  EXPECT_EQ(again.status, 201) << again.raw;
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.Header("idempotency-replayed"), "true");
  const HttpReply other = Do("POST", "/api/v1/skills", R"({"name":"art"})", named);
  EXPECT_EQ(other.status, 422);
  EXPECT_EQ(other.At("error.code"), "idempotency_key_reused");
  EXPECT_EQ(Do("POST", "/api/v1/skills", law, {{"Idempotency-Key", "two"}}).status, 409);
  // One that failed may be tried again under its name.
  const Headers failed = {{"Idempotency-Key", "three"}};
  EXPECT_EQ(Do("POST", "/api/v1/backends", "{}", failed).status, 400);
  EXPECT_EQ(Do("POST", "/api/v1/backends", "{}", failed).status, 400);
  EXPECT_EQ(Records("?kind=skill").At("data.1.id"), "(absent)");
}

}  // namespace
}  // namespace moerge::test
