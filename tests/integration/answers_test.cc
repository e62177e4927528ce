// What experts say reaches the client as it should: errors with their codes, failures that look
// like answers, prompts that are too long, what a translation left out, who counts the tokens.
#include <gtest/gtest.h>

#include "adapters/unpacker.h"
#include "tests/integration/harness.h"
#include "tests/integration/scripted_model.h"
#include "tests/support/compressed.h"

namespace moerge::test {
namespace {

std::string Sse(const std::vector<std::string>& events) {
  std::string out = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
  for (const std::string& event : events) out += "data: " + event + "\n\n";
  return out;
}

constexpr const char* kRole =
    R"({"id":"c","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]})";
constexpr const char* kText =
    R"({"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"from b"},"finish_reason":"stop"}]})";
constexpr const char* kHalf =
    R"({"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"half"},"finish_reason":null}]})";
constexpr const char* kCount =
    R"({"id":"c","model":"m","choices":[],"usage":{"prompt_tokens":12,"completion_tokens":2010,"total_tokens":2022}})";
constexpr const char* kOutOfMemory = R"({"error":{"message":"CUDA out of memory"}})";
constexpr const char* kTooLong =
    R"({"error":{"message":"maximum context length is 1000 tokens","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}})";

ScriptedModel::Answer Saying(std::string reply) {
  return [reply](const std::string&) { return reply; };
}

// Experts a, b and c behind one model each, the first the best.
std::string Three(const ScriptedModel& a, const ScriptedModel& b, const ScriptedModel& c,
                  const char* of_a = "", const char* of_b = "", const char* of_c = "",
                  const char* protocol = "openai") {
  return "store: \"memory:\"\nbackends:\n  - {name: a, protocol: " + std::string(protocol) +
         ", retries: 0, base_url: \"" + a.Url() + "\"}\n  - {name: b, retries: 0, base_url: \"" +
         b.Url() + "\"}\n  - {name: c, retries: 0, base_url: \"" + c.Url() +
         "\"}\nexperts:\n  - {name: a, backend: a, model: m, skills: {general: 0.9}" + of_a +
         "}\n  - {name: b, backend: b, model: m, skills: {general: 0.3}" + of_b +
         "}\n  - {name: c, backend: c, model: m, skills: {general: 0.6}" + of_c + "}\n" +
         kSmallSkills;
}

TEST(Answers, AnErrorBehindTheRoleIsAnotherExpertsToAnswer) {
  // In its own shape or another, as an event or as no part of the stream.
  const std::string failing[] = {
      Sse({kRole, kOutOfMemory}),
      Sse({kRole, R"({"detail":"out of memory"})", "[DONE]"}),
      Sse({kRole, R"({"notice":"gone"})", "[DONE]"}),
  };
  for (const std::string& bytes : failing) {
    SCOPED_TRACE(bytes);
    const ScriptedModel a(Saying(bytes));
    const ScriptedModel b(Saying(Sse({kRole, kText, "[DONE]"})));
    const TestServer server(Three(a, b, b));
    const HttpReply reply = server.Chat("auto", "Tell me.", R"("stream": true)");
    EXPECT_NE(reply.body.find("from b"), std::string::npos) << reply.raw;
    EXPECT_NE(reply.body.find("[DONE]"), std::string::npos);
    EXPECT_EQ(reply.body.find("\"error\""), std::string::npos);
  }
}

TEST(Answers, HalfOfOneEndsWithTheErrorThatTheServerSaid) {
  const ScriptedModel a(Saying(Sse({kRole, kHalf, R"({"detail":"out of memory"})", "[DONE]"})));
  const TestServer server(Three(a, a, a));
  const HttpReply reply = server.Chat("a", "Tell me.", R"("stream": true)");
  EXPECT_NE(reply.body.find("half"), std::string::npos) << reply.raw;
  EXPECT_NE(reply.body.find("out of memory"), std::string::npos) << reply.raw;
  EXPECT_EQ(reply.body.find("[DONE]"), std::string::npos) << reply.raw;
}

TEST(Answers, WhatIsMendedIsNotedInTheAttempt) {
  const ScriptedModel a(Saying(Sse({R"({"type":"ping"})", kRole, kText, "[DONE]"})));
  const TestServer server(Three(a, a, a));
  const HttpReply reply = server.Chat("a", "Tell me.", R"("moerge": {"explain": true})");
  ASSERT_EQ(reply.status, 200) << reply.raw;
  EXPECT_EQ(reply.At("choices.0.message.content"), "from b");
  const std::string note = reply.At("moerge.explanation.attempts.0.note");
  EXPECT_NE(note.find("a stream, not the whole reply"), std::string::npos) << note;
  EXPECT_NE(note.find("left out"), std::string::npos) << note;
}

