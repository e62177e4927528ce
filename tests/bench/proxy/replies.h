// The bytes that the benchmark upstream answers with, built once at start: one chat completion, and
// the pieces of a streamed one. Immutable after construction; any thread may read it.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

namespace moerge::bench {

inline std::string PlainBody() {
  return R"({"id":"chatcmpl-bench","object":"chat.completion","created":1700000000,"model":"m",)"
         R"("choices":[{"index":0,"message":{"role":"assistant","content":"The derivative of a )"
         R"(product is the first factor times the derivative of the second plus the second factor )"
         R"(times the derivative of the first; for three factors there are three such terms."},)"
         R"("logprobs":null,"finish_reason":"stop"}],)"
         R"("usage":{"prompt_tokens":128,"completion_tokens":36,"total_tokens":164}})";
}

inline std::string WithLength(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

// One piece of a body in chunked transfer coding.
inline std::string Framed(const std::string& data) {
  char size[16];
  std::snprintf(size, sizeof size, "%zx\r\n", data.size());
  return size + data + "\r\n";
}

inline std::string Event(const std::string& delta, const std::string& finish_reason) {
  return Framed(R"(data: {"id":"chatcmpl-bench","object":"chat.completion.chunk",)"
                R"("created":1700000000,"model":"m","choices":[{"index":0,"delta":)" +
                delta + R"(,"logprobs":null,"finish_reason":)" + finish_reason + "}]}\n\n");
}

struct Replies {
  explicit Replies(int chunks) {
    events.push_back(Event(R"({"role":"assistant","content":""})", "null"));
    while (static_cast<int>(events.size()) + 1 < chunks) {
      events.push_back(Event(R"({"content":" token"})", "null"));
    }
    events.push_back(Event("{}", R"("stop")"));
    events.push_back(Framed("data: [DONE]\n\n") + "0\r\n\r\n");
  }

  const std::string plain = WithLength(PlainBody());
  const std::string models =
      WithLength(R"({"object":"list","data":[{"id":"m","object":"model"}]})");
  const std::string stream_head =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
      "Transfer-Encoding: chunked\r\n\r\n";
  // `chunks` events with JSON, then one piece with [DONE] and the end of the body.
  std::vector<std::string> events;
};

}  // namespace moerge::bench
