// What clients send (tests/data/clients.jsonl) is answered by an expert of every protocol; those
// that are not OpenAI's are strict.
#include <gtest/gtest.h>

#include "tests/integration/harness.h"
#include "tests/integration/scripted_model.h"
#include "tests/support/client_shapes.h"
#include "tests/support/strict_apis.h"

namespace moerge::test {
namespace {

constexpr const char* kClaude =
    R"({"id":"c","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"Fine."}],"stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":2}})";
constexpr const char* kLlama =
    R"({"model":"m","message":{"role":"assistant","content":"Fine."},"done":true,"done_reason":"stop","prompt_eval_count":3,"eval_count":2})";

std::string Refusal(const std::string& why) {
  std::string body = R"({"error":{"message":)";
  json::AppendQuoted("the stand-in: " + why, &body);
  return Failing(400, body + "}}");
}

std::string AnswerAsClaude(const std::string& request) {
  const std::string why = RefusedByAnthropic(BodyIn(request));
  return why.empty() ? OkReply(kClaude) : Refusal(why);
}
std::string AnswerAsLlama(const std::string& request) {
  const std::string why = RefusedByOllama(BodyIn(request));
  return why.empty() ? OkReply(kLlama) : Refusal(why);
}

class ClientShapesOverHttp : public ::testing::Test {
 protected:
  ClientShapesOverHttp()
      : openai_([](const std::string&) { return Completion("Fine."); }),
        claude_(AnswerAsClaude),
        llama_(AnswerAsLlama) {}

  static std::string Base(const ScriptedModel& model) {
    const std::string url = model.Url();
    return url.substr(0, url.size() - std::string_view("/v1").size());
  }

  ScriptedModel openai_;
  ScriptedModel claude_;
  ScriptedModel llama_;
};

TEST_F(ClientShapesOverHttp, AreAnsweredByExpertsOfEveryProtocol) {
  const TestServer server(
      std::string("store: \"memory:\"\nbackends:\n") + "  - {name: o, base_url: \"" +
      openai_.Url() + "\"}\n" + "  - {name: c, protocol: anthropic, base_url: \"" + Base(claude_) +
      "\"}\n  - {name: l, protocol: ollama, base_url: \"" + Base(llama_) + "\"}\nexperts:\n" +
      "  - {name: openai, backend: o, model: m, vision: true, skills: {general: 0.5}}\n" +
      "  - {name: anthropic, backend: c, model: m, vision: true}\n" +
      "  - {name: ollama, backend: l, model: m, vision: true}\n" + kSmallSkills);
  for (const ClientShape& shape : ClientShapes()) {
    for (const char* protocol : {"openai", "anthropic", "ollama"}) {
      if (!shape.Fits(protocol)) continue;
      const HttpReply reply = server.Post("/v1/chat/completions", shape.Body(protocol));
      EXPECT_EQ(reply.status, 200) << shape.client << " to " << protocol << ": " << reply.body;
      EXPECT_NE(reply.body.find("Fine."), std::string::npos) << reply.body;
    }
    const HttpReply routed = server.Post("/v1/chat/completions", shape.Body("auto"));
    EXPECT_EQ(routed.status, 200) << shape.client << ": " << routed.body;
  }
}

}  // namespace
}  // namespace moerge::test