TEST(Answers, TokensAreCountedByTheExpertWhoeverAsked) {
  std::atomic<bool> asked = false;
  const ScriptedModel a([&asked](const std::string& request) -> std::optional<std::string> {
    asked = request.find(R"("include_usage":true)") != request.npos;
    return Sse({kRole, kText, kCount, "[DONE]"});
  });
  const TestServer server(Three(a, a, a));
  const HttpReply reply = server.Chat("a", "Tell me.", R"("stream": true)");
  EXPECT_TRUE(asked);
  EXPECT_EQ(reply.body.find("2010"), std::string::npos) << reply.raw;
  const std::string decision = "/api/v1/decisions/" + reply.Header("x-moerge-decision");
  EXPECT_TRUE(
      Eventually([&] { return server.Get(decision).At("usage.completion_tokens") == "2010"; }));
  const HttpReply wanted =
      server.Chat("a", "Tell me.", R"("stream": true, "stream_options": {"include_usage": true})");
  EXPECT_NE(wanted.body.find("2010"), std::string::npos) << wanted.raw;
}

TEST(Answers, APromptThatIsTooLongGoesToALargerContext) {
  const ScriptedModel a(Saying(Failing(400, kTooLong)));
  const ScriptedModel b(Saying(Completion("from b")));
  const ScriptedModel c(Saying(Completion("from c")));
  const TestServer server(Three(a, b, c, "", ", context: 9000", ", context: 900"));
  const HttpReply reply = server.Chat("auto", "Tell me.", R"("moerge": {"explain": true})");
  EXPECT_EQ(reply.At("choices.0.message.content"), "from b") << reply.raw;
  EXPECT_EQ(c.asked(), 0);
  EXPECT_EQ(reply.At("moerge.explanation.attempts.1.outcome"), "skipped");
  EXPECT_EQ(server.Chat("auto", "Tell me.").status, 200);
  EXPECT_EQ(a.asked(), 1) << "learnt for next time";
  EXPECT_EQ(server.Chat("a", "Tell me.").status, 400) << "by name it is asked all the same";
  EXPECT_EQ(a.asked(), 2);
}

TEST(Answers, ErrorsKeepTheirCode) {
  const ScriptedModel a(Saying(Failing(400, kTooLong)));
  const ScriptedModel b(
      Saying(Failing(402, R"({"error":{"message":"Insufficient Balance","code":"x"}})")));
  const ScriptedModel c(
      Saying(Failing(422, R"({"error":{"message":"no","type":"t","param":"p","code":"c"}})")));
  const TestServer server(Three(a, b, c));
  const HttpReply too_long = server.Chat("a", "Tell me.");
  EXPECT_EQ(too_long.status, 400);
  EXPECT_EQ(too_long.At("error.code"), "context_length_exceeded");
  EXPECT_EQ(too_long.At("error.param"), "messages");
  EXPECT_EQ(too_long.At("error.type"), "invalid_request_error");
  const HttpReply unpaid = server.Chat("b", "Tell me.");
  EXPECT_EQ(unpaid.status, 502) << unpaid.raw;
  EXPECT_EQ(unpaid.At("error.code"), "null");
  const HttpReply refused = server.Chat("c", "Tell me.");
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(refused.At("error.type"), "t");
  EXPECT_EQ(refused.At("error.param"), "p");
}

TEST(Answers, ARequestLongerThanEveryContextIsTheClientsToShorten) {
  const ScriptedModel a(Saying(Completion("x")));
  const TestServer server(Three(a, a, a, ", context: 100", ", context: 200", ", context: 150"));
  const HttpReply reply = server.Chat("auto", std::string(4000, 'x'));
  EXPECT_EQ(reply.status, 400) << reply.raw;
  EXPECT_EQ(reply.At("error.code"), "context_length_exceeded");
  EXPECT_NE(reply.At("error.message").find("1004 tokens"), std::string::npos) << reply.raw;
  EXPECT_NE(reply.At("error.message").find("200 tokens"), std::string::npos) << reply.raw;
  EXPECT_EQ(a.asked(), 0);
}

