#include "services/api/vocabulary_body.h"

#include <gtest/gtest.h>

#include "services/api/field_error.h"

namespace moerge::api {
namespace {

struct Mistake {
  std::string body;
  std::string param;
  std::string says;
};

template <class T>
void ExpectRefused(Result<T> (*read)(std::string_view), const std::vector<Mistake>& mistakes) {
  for (const Mistake& mistake : mistakes) {
    const Result<T> refused = read(mistake.body);
    ASSERT_FALSE(refused.ok()) << mistake.body.substr(0, 200);
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalid);
    EXPECT_EQ(refused.error().param, mistake.param) << refused.error().message;
    EXPECT_NE(refused.error().message.find(mistake.says), std::string::npos)
        << refused.error().message;
  }
}

std::string Labels(std::string_view label) { return "{\"labels\":[" + std::string(label) + "]}"; }

TEST(VocabularyBody, LabelsAreTextsOrObjects) {
  const auto read = ReadNewProposal(
      R"({"name":"n","labels":["algebra",{"text":"law","count":7,"prompts":["Is it legal?"]}],)"
      R"("merge_at":0.5,"prompts_weight":0,"least_count":2,"max_skills":9})");
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->name, "n");
  EXPECT_EQ(read->from, "labels");
  ASSERT_EQ(read->labels.size(), 2u);
  EXPECT_EQ(read->labels[0].count, 1u);
  EXPECT_EQ(read->labels[1].count, 7u);
  EXPECT_EQ(read->labels[1].prompts.size(), 1u);
  EXPECT_EQ(read->options.merge_at, 0.5);
  EXPECT_EQ(read->options.prompts_weight, 0);
  EXPECT_EQ(read->options.least_count, 2u);
  EXPECT_EQ(read->options.max_skills, 9u);
}

TEST(VocabularyBody, DecisionsCanBeTheSource) {
  const auto read =
      ReadNewProposal(R"({"from":"decisions","decisions":50,"since":"2026-01-31T00:00:00Z"})");
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->from, "decisions");
  EXPECT_EQ(read->reported.decisions, 50u);
  EXPECT_TRUE(read->reported.since.has_value());
}

TEST(VocabularyBody, MistakesInANewProposalAreNamed) {
  std::string prompts = R"({"text":"a","prompts":["x")";
  for (int i = 0; i < 50; ++i) prompts += ",\"x\"";
  std::string many = "\"a\"";
  for (int i = 0; i < 10'000; ++i) many += ",\"a\"";
  ExpectRefused(
      ReadNewProposal,
      {{"", "", ""},
       {"[]", "", "must be a JSON object"},
       {"{}", "labels", "given, or `from`"},
       {Labels(""), "labels", "1 to 10000"},
       {Labels(many), "labels", "1 to 10000"},
       {R"({"labels":"a"})", "labels", "list"},
       {Labels("7"), "labels[0]", "an object, not a number"},
       {Labels(R"("a","!?")"), "labels[1]", "letter or digit"},
       {Labels("{}"), "labels[0].text", "letter or digit"},
       {Labels(R"({"text":1})"), "labels[0].text", "a text, not a number"},
       {Labels("\"" + std::string(257, 'a') + "\""), "labels[0]", "at most 256 bytes"},
       {Labels(R"({"text":"a","cuont":2})"), "labels[0].cuont", "Did you mean `count`?"},
       {Labels(R"({"text":"a","count":0})"), "labels[0].count", "from 1 to 1000000000"},
       {Labels(R"({"text":"a","count":1.5})"), "labels[0].count", "whole number"},
       {Labels(R"({"text":"a","prompts":"p"})"), "labels[0].prompts", "list of texts"},
       {Labels(R"({"text":"a","prompts":[" "]})"), "labels[0].prompts[0]", "not empty"},
       {Labels(R"({"text":"a","prompts":[")" + std::string(4097, 'a') + "\"]}"),
        "labels[0].prompts[0]", "at most 4096 bytes, not 4097"},
       {Labels(prompts + "]}"), "labels[0].prompts", "at most 50"},
       {R"({"labels":["a"],"merge_at":1.1})", "merge_at", "from 0 to 1"},
       {R"({"labels":["a"],"prompts_weight":"1"})", "prompts_weight", "from 0 to 1"},
       {R"({"labels":["a"],"least_count":0})", "least_count", "from 1"},
       {R"({"labels":["a"],"max_skills":2001})", "max_skills", "from 1 to 2000"},
       {R"({"labels":["a"],"max_skill":1})", "max_skill", "Did you mean `max_skills`?"},
       {R"({"labels":["a"],"name":")" + std::string(201, 'n') + "\"}", "name", "200 bytes"},
       {R"({"from":"logs"})", "from", "\"decisions\""},
       {R"({"from":"decisions","labels":["a"]})", "labels", "left out"},
       {R"({"labels":["a"],"decisions":5})", "decisions", "left out but with `from`"},
       {R"({"from":"decisions","decisions":0})", "decisions", "from 1 to 100000"},
       {R"({"from":"decisions","since":"yesterday"})", "since", "2026-01-31"}});
}

