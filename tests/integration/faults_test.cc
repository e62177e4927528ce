// Experts that fail in every way that services/replay/faults.h knows, and what the client sees of
// it.
#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <set>
#include <thread>

#include "adapters/breaker.h"
#include "tests/integration/harness.h"
#include "tests/integration/scripted_model.h"

namespace moerge::test {
namespace {

std::string Pair(const ReplayServer& faulty, const ReplayServer& sound, const char* limits) {
  return "store: \"memory:\"\nbackends:\n  - {name: faulty, base_url: \"" + UrlOf(faulty) + "\", " +
         limits + "}\n  - {name: sound, base_url: \"" + UrlOf(sound) +
         "\"}\nexperts:\n"
         "  - {name: first, backend: faulty, model: ada, skills: {general: 0.9}}\n"
         "  - {name: second, backend: sound, model: ada, skills: {general: 0.4}}\n" +
         kSmallSkills;
}

struct FaultCase {
  const char* name;
  FaultRates rates;
  int status = 500;
};
void PrintTo(const FaultCase& fault, std::ostream* out) { *out << fault.name; }

class EachFault : public ::testing::TestWithParam<FaultCase> {
 protected:
  static ReplayOptions Options() {
    ReplayOptions options;
    options.faults = GetParam().rates;
    options.error_status = GetParam().status;
    return options;
  }

