// A model server on a real socket that answers each request as a test says, or hangs until the
// other side gives up.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/base/json.h"
#include "tests/support/raw_server.h"

namespace moerge::test {

class ScriptedModel {
 public:
  // Given a request's head and body: the whole reply, after which the connection ends if its head
  // says so; none: nothing is sent. On the connection's thread.
  using Answer = std::function<std::optional<std::string>(const std::string& request)>;

  explicit ScriptedModel(Answer answer)
      : answer_(std::move(answer)), server_([this](RawPeer& peer) { Serve(peer); }) {}

  std::string Url() const { return server_.Url("/v1"); }
  int asked() const { return asked_; }      // requests so far
  int aborted() const { return aborted_; }  // of those that hung: left by the other side

 private:
  void Serve(RawPeer& peer) {
    for (std::string request = peer.ReadRequest(); !request.empty(); request = peer.ReadRequest()) {
      ++asked_;
      const std::optional<std::string> reply = answer_(request);
      if (!reply) {
        aborted_ += peer.AwaitEnd();
        return;
      }
      if (!peer.Send(*reply) || reply->find("\r\nConnection: close\r\n") != reply->npos) return;
    }
  }

  Answer answer_;
  std::atomic<int> asked_ = 0;
  std::atomic<int> aborted_ = 0;
  RawServer server_;  // last: its threads end first
};

inline std::string Completion(std::string_view content, int prompt_tokens = 10,
                              int completion_tokens = 2) {
  std::string out =
      R"({"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,)"
      R"("message":{"role":"assistant","content":)";
  json::AppendQuoted(content, &out);
  out += R"(},"finish_reason":"stop"}],"usage":{"prompt_tokens":)" + std::to_string(prompt_tokens) +
         R"(,"completion_tokens":)" + std::to_string(completion_tokens) + R"(,"total_tokens":)" +
         std::to_string(prompt_tokens + completion_tokens) + "}}";
  return OkReply(out);
}

inline std::string Failing(int status, std::string_view body = R"({"error":{"message":"no"}})") {
  return "HTTP/1.1 " + std::to_string(status) +
         " Error\r\ncontent-type: application/json\r\ncontent-length: " +
         std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

// What was asked for, of a request's head and body.
inline std::string BodyIn(const std::string& request) {
  const std::size_t end = request.find("\r\n\r\n");
  return end == request.npos ? std::string() : request.substr(end + 4);
}

}  // namespace moerge::test