TEST(Answers, WhatATranslationLeavesOutIsToldToTheClient) {
  const ScriptedModel a(Saying(OkReply(
      R"({"id":"c","type":"message","model":"m","content":[{"type":"text","text":"Hi"}],"stop_reason":"max_tokens"})")));
  const TestServer server(Three(a, a, a, ", max_output: 33", "", "", "anthropic"));
  const HttpReply reply = server.Chat("a", "Tell me.", R"("seed": 1)");
  ASSERT_EQ(reply.status, 200) << reply.raw;
  EXPECT_NE(reply.At("moerge.notes.0").find("`seed`"), std::string::npos) << reply.raw;
  EXPECT_NE(reply.At("moerge.notes.1").find("cut at 33 tokens"), std::string::npos) << reply.raw;
  const HttpReply streamed = server.Chat("a", "Tell me.", R"("seed": 1, "stream": true)");
  EXPECT_NE(streamed.body.find("`seed`"), std::string::npos) << streamed.raw;
  EXPECT_NE(streamed.body.find("cut at 33 tokens"), std::string::npos) << streamed.raw;
}

constexpr int kGzip = 31;
// What brotli makes of the request below, and of one of 2 MiB.
const char* const kBrotliRequest =
    "1b3e00501c07768ce3c52308f6e747c89cde227b5b2eb32facab5874c02107ac07cfbe05d2bc1228c9179aad3439a1"
    "49f2354ef8b4ca0aa9ff908d00";
const char* const kBrotliBig =
    "9b360020801c07768cb385391c6ce7a5c8d65e85e1358b4e571f0fb8e82544396942cdf2182b639990789d25700e48"
    "3b19daa1a53885e7de7f64dd";

TEST(Answers, CompressedRequestsAreRead) {
  const ScriptedModel a(Saying(Completion("Hi")));
  const TestServer server(Three(a, a, a), "max_body: 1MiB");
  const std::string body = ChatJson("a", "Tell me.");
  const auto post = [&](const std::string& bytes, const char* coding) {
    return server.Post("/v1/chat/completions", bytes, {{"content-encoding", coding}});
  };
  EXPECT_EQ(post(Compressed(body, kGzip), "gzip").At("choices.0.message.content"), "Hi");
  EXPECT_EQ(post(body, "identity").At("choices.0.message.content"), "Hi");
  const HttpReply unknown = post(body, "zstd");
  EXPECT_EQ(unknown.status, 415);
  EXPECT_NE(unknown.At("error.message").find("`zstd`"), std::string::npos);
  EXPECT_EQ(post(Compressed(ChatJson("a", std::string(2 << 20, 'x')), kGzip), "gzip").status, 413);
  EXPECT_EQ(post("nonsense", "gzip").status, 400);
  const HttpReply brotli = post(BytesOfHex(kBrotliRequest), "br");
  if (!HasBrotli()) {
    EXPECT_EQ(brotli.status, 415);
    return;
  }
  EXPECT_EQ(brotli.At("choices.0.message.content"), "Hi") << brotli.raw;
  EXPECT_EQ(post(BytesOfHex(kBrotliBig), "br").status, 413);
  EXPECT_EQ(post("nonsense", "br").status, 400);
}

TEST(Answers, PartsOfTheUsageCostWhatTheyCost) {
  const ScriptedModel a(Saying(OkReply(
      R"({"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1000000,"completion_tokens":1000000,"prompt_tokens_details":{"cached_tokens":500000,"audio_tokens":100000},"completion_tokens_details":{"reasoning_tokens":500000,"audio_tokens":100000}}})")));
  const TestServer server(Three(a, a, a,
                                ", price: {input: 2, output: 8, cached_input: 1, reasoning: 4, "
                                "audio: 20, audio_output: 80}"));
  const HttpReply reply = server.Chat("a", "Tell me.");
  ASSERT_EQ(reply.status, 200) << reply.raw;
  const std::string decision = "/api/v1/decisions/" + reply.Header("x-moerge-decision");
  EXPECT_TRUE(Eventually([&] { return server.Get(decision).status == 200; }));
  EXPECT_EQ(std::stod(server.Get(decision).At("cost_usd")), 16.5) << server.Get(decision).body;
  EXPECT_EQ(server.Get("/v1/models/a").At("moerge.price.reasoning"), "4");
}

TEST(Answers, EmbeddingsAreCounted) {
  const ScriptedModel a(Saying(OkReply(
      R"({"object":"list","data":[],"model":"m","usage":{"prompt_tokens":77,"total_tokens":77}})")));
  const TestServer server(Three(a, a, a));
  const HttpReply reply = server.Post("/v1/embeddings", R"({"model":"a","input":"x"})");
  ASSERT_EQ(reply.status, 200) << reply.raw;
  const std::string decision = "/api/v1/decisions/" + reply.Header("x-moerge-decision");
  EXPECT_TRUE(Eventually([&] { return server.Get(decision).At("usage.prompt_tokens") == "77"; }));
}

}  // namespace
}  // namespace moerge::test