  std::unique_ptr<ReplayServer> faulty_ = StartReplay(Options());
  std::unique_ptr<ReplayServer> sound_ = StartReplay();
  TestServer server_{Pair(*faulty_, *sound_, "retries: 0, idle_timeout: 1s")};
  const std::string prompt_ = RecordedPrompt("algebra-1");
  const std::string answer_ = RecordedReply("algebra-1", "ada");
};

TEST_P(EachFault, TheNextExpertAnswersAndTheDecisionShowsTheFailure) {
  const HttpReply reply = server_.Chat("auto", prompt_, R"("moerge": {"explain": true})");
  ASSERT_EQ(reply.status, 200) << reply.raw;
  EXPECT_EQ(reply.At("choices.0.message.content"), answer_);
  EXPECT_EQ(reply.Header("x-moerge-expert"), "second");
  EXPECT_EQ(reply.Header("x-moerge-attempts"), "2");
  const std::string attempts = "moerge.explanation.attempts.";
  EXPECT_EQ(reply.At(attempts + "0.expert"), "first");
  EXPECT_EQ(reply.At(attempts + "0.outcome"), "failed");
  EXPECT_NE(reply.At(attempts + "0.error"), "null");
  EXPECT_EQ(reply.At(attempts + "1.outcome"), "ok");
}

TEST_P(EachFault, AStreamIsWholeOrEndsWithAnErrorAndNoDone) {
  const HttpReply reply = server_.Chat("auto", prompt_, R"("stream": true)");
  ASSERT_EQ(reply.status, 200) << reply.raw;
  const std::vector<std::string> events = reply.Events();
  ASSERT_FALSE(events.empty());
  const bool begun = GetParam().rates.cut > 0 || GetParam().rates.stall > 0;
  if (!begun) {
    EXPECT_EQ(events.back(), "[DONE]");
    EXPECT_EQ(JsonAt(events.front(), "moerge.expert"), "second");
    return;
  }
  EXPECT_EQ(JsonAt(events.front(), "moerge.expert"), "first");
  EXPECT_NE(JsonAt(events.back(), "error.message"), "(absent)") << events.back();
  EXPECT_EQ(reply.body.find("[DONE]"), std::string::npos);
  EXPECT_EQ(reply.body.find(R"("finish_reason":"stop")"), std::string::npos);
}

TEST_P(EachFault, WithoutAFallbackTheErrorIsTyped) {
  const HttpReply reply = server_.Chat("first", prompt_);
  EXPECT_GE(reply.status, 429) << reply.raw;
  EXPECT_NE(reply.At("error.type"), "(absent)");
  EXPECT_EQ(reply.body.find("127.0.0.1:" + std::to_string(faulty_->port())), std::string::npos)
      << "the backend's address is not the client's business: " << reply.body;
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, EachFault,
    ::testing::Values(FaultCase{"Error", {.error = 1}, 500}, FaultCase{"Busy", {.error = 1}, 503},
                      FaultCase{"Limited", {.error = 1}, 429}, FaultCase{"Refuse", {.refuse = 1}},
                      FaultCase{"Cut", {.cut = 1}}, FaultCase{"Stall", {.stall = 1}},
                      FaultCase{"Malformed", {.malformed = 1}}),
    [](const auto& info) { return std::string(info.param.name); });

// Two doors to the same garbage, so that neither's breaker, which opens at five, hides a kind.
TEST(Faults, EveryKindOfGarbageIsAFailedAttempt) {
  ReplayOptions garbage;
  garbage.faults.malformed = 1;
  const auto faulty = StartReplay(garbage);
  const auto sound = StartReplay();
  const std::string url = UrlOf(*faulty) + "\", retries: 0, idle_timeout: 300ms}\n";
  const TestServer server(
      "store: \"memory:\"\nbackends:\n  - {name: left, base_url: \"" + url +
      "  - {name: right, base_url: \"" + url + "  - {name: sound, base_url: \"" + UrlOf(*sound) +
      "\"}\nexperts:\n"
      "  - {name: left, backend: left, model: ada, skills: {general: 0.9}}\n"
      "  - {name: right, backend: right, model: ada, skills: {general: 0.9}}\n"
      "  - {name: sound, backend: sound, model: ada, skills: {general: 0.4}}\n" +
      kSmallSkills);
  for (int kind = 0; kind < 8; ++kind) {
    const std::string door = kind % 2 == 0 ? "left" : "right";
    const std::string more =
        R"("moerge": {"explain": true, "experts": [")" + door + R"(", "sound"]})";
    const HttpReply reply = server.Chat("auto", RecordedPrompt("algebra-1"), more);
    ASSERT_EQ(reply.status, 200) << kind << reply.raw.substr(0, 500);
    EXPECT_EQ(reply.At("moerge.expert"), "sound") << kind;
    EXPECT_EQ(reply.At("moerge.explanation.attempts.0.expert"), door) << kind;
    EXPECT_EQ(reply.At("moerge.explanation.attempts.0.outcome"), "failed") << kind;
  }
  EXPECT_EQ(faulty->requests(), 8u);
}

TEST(Faults, AModelThatItsBackendDoesNotKnowIsNotTheClientsMistake) {
  const auto replay = StartReplay();
  const TestServer server("store: \"memory:\"\nbackends: [{name: b, base_url: \"" + UrlOf(*replay) +
                          "\"}]\nexperts: [{name: e, backend: b, model: gone}]\n" + kSmallSkills);
  const HttpReply reply = server.Chat("e", RecordedPrompt("algebra-1"));
  EXPECT_EQ(reply.status, 502) << reply.raw;
  EXPECT_EQ(reply.At("error.type"), "upstream_error");
}

TEST(Faults, AnExpertThatKeepsFailingIsLeftAlone) {
  ReplayOptions errors;
  errors.faults.error = 1;
  const auto faulty = StartReplay(errors);
  const auto sound = StartReplay();
  const TestServer server(Pair(*faulty, *sound, "retries: 0"));
  for (int i = 0; i < 12; ++i) {
    EXPECT_EQ(server.Chat("auto", RecordedPrompt("algebra-1")).status, 200);
  }
  // Five open its breaker; a slow machine may fit trial calls in.
  EXPECT_LT(faulty->requests(), 12u);
}

TEST(Faults, AFailingExpertIsAskedWhereThereIsNoOther) {
  ReplayOptions errors;
  errors.faults.error = 1;
  const auto faulty = StartReplay(errors);
  const TestServer server("store: \"memory:\"\nbackends: [{name: b, base_url: \"" + UrlOf(*faulty) +
                          "\", retries: 0}]\nexperts: [{name: e, backend: b, model: ada, skills: "
                          "{general: 0.9}}]\n" +
                          kSmallSkills);
  constexpr std::uint64_t kRequests = 12;
  for (std::uint64_t i = 0; i < kRequests; ++i) {
    EXPECT_GE(server.Chat("auto", RecordedPrompt("algebra-1")).status, 500);
  }
  EXPECT_EQ(faulty->requests(), kRequests);
}

TEST(Faults, RetriesOnTheSameExpertComeBeforeFallbacks) {
  ReplayOptions errors;
  errors.faults.error = 1;
  const auto faulty = StartReplay(errors);
  const auto sound = StartReplay();
  const TestServer server(Pair(*faulty, *sound, "retries: 2"));
  const HttpReply reply =
      server.Chat("auto", RecordedPrompt("algebra-1"), R"("moerge": {"explain": true})");
  EXPECT_EQ(reply.Header("x-moerge-attempts"), "4");
  EXPECT_EQ(reply.At("moerge.explanation.attempts.2.retry"), "2");
  EXPECT_EQ(reply.At("moerge.explanation.attempts.3.expert"), "second");
  EXPECT_EQ(faulty->requests(), 3u);
}

// Two models at one backend: "first" is asked for by preference, "second" is the next best, and
// both are behind one door.
struct BrokenModel : ::testing::Test {
  std::optional<std::string> Answer(const std::string& request) {
    const bool is_broken = JsonAt(BodyIn(request), "model") == "broken";
    ++(is_broken ? asked_broken : asked_sound);
    return is_broken && broken ? Failing(500) : Completion("fine");
  }
  // Of a request, which is answered.
  HttpReply Ask(const char* model = "auto") const {
    HttpReply reply = server.Chat(model, "What is algebra?", R"("moerge": {"explain": true})");
    EXPECT_EQ(reply.status, 200) << reply.raw;
    return reply;
  }
  bool IsAvoided(const char* expert) const {
    return server.Get(std::string("/api/v1/experts/") + expert).At("condition.avoided") == "true";
  }

