// Traces and metrics of a whole moerge, as a receiver of OpenTelemetry's protocol gets them.
#include <gtest/gtest.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "tests/integration/harness.h"
#include "tests/integration/scripted_model.h"
#include "tests/support/otlp_receiver.h"

namespace moerge::test {
namespace {

const std::string kClientTrace = "0af7651916cd43dd8448eb211c80319c";
const Headers kTraced = {{"traceparent", "00-" + kClientTrace + "-b7ad6b7169203331-01"}};

std::string Traced(const OtlpReceiver& receiver, const ReplayServer& replay) {
  std::string yaml =
      "store: \"memory:\"\ntelemetry: {otlp: \"" + receiver.url() +
      "/\", metrics_interval: 1s, service: test}\nbackends:\n  - {name: b, base_url: \"" +
      UrlOf(replay) + "\"}\nexperts:\n";
  for (const char* name : {"ada", "clio", "remy"}) {
    yaml += "  - {name: " + std::string(name) + ", backend: b, model: " + name +
            ", skills: {general: 0.5}}\n";
  }
  return yaml + kSmallSkills;
}

std::vector<ReceivedSpan> SpansOfTrace(const OtlpReceiver& receiver, const std::string& trace) {
  std::vector<ReceivedSpan> spans = receiver.spans();
  std::erase_if(spans, [&](const ReceivedSpan& span) { return span.trace != trace; });
  return spans;
}

const ReceivedSpan* Named(const std::vector<ReceivedSpan>& spans, std::string_view beginning) {
  const auto found = std::ranges::find_if(
      spans, [&](const ReceivedSpan& span) { return span.name.starts_with(beginning); });
  return found == spans.end() ? nullptr : &*found;
}

class TelemetryOverHttp : public ::testing::Test {
 protected:
  // The spans of the client's trace, once there are so many.
  std::vector<ReceivedSpan> Await(std::size_t count) {
    EXPECT_TRUE(Eventually([&] { return SpansOfTrace(receiver_, kClientTrace).size() >= count; }));
    EXPECT_EQ(receiver_.mistakes(), std::vector<std::string>{});
    return SpansOfTrace(receiver_, kClientTrace);
  }

