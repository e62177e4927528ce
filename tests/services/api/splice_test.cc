#include "services/api/splice.h"

#include <gtest/gtest.h>

#include "config/base/json.h"

namespace moerge::api {
namespace {

// `json` marks the model's value by its text.
std::string Spliced(std::string_view json, std::string_view model_value, std::string_view moerge) {
  Splice splice{.json = json, .model = "expert", .moerge = moerge};
  if (!model_value.empty()) {
    splice.model_begin = json.find(model_value);
    splice.model_end = splice.model_begin + model_value.size();
  }
  std::string out;
  AppendSpliced(splice, &out);
  EXPECT_TRUE(json::Document::Parse(out).ok()) << out;
  return out;
}

TEST(Splice, ReplacesTheModelAndAddsTheMember) {
  EXPECT_EQ(Spliced(R"({"model":"up","id":1})", R"("up")", R"({"a":2})"),
            R"({"model":"expert","id":1,"moerge":{"a":2}})");
}

TEST(Splice, AddsAMemberToAnObjectWithoutAModel) {
  EXPECT_EQ(Spliced(R"({"id":1})", "", "{}"), R"({"id":1,"moerge":{}})");
  EXPECT_EQ(Spliced("{ }", "", "{}"), R"({ "moerge":{}})");
}

TEST(Splice, WithoutAMemberOnlyTheModelChanges) {
  EXPECT_EQ(Spliced("{\"model\":\"up\"}\n", R"("up")", ""), "{\"model\":\"expert\"}\n");
}

TEST(Splice, AMemberThatIsThereIsReplaced) {
  EXPECT_EQ(Spliced(R"({"moerge":{"x":1},"model":"up","n":[1, 2]})", R"("up")", R"({"a":2})"),
            R"({"model":"expert","n":[1, 2],"moerge":{"a":2}})");
}

TEST(Splice, TheWordAloneIsNotTheMember) {
  EXPECT_EQ(Spliced(R"({"text":"\"moerge\"","list":["moerge"]})", "", "{}"),
            R"({"text":"\"moerge\"","list":["moerge"],"moerge":{}})");
}

}  // namespace
}  // namespace moerge::api