  std::atomic<bool> broken = true;
  std::atomic<int> asked_broken = 0;
  std::atomic<int> asked_sound = 0;
  const ScriptedModel gpu{[this](const std::string& request) { return Answer(request); }};
  const TestServer server{
      "store: \"memory:\"\nbackends: [{name: gpu, retries: 2, base_url: \"" + gpu.Url() +
      "\"}]\nexperts:\n"
      "  - {name: first, backend: gpu, model: broken, skills: {general: 0.9}}\n"
      "  - {name: second, backend: gpu, model: sound, skills: {general: 0.4}}\n" +
      kSmallSkills};
};

TEST_F(BrokenModel, IsLeftAloneAfterItsBreakerOpensAndItsNeighbourNeverIs) {
  for (int i = 0; i < Breaker::kLeastOutcomes; ++i) {
    EXPECT_FALSE(IsAvoided("first")) << i;
    EXPECT_EQ(Ask().Header("x-moerge-expert"), "second");
  }
  ASSERT_TRUE(IsAvoided("first"));
  EXPECT_FALSE(IsAvoided("second"));
  const HttpReply expert = server.Get("/api/v1/experts/first");
  EXPECT_EQ(expert.At("condition.whole_backend"), "false");
  EXPECT_NE(expert.At("condition.reason").find("500"), std::string::npos) << expert.body;
  EXPECT_NE(expert.At("condition.for_seconds"), "(absent)");
  const HttpReply backend = server.Get("/api/v1/backends/gpu");
  EXPECT_EQ(backend.At("condition.avoided"), "false");
  EXPECT_EQ(backend.At("condition.models.0.model"), "broken") << backend.body;
  EXPECT_EQ(backend.At("condition.models.1"), "(absent)");
  EXPECT_EQ(server.Metric("moerge_backend_breaker_open{backend=\"gpu\"}"), 0);
  EXPECT_EQ(server.Metric("moerge_backend_model_breaker_open{backend=\"gpu\",model=\"broken\"}"),
            1);

  // Those that find out whether it is well again are nobody's attempts.
  for (int i = 0; i < 30; ++i) {
    const HttpReply reply = Ask();
    EXPECT_EQ(reply.Header("x-moerge-expert"), "second") << i;
    EXPECT_EQ(reply.Header("x-moerge-attempts"), "1") << i << reply.body;
    EXPECT_EQ(Ask("second").Header("x-moerge-attempts"), "1") << i;
  }
  EXPECT_FALSE(IsAvoided("second"));
  EXPECT_GE(server.Chat("first", "What is algebra?").status, 500)
      << "who asks for it by name gets it";

  broken = false;
  while (IsAvoided("first")) Ask();
  EXPECT_EQ(Ask().Header("x-moerge-expert"), "first");
  EXPECT_EQ(server.Get("/api/v1/backends/gpu").At("condition.models"), "[]");
  EXPECT_EQ(server.Metric("moerge_backend_model_breaker_open{backend=\"gpu\",model=\"broken\"}"),
            0);
}

// Requests from several threads, each on a connection of its own.
template <class Send>
void FromThreads(int threads, int count, const Send& send) {
  std::atomic<int> next{0};
  std::vector<std::jthread> workers;
  for (int i = 0; i < threads; ++i) {
    workers.emplace_back([&] {
      for (int n = next++; n < count; n = next++) send(n);
    });
  }
}

ReplayOptions AQuarterOfMixedFaults() {
  ReplayOptions mixed;
  mixed.faults = {.error = 0.05, .refuse = 0.05, .cut = 0.05, .stall = 0.05, .malformed = 0.05};
  return mixed;
}

TEST(Faults, NoRequestIsLostUnderAQuarterOfMixedFaults) {
  const auto faulty = StartReplay(AQuarterOfMixedFaults());
  const auto sound = StartReplay();
  const TestServer server(Pair(*faulty, *sound, "idle_timeout: 1s"));
  const std::string prompt = RecordedPrompt("algebra-1");
  const std::string answer = RecordedReply("algebra-1", "ada");
  std::atomic<int> right{0};
  FromThreads(16, 200, [&](int) {
    const HttpReply reply = server.Chat("auto", prompt);
    right += reply.status == 200 && reply.At("choices.0.message.content") == answer;
  });
  EXPECT_EQ(right, 200);
  EXPECT_GT(sound->requests(), 0u);
}

TEST(Faults, StreamsUnderMixedFaultsAreWholeOrSayThatTheyAreNot) {
  const auto faulty = StartReplay(AQuarterOfMixedFaults());
  const auto sound = StartReplay();
  const TestServer server(Pair(*faulty, *sound, "idle_timeout: 1s"));
  const std::string prompt = RecordedPrompt("algebra-1");
  const std::string answer = RecordedReply("algebra-1", "ada");
  std::atomic<int> whole{0};
  std::atomic<int> broken{0};
  FromThreads(16, 200, [&](int) {
    const std::vector<std::string> events =
        server.Chat("auto", prompt, R"("stream": true)").Events();
    if (events.empty()) return;
    std::string text;
    for (const std::string& event : events) {
      if (!event.starts_with("{")) continue;
      const std::string piece = JsonAt(event, "choices.0.delta.content");
      if (piece != "(absent)") text += piece;
    }
    whole += events.back() == "[DONE]" && text == answer;
    broken += JsonAt(events.back(), "error.message") != "(absent)" && events.back() != "[DONE]";
  });
  EXPECT_EQ(whole + broken, 200);
  EXPECT_GT(whole, 100);
}

}  // namespace
}  // namespace moerge::test
