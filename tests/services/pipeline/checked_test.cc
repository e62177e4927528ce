// Answers that are checked by what the client says a good one is.
#include <gtest/gtest.h>

#include "tests/services/pipeline/aggregate_fixture.h"

namespace moerge {
namespace {

using test::Has;
using test::Says;

struct Checked : testing::Test, test::AggregateFixture {
  Checked() : AggregateFixture("vote") { Option("author.expert", "four"); }

  void Use(const std::string& aggregate) {
    state.policies.front().aggregate = aggregate;
    Restate();
  }
  // The request, whose good answers match `regex`.
  ChatRequest Wants(const std::string& verifier) {
    ChatRequest request = Request("Which is a prime?\nA. 4\nB. 7\nC. 9");
    const auto document = json::Document::Parse(verifier);
    request.verifier = *ParseVerifier(document->root());
    return request;
  }
  ChatRequest WantsJson() {
    ChatRequest request = Request();
    request.body = *ChatBody::Parse(
        R"({"messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema",)"
        R"("json_schema":{"name":"n","schema":{"type":"object","required":["age"]}}}})");
    return request;
  }
};

TEST_F(Checked, AnswersThatFailCastNoVote) {
  script->plays["one"] = {Says("(A)")};
  script->plays["two"] = {Says("(A)")};
  script->plays["three"] = {Says("checked: the answer is (B)")};
  const auto reply = Ask(Wants(R"({"regex":"checked"})"));
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->content, "checked: the answer is (B)");
  ASSERT_TRUE(record.answer_confidence);
  EXPECT_FLOAT_EQ(static_cast<float>(*record.answer_confidence), 0.5f)
      << "what failed says nothing against it";
  EXPECT_EQ(record.contributions[2].check, "passed");
  EXPECT_NE(record.contributions[0].check, "passed");
  EXPECT_NE(record.contributions[0].check, "");
}

TEST_F(Checked, WhereAllFailTheWinnerIsAskedOnceToRepairIt) {
  script->plays["one"] = {Says(R"({"name":"x"})"), Says(R"({"age": 4})")};
  script->plays["two"] = {Says("not JSON")};
  script->plays["three"] = {Says("{}")};
  const auto reply = Ask(WantsJson());
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->content, R"({"age": 4})");
  EXPECT_TRUE(Noted("repaired by `one`"));
  EXPECT_TRUE(Has(LastBody(), "It failed a check"));
  EXPECT_TRUE(Has(LastBody(), "response_format"));
}

TEST_F(Checked, WhatCannotBeRepairedIsGivenAndSaidToFail) {
  const auto reply = Ask(Wants(R"({"regex":"nowhere"})"));
  ASSERT_TRUE(reply.ok());
  EXPECT_TRUE(Noted("no answer passed the check"));
  EXPECT_EQ(record.ledger.calls(), 4);
}

TEST_F(Checked, BestOfChoosesAmongThoseThatPass) {
  Use("best_of");
  Option("best_of.scorer", "judge");
  script->plays["one"] = {Says("wrong")};
  script->plays["two"] = {Says("checked, first")};
  script->plays["three"] = {Says("checked, second")};
  script->plays["four"] = {Says("SCORE: 1"), Says("SCORE: 99")};
  Option("judge.experts", "four");
  EXPECT_EQ(Ask(Wants(R"({"regex":"checked"})"))->content, "checked, second");
  EXPECT_EQ(Asked(), "one two three four four");
}

TEST_F(Checked, ARaceGoesOnUntilOnePasses) {
  Use("race");
  script->plays["one"] = {Says("wrong")};
  script->plays["two"] = {Says("wrong too")};
  script->plays["three"] = {Says("checked")};
  test::KeptStream stream;
  ASSERT_TRUE(Ask(Wants(R"({"regex":"checked"})"), &stream).ok());
  EXPECT_EQ(record.expert->spec.name, "three");
  EXPECT_TRUE(Has(stream.chunks.at(1), "checked"));
}

TEST_F(Checked, ACascadeAcceptsWhatPasses) {
  Use("cascade");
  state.experts[1].price = {0.5, 0.5};  // three is cheaper, one costs more
  state.experts[2].price = {0.1, 0.1};
  Restate();
  script->plays["three"] = {Says("(C)")};
  script->plays["two"] = {Says("checked: (A)")};
  const auto reply = Ask(Wants(R"({"regex":"checked"})"));
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->content, "checked: (A)");
  EXPECT_EQ(Asked(), "three two");
}

TEST_F(Checked, WhatAnAuthorWritesIsCheckedBeforeItGoesOut) {
  Use("synthesize");
  script->plays["four"] = {Says("wrong"), Says("checked now")};
  test::KeptStream stream;
  ASSERT_TRUE(Ask(Wants(R"({"regex":"checked"})"), &stream).ok());
  ASSERT_EQ(stream.chunks.size(), 3u);
  EXPECT_TRUE(Has(stream.chunks[1], "checked now"));
  EXPECT_TRUE(Noted("repaired by `four`"));
}

TEST_F(Checked, ASchemaThatCannotBeCheckedIsSaid) {
  ChatRequest request = Request();
  request.body = *ChatBody::Parse(
      R"({"messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema",)"
      R"("json_schema":{"name":"n","schema":{"$ref":"http://elsewhere/schema"}}}})");
  ASSERT_TRUE(Ask(request).ok());
  EXPECT_TRUE(Noted("not checked against `response_format`"));
}

TEST_F(Checked, OneExpertAloneIsNotChecked) {
  Use("first");
  const auto reply = Ask(Wants(R"({"regex":"x"})"));
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().param, "moerge.verify");
}

TEST_F(Checked, TestsAreRefusedWhereTheHostDoesNotRunThem) {
  const auto reply = Ask(Wants(R"x({"tests":{"language":"python","code":"assert f()"}})x"));
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, ErrorCode::kInvalid);
  EXPECT_TRUE(script->asked.empty());
}

}  // namespace
}  // namespace moerge
