// Routing by the vectors of an encoder: trained in the background, lexical while there is none.
#include <gtest/gtest.h>

#include <sstream>

#include "config/base/hash.h"
#include "tests/integration/harness.h"
#include "tests/integration/scripted_model.h"

namespace moerge::test {
namespace {

constexpr int kDimensions = 64;

enum class Mood { kWell, kHangs, kFails, kOtherDimension, kNotANumber, kNotJson };

// Counts of hashed words: texts about the same things lie close together.
std::string VectorOf(std::string_view text, int dimensions) {
  std::vector<int> counts(static_cast<std::size_t>(dimensions), 0);
  std::istringstream words{std::string(text)};
  for (std::string word; words >> word;) ++counts[Hash64(word) % counts.size()];
  counts[0] += 1;
  std::string out;
  for (const int count : counts) out += (out.empty() ? "[" : ",") + std::to_string(count);
  return out + "]";
}

std::string Embeddings(const std::string& request, int dimensions) {
  const std::string body = BodyIn(request);
  const auto document = json::Document::Parse(body);
  std::string data;
  int index = 0;
  for (const json::Value text : document->root().Find("input").children()) {
    data += std::string(data.empty() ? "" : ",") + R"({"object":"embedding","index":)" +
            std::to_string(index++) + R"(,"embedding":)" +
            VectorOf(text.AsString().value_or(""), dimensions) + "}";
  }
  return OkReply(R"({"object":"list","model":"m","data":[)" + data +
                 R"(],"usage":{"prompt_tokens":7,"total_tokens":7}})");
}

class Encoder {
 public:
  explicit Encoder(Mood mood = Mood::kWell) : mood_(mood) {}
  void Become(Mood mood) { mood_ = mood; }
  std::string Url() const { return model_.Url(); }
  int asked() const { return model_.asked(); }
  int aborted() const { return model_.aborted(); }

 private:
  std::optional<std::string> Answer(const std::string& request) const {
    switch (mood_.load()) {
      case Mood::kHangs: return std::nullopt;
      case Mood::kFails: return Failing(503);
      case Mood::kOtherDimension: return Embeddings(request, kDimensions / 2);
      case Mood::kNotANumber: return OkReply(R"({"data":[{"index":0,"embedding":[NaN, 1]}]})");
      case Mood::kNotJson: return OkReply("<html>");
      case Mood::kWell: break;
    }
    return Embeddings(request, kDimensions);
  }
  std::atomic<Mood> mood_;
  ScriptedModel model_{[this](const std::string& request) { return Answer(request); }};
};

std::string Config(const Encoder& encoder, const ReplayServer& replay,
                   const std::string& store = "\"memory:\"", const std::string& head = "logistic") {
  return "store: " + store + "\nbackends:\n  - {name: b, base_url: \"" + UrlOf(replay) +
         "\"}\n  - {name: enc, base_url: \"" + encoder.Url() +
         "\"}\nexperts:\n"
         "  - {name: ada, backend: b, model: ada, skills: {algebra: 0.9, general: 0.3}}\n"
         "  - {name: clio, backend: b, model: clio, skills: {history: 0.9, general: 0.3}}\n"
         "policies:\n  - {name: vec, classifier: embedding, options: {embedding.backend: enc, "
         "embedding.model: m, embedding.deadline_ms: 2000, embedding.head: " +
         head +
         "}}\n  - {name: hasty, classifier: embedding, options: {embedding.backend: enc, "
         "embedding.model: m, embedding.deadline_ms: 500, embedding.head: " +
         head + "}}\n" + kSmallSkills;
}

HttpReply Route(const TestServer& server, std::string_view prompt,
                std::string_view policy = "moerge/vec") {
  return server.Post("/v1/route", ChatJson(policy, prompt));
}

void AwaitHead(const TestServer& server) {
  HttpReply reply;
  const bool trained = Eventually([&] {
    reply = Route(server, "Solve the equation for x.");
    return reply.At("demand.classifier") == "embedding";
  });
  ASSERT_TRUE(trained) << reply.body;
}

class Embedding : public ::testing::Test {
 protected:
  // What a request gets while the encoder is not well.
  HttpReply RouteWhile(Mood mood, std::string_view policy = "moerge/vec") {
    AwaitHead(server_);
    encoder_.Become(mood);
    return Route(server_, RecordedPrompt("algebra-1"), policy);
  }

