#include "services/api/admin/nameable_variables.h"

#include <gtest/gtest.h>

namespace moerge::api {
namespace {

Backend Naming(std::string variable, std::string url = "http://h/v1") {
  Backend backend;
  backend.name = "b";
  backend.api_key_env = std::move(variable);
  backend.base_url = std::move(url);
  return backend;
}

Config FileWith(std::vector<std::string> allowed) {
  Config config;
  config.server.allowed_env = std::move(allowed);
  config.backends = {Naming("FILE_KEY")};
  return config;
}

TEST(NameableVariables, AreThoseOfTheFileAndThoseThatItAllows) {
  const Config config = FileWith({"MOERGE_*", "LISTED"});
  for (const char* name : {"", "FILE_KEY", "MOERGE_", "MOERGE_OPENAI", "LISTED"}) {
    EXPECT_TRUE(CheckNameable(config, nullptr, Naming(name))) << name;
  }
  for (const char* name : {"PATH", "OPENAI_API_KEY", "LISTED_TOO", "MOERGE", "moerge_x", "LIST"}) {
    const Status checked = CheckNameable(config, nullptr, Naming(name));
    ASSERT_FALSE(checked) << name;
    EXPECT_EQ(checked.error().code, ErrorCode::kInvalid);
    EXPECT_EQ(checked.error().param, "api_key_env");
    EXPECT_NE(checked.error().message.find("`MOERGE_*`, `LISTED`"), std::string::npos);
  }
  EXPECT_FALSE(CheckNameable(FileWith({}), nullptr, Naming("MOERGE_X")));
}

TEST(NameableVariables, OfHeadersAndParametersAreHeldToTheSame) {
  const Config config = FileWith({"MOERGE_*"});
  Backend backend = Naming("");
  for (const char* value : {"plain", "$${PATH}", "${MOERGE_X}", "a ${FILE_KEY} b"}) {
    backend.headers = {{"api-key", value}};
    backend.query = {{"key", value}};
    EXPECT_TRUE(CheckNameable(config, nullptr, backend)) << value;
  }
  for (const char* value : {"${PATH}", "${PATH:-x}", "${MOERGE_X}${HOME}"}) {
    backend.headers = {{"x", "plain"}};
    backend.query = {{"key", value}};
    const Status parameters = CheckNameable(config, nullptr, backend);
    ASSERT_FALSE(parameters) << value;
    EXPECT_EQ(parameters.error().param, "query.key");
    backend.headers = {{"x", "plain"}, {"api-key", value}};
    const Status checked = CheckNameable(config, nullptr, backend);
    ASSERT_FALSE(checked) << value;
    EXPECT_EQ(checked.error().param, "headers.api-key");
  }
  const Backend stored = backend;
  EXPECT_TRUE(CheckNameable(config, &stored, backend));
  backend.base_url = "http://elsewhere/v1";
  EXPECT_FALSE(CheckNameable(config, &stored, backend));
}

TEST(NameableVariables, AStoredBackendKeepsItsOwnWhileItStaysWhereItIs) {
  const Config config = FileWith({"MOERGE_*"});
  const Backend stored = Naming("OLD_KEY", "http://old/v1");
  EXPECT_TRUE(CheckNameable(config, &stored, Naming("OLD_KEY", "http://old/v1")));
  EXPECT_FALSE(CheckNameable(config, &stored, Naming("OLD_KEY", "http://new/v1")));
  EXPECT_FALSE(CheckNameable(config, &stored, Naming("PATH", "http://old/v1")));
}

}  // namespace
}  // namespace moerge::api
