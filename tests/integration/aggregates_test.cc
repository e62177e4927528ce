// Every aggregate of several experts over HTTP where all goes well: what the client gets, what it
// is told of how that came about, and what is kept.
#include <gtest/gtest.h>

#include "config/base/text.h"
#include "tests/integration/aggregate_cases.h"

namespace moerge::test {
namespace {

double NumberAt(std::string_view json, std::string_view path) {
  return ParseDouble(JsonAt(json, path)).value_or(-1);
}

// "expert:role" of each element of a list, sorted.
std::string Roles(const std::string& json, const std::string& list) {
  std::vector<std::string> all;
  for (int i = 0;; ++i) {
    const std::string at = list + "." + std::to_string(i);
    if (JsonAt(json, at) == "(absent)") return Sorted(std::move(all));
    all.push_back(JsonAt(json, at + ".expert") + ":" + JsonAt(json, at + ".role"));
  }
}

// What of a race is not known to its experts: the prompt of who was aborted.
bool CountsExactly(const AggregateCase& each) { return each.name != std::string_view("race"); }

class AggregatesOverHttp : public ::testing::Test {
 protected:
  static std::string ContentOf(const HttpReply& stream) {
    std::string content;
    for (const std::string& event : stream.Events()) {
      const std::string piece = JsonAt(event, "choices.0.delta.content");
      if (event.starts_with("{") && piece != "(absent)") content += piece;
    }
    return content;
  }

  // What was asked for with usage, at the end of a stream.
  static std::string UsageEventOf(const HttpReply& stream) {
    std::string last;
    for (const std::string& event : stream.Events()) {
      if (event.find("\"usage\":{") != event.npos) last = event;
    }
    return last;
  }

  void ExpectTotals(const AggregateCase& each, const std::string& json) const {
    if (!CountsExactly(each)) {
      EXPECT_GT(NumberAt(json, "usage.prompt_tokens"), cast_.totals().prompt_tokens);
    } else {
      EXPECT_EQ(NumberAt(json, "usage.prompt_tokens"), cast_.totals().prompt_tokens);
      EXPECT_NEAR(NumberAt(json, "moerge.aggregate.cost_usd"), cast_.totals().cost_usd, 1e-9);
    }
    EXPECT_EQ(NumberAt(json, "usage.completion_tokens"), cast_.totals().completion_tokens);
    EXPECT_EQ(NumberAt(json, "usage.total_tokens"),
              NumberAt(json, "usage.prompt_tokens") + NumberAt(json, "usage.completion_tokens"));
    EXPECT_EQ(NumberAt(json, "moerge.aggregate.calls"), each.calls);
    EXPECT_EQ(JsonAt(json, "moerge.aggregate.name"), each.name);
  }