TEST(VocabularyBody, MistakesInAChangeAreNamed) {
  ExpectRefused(ReadProposalEdit,
                {{"7", "", "JSON object"},
                 {R"({"skill":[]})", "skill", "Did you mean `skills`?"},
                 {R"({"skills":{}})", "skills", "a list of changes"},
                 {R"({"skills":[1]})", "skills[0]", "an object, not a number"},
                 {R"({"skills":[{}]})", "skills[0].skill", "name of a proposed skill"},
                 {R"({"skills":[{"skill":"a","nmae":"b"}]})", "skills[0].nmae", "`name`"},
                 {R"({"skills":[{"skill":"a","merge":"b"}]})", "skills[0].merge", "list of texts"},
                 {R"({"skills":[{"skill":"a","drop":1}]})", "skills[0].drop", "a boolean"},
                 {R"({"skills":[{"skill":"a","drop":true,"name":"b"}]})", "skills[0].drop",
                  "without other changes"},
                 {R"({"skills":[{"skill":"a","examples":[7]}]})", "skills[0].examples[0]",
                  "a text, not a number"}});
  const auto edit = ReadProposalEdit(
      R"({"name":"n","skills":[{"skill":"a","into":null,"examples":[]},{"skill":"b","drop":true}]})");
  ASSERT_TRUE(edit.ok()) << edit.error().message;
  EXPECT_EQ(edit->skills[0].into, "");
  EXPECT_TRUE(edit->skills[0].examples->empty());
  EXPECT_TRUE(edit->skills[1].drop);
}

TEST(VocabularyBody, AnAcceptanceNamesSkillsOrNothing) {
  EXPECT_TRUE(ReadAcceptance("")->skills.empty());
  EXPECT_TRUE(ReadAcceptance("{}")->skills.empty());
  const auto some = ReadAcceptance(R"({"skills":["a",{"skill":"b","into":"c"}]})");
  ASSERT_TRUE(some.ok()) << some.error().message;
  EXPECT_FALSE(some->skills[0].into.has_value());
  EXPECT_EQ(some->skills[1].into, "c");
  ExpectRefused(ReadAcceptance,
                {{"x", "", ""},
                 {R"({"only":["a"]})", "only", "not a field here"},
                 {R"({"skills":[]})", "skills", "left out for all"},
                 {R"({"skills":[{"into":"c"}]})", "skills[0].skill", "name of a proposed skill"},
                 {R"({"skills":[{"skill":"a","onto":"c"}]})", "skills[0].onto", "`into`"}});
}

TEST(VocabularyBody, NothingIsNoBodyOrNoMembers) {
  EXPECT_TRUE(ReadNothing("").ok());
  EXPECT_TRUE(ReadNothing("{}").ok());
  EXPECT_EQ(ReadNothing(R"({"why":1})").error().param, "why");
}

}  // namespace
}  // namespace moerge::api
