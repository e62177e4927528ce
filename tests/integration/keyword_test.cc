// Routing by the keywords of a model: asked several times, mapped to known skills, remembered.
#include <gtest/gtest.h>

#include "tests/integration/harness.h"
#include "tests/integration/process.h"
#include "tests/integration/scripted_model.h"

namespace moerge::test {
namespace {

class Keywords : public ::testing::Test {
 protected:
  std::string Config() const {
    return "store: \"memory:\"\nbackends:\n  - {name: b, base_url: \"" + UrlOf(*replay_) +
           "\"}\n  - {name: k, base_url: \"" + model_.Url() +
           "\"}\nexperts:\n"
           "  - {name: ada, backend: b, model: ada, skills: {algebra: 0.9, general: 0.3}}\n"
           "  - {name: clio, backend: b, model: clio, skills: {history: 0.9, general: 0.3}}\n"
           "  - {name: labeller, backend: k, model: m, skills: {general: 0.01}, "
           "price: {input: 1000, output: 1000}}\n"
           "policies:\n  - {name: kw, classifier: llm, options: {llm.expert: labeller, "
           "llm.deadline_ms: 20000}}\n"
           "  - {name: hasty, classifier: llm, options: {llm.expert: labeller, "
           "llm.deadline_ms: 500}}\n" +
           kSmallSkills;
  }
  // In the order of the calls; when they are used up, nothing is answered.
  void Say(std::vector<std::string> answers) {
    const std::lock_guard lock(mutex_);
    answers_ = std::move(answers);
  }
  std::optional<std::string> Answer() {
    const std::lock_guard lock(mutex_);
    if (answers_.empty()) return std::nullopt;
    const std::string answer = answers_.front();
    answers_.erase(answers_.begin());
    return answer == "(fails)" ? Failing(500) : Completion(answer);
  }
  HttpReply Route(std::string_view prompt, std::string_view policy = "moerge/kw") {
    return server_->Post("/v1/route", ChatJson(policy, prompt));
  }