  OtlpReceiver receiver_;
  std::unique_ptr<ReplayServer> replay_ = StartReplay();
};

TEST_F(TelemetryOverHttp, ARequestIsATraceOfItsDecisionAndItsCall) {
  TestServer server(Traced(receiver_, *replay_));
  const HttpReply reply =
      server.Post("/v1/chat/completions", ChatJson("auto", RecordedPrompt("algebra-2")), kTraced);
  ASSERT_EQ(reply.status, 200) << reply.raw;
  const std::vector<ReceivedSpan> spans = Await(3);
  ASSERT_EQ(spans.size(), 3u);
  const ReceivedSpan* request = Named(spans, "chat auto");
  const ReceivedSpan* decision = Named(spans, "moerge.decide");
  const ReceivedSpan* call = Named(spans, "chat " + reply.Header("x-moerge-expert"));
  ASSERT_TRUE(request != nullptr && decision != nullptr && call != nullptr);
  EXPECT_EQ(request->parent, "b7ad6b7169203331");
  EXPECT_EQ(request->kind, 2);
  EXPECT_EQ(decision->parent, request->id);
  EXPECT_EQ(call->parent, request->id);
  EXPECT_EQ(call->kind, 3);
  EXPECT_LE(request->begin, call->begin);
  EXPECT_GE(request->end, call->end);
  EXPECT_EQ(request->attributes.at("moerge.decision"), reply.Header("x-moerge-decision"));
  EXPECT_EQ(request->attributes.at("http.response.status_code"), "200");
  EXPECT_EQ(request->attributes.at("gen_ai.usage.input_tokens"), reply.At("usage.prompt_tokens"));
  EXPECT_EQ(call->attributes.at("gen_ai.usage.output_tokens"), reply.At("usage.completion_tokens"));
  EXPECT_EQ(call->attributes.at("gen_ai.provider.name"), "openai");
  EXPECT_EQ(call->attributes.at("server.port"), std::to_string(replay_->port()));
}

TEST_F(TelemetryOverHttp, EveryCallOfAnAggregateIsASpanWithItsRole) {
  TestServer server(Traced(receiver_, *replay_));
  const HttpReply reply = server.Post(
      "/v1/chat/completions", ChatJson("moerge/vote", RecordedPrompt("algebra-2")), kTraced);
  ASSERT_EQ(reply.status, 200) << reply.raw;
  const std::vector<ReceivedSpan> spans = Await(4);
  const ReceivedSpan* request = Named(spans, "chat moerge/vote");
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(request->attributes.at("moerge.aggregate"), "vote");
  std::vector<std::string> ids;
  int calls = 0;
  for (const ReceivedSpan& span : spans) {
    ids.push_back(span.id);
    if (span.kind != 3) continue;
    ++calls;
    EXPECT_EQ(span.parent, request->id);
    EXPECT_EQ(span.attributes.at("moerge.role"), "answer");
  }
  EXPECT_GE(calls, 2);
  std::ranges::sort(ids);
  EXPECT_EQ(std::ranges::adjacent_find(ids), ids.end());
}

TEST_F(TelemetryOverHttp, AFailedCallAndTheNextOneAreSpansWhoseIdsTheExpertsGot) {
  std::mutex mutex;
  std::vector<std::string> told;  // parents, as the experts were given them
  const auto note = [&](const std::string& request) {
    const std::lock_guard lock(mutex);
    const std::size_t at = request.find("traceparent: ");
    told.push_back(at == request.npos ? "" : request.substr(at + 13 + 36, 16));
  };
  ScriptedModel down([&](const std::string& request) -> std::optional<std::string> {
    note(request);
    return "HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n";
  });
  ScriptedModel up([&](const std::string& request) -> std::optional<std::string> {
    note(request);
    return Completion("four");
  });
  TestServer server(
      "store: \"memory:\"\ntelemetry: {otlp: \"" + receiver_.url() +
      "\"}\nbackends:\n  - {name: down, retries: 0, base_url: \"" + down.Url() +
      "\"}\n  - {name: up, base_url: \"" + up.Url() +
      "\"}\nexperts:\n  - {name: first, backend: down, model: m1, skills: {general: 0.9}}\n"
      "  - {name: second, backend: up, model: m2, skills: {general: 0.2}}\n" +
      kSmallSkills);
  const HttpReply reply =
      server.Post("/v1/chat/completions", ChatJson("auto", "What is it?"), kTraced);
  ASSERT_EQ(reply.At("choices.0.message.content"), "four") << reply.raw;
  const std::vector<ReceivedSpan> spans = Await(4);
  const ReceivedSpan* failed = Named(spans, "chat m1");
  const ReceivedSpan* answered = Named(spans, "chat m2");
  ASSERT_TRUE(failed != nullptr && answered != nullptr);
  EXPECT_TRUE(failed->failed);
  EXPECT_EQ(failed->attributes.at("moerge.outcome"), "failed");
  EXPECT_FALSE(failed->attributes.at("error.type").empty());
  EXPECT_FALSE(answered->failed);
  const std::lock_guard lock(mutex);
  EXPECT_EQ(told, (std::vector<std::string>{failed->id, answered->id}));
}

TEST_F(TelemetryOverHttp, ALineOfABatchThatIsPassedOnIsATraceOfItsOwn) {
  ScriptedModel embedder([](const std::string&) -> std::optional<std::string> {
    return OkReply(R"({"object":"list","model":"e","data":[{"object":"embedding","index":0,)"
                   R"("embedding":[0.5]}],"usage":{"prompt_tokens":1,"total_tokens":1}})");
  });
  const TempFolder folder;
  TestServer server("store: \"sqlite:" + folder.File("moerge.db") + "\"\ntelemetry: {otlp: \"" +
                    receiver_.url() + "\"}\nbackends:\n  - {name: b, base_url: \"" +
                    embedder.Url() + "\"}\nexperts:\n  - {name: e, backend: b, model: e1}\n" +
                    kSmallSkills);
  const std::string line =
      R"({"custom_id":"1","method":"POST","url":"/v1/embeddings","body":{"model":"e","input":"x"}})";
  const HttpReply file = server.Post(
      "/v1/files",
      "--cut\r\ncontent-disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--cut\r\n"
      "content-disposition: form-data; name=\"file\"; filename=\"in.jsonl\"\r\n\r\n" +
          line + "\r\n--cut--\r\n",
      {{"content-type", "multipart/form-data; boundary=cut"}});
  ASSERT_EQ(file.status, 200) << file.raw;
  const HttpReply batch = server.Post(
      "/v1/batches", R"({"endpoint":"/v1/embeddings","completion_window":"24h","input_file_id":")" +
                         file.At("id") + "\"}");
  ASSERT_EQ(batch.status, 200) << batch.raw;
  EXPECT_TRUE(Eventually([&] { return Named(receiver_.spans(), "embeddings e1") != nullptr; }));
  const std::vector<ReceivedSpan> spans = receiver_.spans();
  const ReceivedSpan* request = Named(spans, "embeddings e");
  const ReceivedSpan* call = Named(spans, "embeddings e1");
  ASSERT_TRUE(request != nullptr && call != nullptr);
  EXPECT_EQ(request->kind, 2);
  EXPECT_EQ(call->parent, request->id);
  EXPECT_EQ(receiver_.mistakes(), std::vector<std::string>{});
}

TEST_F(TelemetryOverHttp, MetricsArrive) {
  TestServer server(Traced(receiver_, *replay_));
  ASSERT_EQ(server.Chat("ada", RecordedPrompt("algebra-2")).status, 200);
  EXPECT_TRUE(Eventually([&] { return receiver_.metrics()["moerge_requests_total"] >= 1; }));
  EXPECT_GE(receiver_.metrics()["moerge_request_seconds"], 1);
  EXPECT_EQ(receiver_.mistakes(), std::vector<std::string>{});
}

TEST_F(TelemetryOverHttp, AReceiverThatIsNotThereHarmsNobody) {
  TestServer server("store: \"memory:\"\ntelemetry: {otlp: \"http://127.0.0.1:1\"}\n" +
                    std::string(kSmallSkills));
  EXPECT_EQ(server.Get("/health").status, 200);
}

}  // namespace
}  // namespace moerge::test
