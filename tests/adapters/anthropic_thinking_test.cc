// What models behind Anthropic's API take of a wish to think and of sampling values, and what
// moerge learns from those that refuse. The next refusal is one row.
#include "adapters/anthropic_refusals.h"
#include "adapters/anthropic_request.h"
#include "tests/adapters/protocol_fixture.h"
#include "tests/adapters/translation_rows.h"
#include "tests/support/strict_apis.h"

namespace moerge::test {
namespace {

using anthropic::Refusals;

constexpr const char* kNoBudget =
    R"(\"thinking.type.enabled\" is not supported for this model. Use \"thinking.type.adaptive\" and \"output_config.effort\" to control thinking behavior.)";
constexpr const char* kNoHeat = "`temperature` is deprecated for this model.";

struct LearnRow {
  const char* message;
  Refusals learnt;
};

TEST(AnthropicRefusals, SayWhatAModelTakes) {
  const LearnRow rows[] = {
      {kNoBudget, {.budget = true}},
      {"adaptive thinking is not supported on this model", {.adaptive = true}},
      {"This model does not support the effort parameter.", {.effort = true}},
      {"This model does not support effort level 'max'. Supported levels: high, low.", {}},
      {"'claude-3' does not support thinking.", {.thinking = true}},
      {kNoHeat, {.sampling = true}},
      {"top_p is not supported for this model", {.sampling = true}},
      {"`temperature` may only be set to 1 when thinking is enabled or in adaptive mode", {}},
      {"`temperature` and `top_p` cannot both be specified for this model", {}},
      {"messages: roles must alternate", {}},
  };
  for (const LearnRow& row : rows) {
    Refusals refusals;
    EXPECT_EQ(anthropic::Learn(row.message, &refusals), row.learnt != Refusals()) << row.message;
    EXPECT_EQ(refusals, row.learnt) << row.message;
    EXPECT_FALSE(anthropic::Learn(row.message, &refusals)) << row.message;
    Refusals all{true, true, true, true, true};
    EXPECT_FALSE(anthropic::Learn(row.message, &all)) << row.message;
  }
}

struct ThinkRow {
  Refusals refused;
  TranslationRow row;
};

std::vector<ThinkRow> ThinkRows() {
  const char* adaptive = R"("thinking":{"type":"adaptive"})";
  const Refusals no_budget{.budget = true};
  return {
      {{}, {"the client's own adaptive", Hi(adaptive), adaptive, "enabled"}},
      {{},
       {"with what stands in it", Hi(R"("thinking":{"type":"adaptive","display":"summarized"})"),
        R"("thinking":{"type":"adaptive","display":"summarized"})", "output_config"}},
      {{},
       {"with an effort", Hi(std::string(adaptive) + R"(,"reasoning_effort":"low")"),
        R"("thinking":{"type":"adaptive"},"output_config":{"effort":"low"})"}},
      {{},
       {"with the API's own effort",
        Hi(std::string(adaptive) + R"(,"reasoning_effort":"low","output_config":{"effort":"max"})"),
        R"("output_config":{"effort":"max"})", "low"}},
      {{},
       {"an effort alone, in the API's words", Hi(R"("output_config":{"effort":"low"})"),
        R"("output_config":{"effort":"low"})", "\"thinking\""}},
      {{},
       {"adaptive, and the sampling", Hi(std::string(adaptive) + R"(,"temperature":0.2)"), adaptive,
        "temperature", "`temperature`"}},
      {{},
       {"adaptive, and a forced tool",
        Hi(std::string(kTool) + R"(,"tool_choice":"required",)" + adaptive), "any", "\"thinking\"",
        "insisted on"}},
      {{},
       {"disabled", Hi(R"("thinking":{"type":"disabled"},"temperature":0.2)"),
        R"("temperature":0.2,"thinking":{"type":"disabled"})"}},
      {{}, {"an effort", Hi(R"("reasoning_effort":"high")"), R"("type":"enabled")", "adaptive"}},
      {{},
       {"an effort that nobody knows", Hi(R"("reasoning_effort":"banana")"),
        R"("budget_tokens":4096)", "", "`banana`"}},
      {{},
       {"a budget above the limit that nobody set",
        Hi(R"("thinking":{"type":"enabled","budget_tokens":10000})"), R"("max_tokens":18192)"}},
      {{},
       {"a budget beyond all limits",
        Hi(R"("thinking":{"type":"enabled","budget_tokens":9223372036854775807})"), "",
        "\"thinking\"", "not asked to think"}},
      {{},
       {"a budget above the client's limit",
        Hi(R"("max_tokens":8000,"thinking":{"type":"enabled","budget_tokens":10000})"),
        R"("max_tokens":8000)", "\"thinking\"", "not asked to think"}},
      {{},
       {"a budget above the expert's limit",
        Hi(R"("thinking":{"type":"enabled","budget_tokens":10000})"), R"("max_tokens":4096)",
        "\"thinking\"", "not asked to think", "", 0, 4096}},
      {no_budget,
       {"an effort without a budget", Hi(R"("reasoning_effort":"high")"),
        R"("thinking":{"type":"adaptive","display":"summarized"},"output_config":{"effort":"high"})"}},
      {no_budget,
       {"a wish without an effort", Hi(R"("enable_thinking":true)"), R"("type":"adaptive")",
        "output_config"}},
      {no_budget,
       {"a budget where none is taken", Hi(R"("thinking":{"type":"enabled","budget_tokens":2000})"),
        R"("type":"adaptive")", "2000", "`budget_tokens`"}},
      {no_budget, {"no effort", Hi(R"("reasoning_effort":"none")"), "", "thinking"}},
      {{.adaptive = true},
       {"adaptive where it is not taken", Hi(adaptive), R"("budget_tokens":4096)", "adaptive",
        "`adaptive`"}},
      {{.budget = true, .effort = true},
       {"no effort taken", Hi(R"("reasoning_effort":"high")"), R"("type":"adaptive")",
        "output_config", "`effort`"}},
      {{.budget = true, .adaptive = true},
       {"no way to think", Hi(adaptive), "", "\"thinking\"", "it cannot"}},
      {{.thinking = true}, {"no thinking", Hi(adaptive), "", "\"thinking\"", "it cannot"}},
      {{.sampling = true},
       {"no sampling", Hi(R"("temperature":0.7,"top_k":5)"), "", "temperature", "`temperature`"}},
      {{.sampling = true},
       {"no sampling, values that say nothing", Hi(R"("temperature":1,"top_p":1)"), "",
        "temperature"}},
  };
}

Refusals now_refused;

TEST(AnthropicThinking, IsSaidAsTheModelTakesIt) {
  for (const ThinkRow& row : ThinkRows()) {
    now_refused = row.refused;
    const Translate translate = [](const json::Value& request, const Expert& expert, bool stream) {
      return ToAnthropicRequest(request, expert, stream, now_refused);
    };
    CheckTranslation(row.row, translate, RefusedByAnthropic);
  }
}

struct AskedAgainRow {
  const char* name;
  std::string more;       // of the request
  std::string refused;    // what the model refuses if it stands in the request
  const char* message;    // saying so
  std::size_t notes = 0;  // of the answer's
};

class AnthropicRefusal : public ProtocolFixture {};

// A model that refuses how a thing is said is asked again in the other way; the next time at once.
TEST_F(AnthropicRefusal, CostsNoAnswer) {
  const AskedAgainRow rows[] = {
      {"an effort", R"(,"reasoning_effort":"high","temperature":0.2)", "\"enabled\"", kNoBudget, 1},
      {"heat", R"(,"temperature":0.2)", "\"temperature\"", kNoHeat, 1},
      {"the other knob", R"(,"top_p":0.2)", "\"top_p\"", "top_p is not supported", 1},
      {"adaptive", R"(,"thinking":{"type":"adaptive"})", "\"adaptive\"",
       "adaptive thinking is not supported on this model", 1},
  };
  const std::string answer = OkReply(
      R"({"id":"m1","type":"message","model":"m","content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn","usage":{"input_tokens":9,"output_tokens":4}})");
  for (const AskedAgainRow& row : rows) {
    SCOPED_TRACE(row.name);
    int asked = 0;
    const std::string error =
        R"({"type":"error","error":{"type":"invalid_request_error","message":")" +
        std::string(row.message) + "\"}}";
    const std::string refusal =
        "HTTP/1.1 400 Bad Request\r\nContent-Length: " + std::to_string(error.size()) + "\r\n\r\n" +
        error;
    RawServer server([&](RawPeer& peer) {
      for (std::string request = peer.ReadRequest(); !request.empty();
           request = peer.ReadRequest()) {
        ++asked;
        const bool refused = request.find(row.refused) != request.npos;
        if (!peer.Send(refused ? refusal : answer)) return;
      }
    });
    const ChatCall call = CallTo(server, Protocol::kAnthropic, row.more);
    for (const int so_far : {2, 3}) {
      notes_ = {};
      const auto reply = RunTask(client_->Chat(call, CallScope()));
      ASSERT_TRUE(reply.ok()) << reply.error().message;
      EXPECT_EQ(asked, so_far);
      EXPECT_EQ(notes_.told.size(), row.notes) << Join(notes_.told, "; ");
    }
    ChunkKeeper keeper;
    EXPECT_TRUE(RunTask(client_->Stream(call, keeper, CallScope())).ok());
    EXPECT_EQ(asked, 4);
  }
}

}  // namespace
}  // namespace moerge::test