  std::mutex mutex_;
  std::vector<std::string> answers_;
  std::unique_ptr<ReplayServer> replay_ = StartReplay();
  ScriptedModel model_{[this](const std::string&) { return Answer(); }};
  std::unique_ptr<TestServer> server_ = std::make_unique<TestServer>(Config());
};

TEST_F(Keywords, WhatRecursDecides) {
  Say({R"(["History", "empires"])", "1. history\n2. dates", "<think>cooking?</think> algebra"});
  const HttpReply reply = Route("How many?");
  EXPECT_EQ(reply.At("demand.classifier"), "llm") << reply.body;
  EXPECT_EQ(reply.At("demand.skills.0.skill"), "history");
  EXPECT_EQ(reply.At("roster.0.expert"), "clio");
  EXPECT_EQ(reply.At("signals.keywords.answers"), "3");
  EXPECT_NE(reply.At("demand.notes").find("name no known skill"), std::string::npos);
  EXPECT_EQ(model_.asked(), 3);
}

TEST_F(Keywords, TheSameTextIsAskedOnce) {
  Say({"history", "history", "history"});
  const HttpReply first = Route("How many?");
  const HttpReply again = Route("How many?");
  EXPECT_EQ(again.At("demand.skills"), first.At("demand.skills"));
  EXPECT_EQ(again.At("signals.calls.0.outcome"), "cached") << again.body;
  EXPECT_EQ(model_.asked(), 3);
}

TEST_F(Keywords, LabelsThatNameNoSkillLeaveTheTextToDecide) {
  Say({"zzzz", "I am sorry, but I cannot say which of these would be needed for it.", ""});
  const HttpReply reply = Route(RecordedPrompt("algebra-1"));
  EXPECT_EQ(reply.At("demand.classifier"), "lexical");
  EXPECT_EQ(reply.At("demand.skills.0.skill"), "algebra");
  EXPECT_NE(reply.At("demand.notes").find("no known skill recurred"), std::string::npos)
      << reply.body;
}

TEST_F(Keywords, FailedCallsAreDoneWithout) {
  Say({"history", "(fails)", "history"});
  const HttpReply reply = Route("How many?");
  EXPECT_EQ(reply.At("demand.classifier"), "llm") << reply.body;
  EXPECT_EQ(reply.At("signals.keywords.answers"), "2");
  EXPECT_NE(reply.At("signals.notes").find("500"), std::string::npos);
}

TEST_F(Keywords, ASlowModelIsLeftAtTheDeadline) {
  const HttpReply reply = Route(RecordedPrompt("algebra-1"), "moerge/hasty");
  EXPECT_EQ(reply.At("demand.classifier"), "lexical");
  EXPECT_EQ(reply.At("signals.calls.2.outcome"), "late") << reply.body;
  EXPECT_TRUE(Eventually([&] { return model_.aborted() == 3; }));
}

TEST_F(Keywords, TheReplyReportsWhatTheCallsTook) {
  Say({"history", "history", "history"});
  const std::string prompt = RecordedPrompt("history-1");
  const HttpReply plain = server_->Chat("clio", prompt);
  const HttpReply routed = server_->Chat("moerge/kw", prompt, R"("moerge": {"explain": true})");
  EXPECT_EQ(routed.At("moerge.expert"), "clio") << routed.body;
  EXPECT_EQ(routed.At("moerge.signal_calls"), "3");
  const auto tokens = [](const HttpReply& reply, const char* field) {
    return std::stoi(reply.At(std::string("usage.") + field));
  };
  EXPECT_EQ(tokens(routed, "prompt_tokens"), tokens(plain, "prompt_tokens") + 30);
  EXPECT_EQ(tokens(routed, "completion_tokens"), tokens(plain, "completion_tokens") + 6);
  EXPECT_EQ(tokens(routed, "total_tokens"), tokens(plain, "total_tokens") + 36);
  EXPECT_EQ(routed.At("model"), "clio");
  EXPECT_NEAR(std::stod(routed.At("moerge.explanation.cost_usd")), 0.036, 1e-9);
}

TEST_F(Keywords, SignalsAreRecordedForAnEvaluation) {
  const TempFolder folder;
  std::string table, prompts;
  for (int i = 0; i < 12; ++i) {
    const std::string id = "r" + std::to_string(i);
    const std::string text = "Which is case " + std::to_string(i) + "?";
    const std::string skill = i % 2 == 0 ? "history" : "algebra";
    const std::string scores = i % 2 == 0 ? R"({"ada":0,"clio":1})" : R"({"ada":1,"clio":0})";
    prompts += R"({"id":")" + id + R"(","prompt":")" + text + "\"}\n";
    table += R"({"id":")" + id + R"(","prompt":")" + text + R"(","category":")" + skill +
             R"(","scores":)" + scores + "}\n";
  }
  std::vector<std::string> answers;
  for (int i = 0; i < 36; ++i) answers.emplace_back(i / 3 % 2 == 0 ? "history" : "algebra");
  Say(answers);
  folder.Write("prompts.jsonl", prompts);
  folder.Write("table.jsonl", table);
  const auto record = [&](const std::string& policy) {
    return RunMoerge(
        {"record", "--server", "http://127.0.0.1:" + std::to_string(server_->port()), "--policy",
         policy, "--in", "prompts.jsonl", "--out", "recorded.jsonl", "--at-once", "1"},
        folder.File("."));
  };
  const Finished done = record("kw");
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(model_.asked(), 36);
  const Finished again = record("kw");
  EXPECT_EQ(again.code, 0);
  EXPECT_NE(again.err.find("already has 12 of these"), std::string::npos) << again.err;
  EXPECT_EQ(model_.asked(), 36);
  const Finished eval = RunMoerge({"eval", "--train", "table.jsonl", "--folds", "2", "--signals",
                                   "recorded.jsonl", "--policies", "classifier-llm"},
                                  folder.File("."));
  ASSERT_EQ(eval.code, 0) << eval.err;
  EXPECT_NE(eval.out.find("classifier-llm: recorded signals of 12 questions"), std::string::npos)
      << eval.out;
  EXPECT_EQ(eval.out.find("not judged: classifier-llm"), std::string::npos);
  const Finished mistaken = RunMoerge({"record", "--server", "http://127.0.0.1:1", "--policy", "kw",
                                       "--in", "prompts.jsonl", "--out", "table.jsonl"},
                                      folder.File("."));
  EXPECT_EQ(mistaken.code, 1);
  EXPECT_NE(mistaken.err.find("table.jsonl: line 1"), std::string::npos) << mistaken.err;
  folder.Write("recorded.jsonl", "");
  for (const char* policy : {"auto", "nobody"}) {
    const Finished wrong = record(policy);
    EXPECT_EQ(wrong.code, 1);
    EXPECT_NE(wrong.err.find("nothing was recorded"), std::string::npos) << wrong.err;
    EXPECT_NE(wrong.err.find(policy), std::string::npos) << wrong.err;
  }
}

TEST_F(Keywords, AStreamReportsTheSame) {
  Say({"history", "history", "history"});
  const std::string prompt = RecordedPrompt("history-1");
  const std::string more = R"("stream": true, "stream_options": {"include_usage": true})";
  const auto usage = [](const HttpReply& reply) {
    std::string last;
    for (const std::string& event : reply.Events()) {
      if (event.find("\"prompt_tokens\"") != event.npos)
        last = JsonAt(event, "usage.prompt_tokens");
    }
    return std::stoi(last);
  };
  const int plain = usage(server_->Chat("clio", prompt, more));
  EXPECT_EQ(usage(server_->Chat("moerge/kw", prompt, more)), plain + 30);
}

}  // namespace
}  // namespace moerge::test