  Cast cast_;
};

TEST_F(AggregatesOverHttp, TheAnswerComesWithWhatItTook) {
  const TestServer server(cast_.Config(AggregatePolicies()));
  for (const AggregateCase& each : kAggregateCases) {
    SCOPED_TRACE(each.name);
    Begin(each, &cast_);
    const HttpReply reply = server.Chat(ModelOf(each), cast_.Prompt());
    ASSERT_EQ(reply.status, 200) << reply.raw;
    EXPECT_EQ(reply.At("choices.0.message.content"), each.content);
    EXPECT_EQ(reply.At("model"), each.expert);
    EXPECT_EQ(reply.Header("x-moerge-expert"), each.expert);
    EXPECT_EQ(reply.Header("x-moerge-policy"), each.name);
    EXPECT_EQ(reply.At("moerge.aggregate.failed"), "[]");
    EXPECT_EQ(reply.At("moerge.aggregate.limit"), "null");
    ExpectTotals(each, reply.body);
  }
}

TEST_F(AggregatesOverHttp, AStreamIsTheSameAndReportsTheSame) {
  const TestServer server(cast_.Config(AggregatePolicies()));
  for (const AggregateCase& each : kAggregateCases) {
    SCOPED_TRACE(each.name);
    Begin(each, &cast_);
    const HttpReply reply =
        server.Chat(ModelOf(each), cast_.Prompt(),
                    R"("stream": true, "stream_options": {"include_usage": true})");
    ASSERT_EQ(reply.status, 200) << reply.raw;
    EXPECT_EQ(ContentOf(reply), each.content) << reply.raw;
    EXPECT_EQ(JsonAt(reply.Events().front(), "model"), each.expert);
    EXPECT_EQ(JsonAt(reply.Events().front(), "moerge.aggregate.name"), each.name);
    EXPECT_EQ(reply.Events().back(), "[DONE]");
    ExpectTotals(each, UsageEventOf(reply));
  }
}

TEST_F(AggregatesOverHttp, ProgressComesInItsOwnEventsWhereAskedFor) {
  const TestServer server(cast_.Config(AggregatePolicies()));
  for (const AggregateCase& each : kAggregateCases) {
    SCOPED_TRACE(each.name);
    Begin(each, &cast_);
    const HttpReply reply = server.Chat(ModelOf(each), cast_.Prompt(),
                                        R"("stream": true, "moerge": {"progress": true})");
    ASSERT_EQ(reply.status, 200) << reply.raw;
    EXPECT_EQ(ContentOf(reply), each.content);
    std::vector<std::string> asked;
    std::vector<std::string> answered;
    for (const std::string& event : reply.Events()) {
      if (event.find("moerge.progress") == event.npos) continue;
      EXPECT_EQ(JsonAt(event, "choices"), "[]");
      EXPECT_NE(reply.body.find("event: moerge\ndata: " + event), std::string::npos);
      const bool begun = JsonAt(event, "moerge.event") == "asked";
      EXPECT_EQ(JsonAt(event, "moerge.event"), begun ? "asked" : "answered") << event;
      (begun ? asked : answered)
          .push_back(JsonAt(event, "moerge.expert") + ":" + JsonAt(event, "moerge.role"));
    }
    // The winner of a race streams from its first word on: nothing is told in between.
    EXPECT_EQ(Sorted(answered), CountsExactly(each) ? each.answers : "");
    EXPECT_GE(asked.size(), answered.size());
  }
}

TEST_F(AggregatesOverHttp, ClientsThatDoNotAskForProgressGetNone) {
  const TestServer server(cast_.Config(AggregatePolicies()));
  const HttpReply reply = server.Chat("moerge/synthesize", cast_.Prompt(), R"("stream": true)");
  EXPECT_EQ(reply.raw.find("event: moerge"), std::string::npos) << reply.raw;
  EXPECT_EQ(reply.raw.find("moerge.progress"), std::string::npos);
}

TEST_F(AggregatesOverHttp, TheDecisionKeepsEveryAnswerAndVerdict) {
  const TestServer server(cast_.Config(AggregatePolicies()));
  for (const AggregateCase& each : kAggregateCases) {
    SCOPED_TRACE(each.name);
    Begin(each, &cast_);
    const HttpReply reply = server.Chat(ModelOf(each), cast_.Prompt());
    const HttpReply kept = KeptDecision(server, reply.At("moerge.decision"));
    EXPECT_EQ(kept.At("aggregate"), each.name);
    EXPECT_EQ(kept.At("outcome"), "ok");
    EXPECT_EQ(kept.At("expert"), each.expert);
    EXPECT_EQ(Roles(kept.body, "answers"), each.answers);
    EXPECT_NE(kept.body.find("I say: the answer is (B)."), std::string::npos) << kept.body;
    EXPECT_EQ(kept.At("usage.prompt_tokens"), reply.At("usage.prompt_tokens"));
    EXPECT_EQ(NumberAt(kept.body, "cost_usd"), NumberAt(reply.body, "moerge.aggregate.cost_usd"));
  }
}

// No expert's words in what is kept, which still tells equal answers from others.
void ExpectHashes(const std::string& decision) {
  EXPECT_EQ(decision.find("I say"), std::string::npos) << decision;
  EXPECT_EQ(decision.find("Merged"), std::string::npos) << decision;
  EXPECT_EQ(JsonAt(decision, "answers.0.text").size(), 16) << decision;
  EXPECT_EQ(JsonAt(decision, "answers.0.answer").size(), 16) << decision;
}

TEST_F(AggregatesOverHttp, APolicyMayKeepHashesOnly) {
  const TestServer server(cast_.Config(AggregatePolicies(", answers.keep: hash")));
  for (const AggregateCase& each : kAggregateCases) {
    SCOPED_TRACE(each.name);
    Begin(each, &cast_);
    const HttpReply reply = server.Chat(ModelOf(each), cast_.Prompt());
    const HttpReply kept = KeptDecision(server, reply.At("moerge.decision"));
    EXPECT_EQ(Roles(kept.body, "answers"), each.answers);
    EXPECT_NE(kept.body.find("Which is a prime?"), std::string::npos) << "the request is kept";
    ExpectHashes(kept.body);
  }
}

TEST_F(AggregatesOverHttp, AServerThatKeepsNoTextKeepsHashesOnly) {
  const TestServer server(
      cast_.Config(AggregatePolicies(), "{url: memory, decisions: {keep_text: false}}"));
  for (const AggregateCase& each : kAggregateCases) {
    SCOPED_TRACE(each.name);
    Begin(each, &cast_);
    const HttpReply reply = server.Chat(ModelOf(each), cast_.Prompt());
    const HttpReply kept = KeptDecision(server, reply.At("moerge.decision"));
    EXPECT_EQ(Roles(kept.body, "answers"), each.answers);
    EXPECT_EQ(kept.body.find("Which is a prime?"), std::string::npos);
    ExpectHashes(kept.body);
  }
}

TEST_F(AggregatesOverHttp, TheSameAnswerFromAllIsTheAnswer) {
  const TestServer server(cast_.Config(AggregatePolicies()));
  for (const AggregateCase& each : kAggregateCases) {
    SCOPED_TRACE(each.name);
    Begin(each, &cast_);
    for (const char* name : {"a", "b", "c"}) cast_.Says(name, "", "It is 7: (B).");
    const HttpReply reply = server.Chat(ModelOf(each), cast_.Prompt());
    ASSERT_EQ(reply.status, 200) << reply.raw;
    EXPECT_NE(reply.At("choices.0.message.content").find("(B)."), std::string::npos);
  }
}

TEST_F(AggregatesOverHttp, TwoThatAgreeDoNotDebate) {
  const TestServer server(cast_.Config(AggregatePolicies()));
  cast_.Says("a", "", "B");
  const HttpReply reply = server.Chat("moerge/debate", cast_.Prompt());
  EXPECT_EQ(reply.At("moerge.aggregate.calls"), "2");
  EXPECT_EQ(cast_.AskedFor(), "a:answer b:answer");
}

TEST_F(AggregatesOverHttp, EveryAggregateIsThereWithoutAPolicyInTheConfiguration) {
  const TestServer server(cast_.Config(""));
  const std::string models = server.Get("/v1/models").body;
  for (const char* name : {"vote", "best_of", "synthesize", "panel", "debate", "layers", "cascade",
                           "race", "refine", "consult"}) {
    SCOPED_TRACE(name);
    const std::string model = std::string("moerge/") + name;
    EXPECT_NE(models.find("\"id\":\"" + model + "\""), std::string::npos) << models;
    const HttpReply reply = server.Chat(model, cast_.Prompt());
    ASSERT_EQ(reply.status, 200) << reply.raw;
    EXPECT_EQ(reply.At("moerge.aggregate.name"), name);
    EXPECT_NE(reply.At("choices.0.message.content"), "");
  }
}

}  // namespace
}  // namespace moerge::test