  std::unique_ptr<ReplayServer> replay_ = StartReplay();
  Encoder encoder_;
  TestServer server_{Config(encoder_, *replay_)};
};

TEST_F(Embedding, RoutesByTheVectorAndAsksOncePerText) {
  AwaitHead(server_);
  const HttpReply first = Route(server_, RecordedPrompt("algebra-1"));
  EXPECT_EQ(first.At("demand.classifier"), "embedding") << first.body;
  EXPECT_EQ(first.At("signals.calls.0.outcome"), "ok");
  EXPECT_EQ(first.At("signals.calls.0.prompt_tokens"), "7");
  EXPECT_EQ(first.At("signals.embedding.dimensions"), std::to_string(kDimensions));
  const int asked = encoder_.asked();
  const HttpReply again = Route(server_, RecordedPrompt("algebra-1"));
  EXPECT_EQ(again.At("signals.calls.0.outcome"), "cached");
  EXPECT_EQ(again.At("demand.skills"), first.At("demand.skills"));
  EXPECT_EQ(encoder_.asked(), asked);
}

TEST_F(Embedding, APolicyThatWantsNothingAsksNothing) {
  AwaitHead(server_);
  const int asked = encoder_.asked();
  EXPECT_EQ(Route(server_, "Who ruled Rome?", "auto").At("signals"), "null");
  const HttpReply dry = server_.Post(
      "/v1/route", ChatJson("moerge/vec", "Who ruled Rome?", R"("moerge": {"signals": false})"));
  EXPECT_EQ(dry.At("demand.classifier"), "lexical");
  EXPECT_NE(dry.At("demand.notes").find("nothing was asked"), std::string::npos);
  const HttpReply named = server_.Post(
      "/v1/route", ChatJson("moerge/vec", "Who?", R"("moerge": {"skills": ["history"]})"));
  EXPECT_EQ(named.At("demand.classifier"), "client");
  EXPECT_EQ(encoder_.asked(), asked);
}

TEST_F(Embedding, AReplayReadsTheVectorOfThen) {
  AwaitHead(server_);
  const HttpReply then =
      server_.Chat("moerge/vec", RecordedPrompt("algebra-1"), R"("moerge": {"explain": true})");
  encoder_.Become(Mood::kFails);
  HttpReply replay;
  ASSERT_TRUE(Eventually([&] {
    replay = server_.Post("/api/v1/decisions/" + then.At("moerge.decision") + "/replay", "");
    return replay.status == 200;
  }));
  EXPECT_EQ(replay.At("now.demand.classifier"), "embedding") << replay.body;
  EXPECT_EQ(replay.At("now.demand.skills"), then.At("moerge.explanation.demand.skills"));
}

TEST_F(Embedding, ASlowEncoderIsLeftAtTheDeadline) {
  const HttpReply reply = RouteWhile(Mood::kHangs, "moerge/hasty");
  EXPECT_EQ(reply.At("demand.classifier"), "lexical");
  EXPECT_EQ(reply.At("signals.calls.0.outcome"), "late") << reply.body;
  EXPECT_NE(reply.At("demand.notes").find("no embedding came; lexical instead"), std::string::npos);
  EXPECT_TRUE(Eventually([&] { return encoder_.aborted() == 1; }));
}

TEST_F(Embedding, AFailingEncoderCostsNothingButTheVector) {
  const HttpReply reply = RouteWhile(Mood::kFails);
  EXPECT_EQ(reply.At("demand.classifier"), "lexical");
  EXPECT_EQ(reply.At("signals.calls.0.outcome"), "failed");
  EXPECT_NE(reply.At("signals.notes").find("503"), std::string::npos) << reply.body;
  EXPECT_EQ(server_.Chat("moerge/vec", RecordedPrompt("history-1")).status, 200);
}

TEST_F(Embedding, AVectorOfAnotherLengthIsNotUsed) {
  const HttpReply reply = RouteWhile(Mood::kOtherDimension);
  EXPECT_EQ(reply.At("demand.classifier"), "lexical");
  EXPECT_NE(reply.At("demand.notes").find("has 32 dimensions, the head was trained on 64"),
            std::string::npos)
      << reply.body;
}

TEST_F(Embedding, WhatIsNoNumberIsNoVector) {
  EXPECT_EQ(RouteWhile(Mood::kNotANumber).At("signals.calls.0.outcome"), "failed");
  EXPECT_EQ(RouteWhile(Mood::kNotJson).At("demand.classifier"), "lexical");
}

TEST(EmbeddingTraining, SaysHowFarItIsUntilTheEncoderIsWell) {
  const auto replay = StartReplay();
  Encoder encoder(Mood::kFails);
  const TestServer server(Config(encoder, *replay));
  ASSERT_TRUE(Eventually([&] { return encoder.asked() > 0; }));
  HttpReply reply;
  EXPECT_TRUE(Eventually([&] {
    reply = Route(server, "Who ruled Rome?");
    return reply.At("demand.notes").find("0 of 20 vectors") != std::string::npos &&
           reply.At("demand.notes").find("503") != std::string::npos;
  })) << reply.body;
  EXPECT_EQ(reply.At("demand.classifier"), "lexical");
  encoder.Become(Mood::kWell);
  AwaitHead(server);
}

TEST(EmbeddingTraining, ARestartAsksForNothingThatIsInTheStore) {
  const auto replay = StartReplay();
  const TempFolder folder;
  const std::string store = "\"sqlite:" + folder.File("moerge.db") + "\"";
  Encoder encoder;
  {
    const TestServer server(Config(encoder, *replay, store));
    AwaitHead(server);
  }
  const int asked = encoder.asked();
  encoder.Become(Mood::kFails);
  const TestServer server(Config(encoder, *replay, store));
  AwaitHead(server);
  EXPECT_EQ(encoder.asked(), asked);
}

TEST(EmbeddingTraining, EveryHeadLearnsTheSkills) {
  const auto replay = StartReplay();
  for (const char* const head : {"logistic", "centroid", "knn"}) {
    Encoder encoder;
    const TestServer server(Config(encoder, *replay, "\"memory:\"", head));
    AwaitHead(server);
    const HttpReply reply = Route(server, "Which treaty ended the long war?");
    EXPECT_EQ(reply.At("demand.skills.0.skill"), "history") << head << reply.body;
  }
}

TEST(EmbeddingPolicies, NamesThatAreNowhereAreRefused) {
  const auto replay = StartReplay();
  Encoder encoder;
  const TestServer server(Config(encoder, *replay));
  const auto put = [&](const std::string& options) {
    return server.Post("/api/v1/policies",
                       R"({"name": "p", "classifier": "embedding", "options": {)" + options + "}}");
  };
  EXPECT_EQ(put(R"("embedding.backend": "encc", "embedding.model": "m")").At("error.param"),
            "options.embedding.backend");
  EXPECT_EQ(put(R"("embedding.backend": "enc")").At("error.param"), "options.embedding.model");
  const HttpReply fine = put(R"("embedding.backend": "enc", "embedding.model": "m")");
  EXPECT_EQ(fine.status / 100, 2) << fine.body;
}

}  // namespace
}  // namespace moerge::test
