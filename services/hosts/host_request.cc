#include "services/hosts/host_request.h"

#include <algorithm>
#include <utility>

#include "adapters/upstream.h"
#include "config/base/event.h"

namespace moerge {
namespace {

constexpr std::chrono::milliseconds kLongestPause{500};

}  // namespace

std::string ServerRoot(const Backend& backend) {
  std::string url = backend.base_url;
  if (url.ends_with("/v1")) url.resize(url.size() - 3);
  return url;
}

Task<Result<std::string>> GetFromHost(HttpClient& http, const Backend& backend, std::string path,
                                      CallScope scope) {
  ChatCall nobody{};
  nobody.backend = &backend;
  OutboundRequest request = MakeRequest(nobody, ServerRoot(backend) + path, {});
  request.method = "GET";
  request.first_byte_timeout = {};
  auto body = co_await FetchBody(http, backend, request, scope);
  co_return body;
}

Task<Result<std::string>> PostToHost(HttpClient& http, const Backend& backend, std::string path,
                                     std::string body, CallScope scope) {
  ChatCall nobody{};
  nobody.backend = &backend;
  std::vector<std::string_view> pieces = {body};
  OutboundRequest request = MakeRequest(nobody, ServerRoot(backend) + path, std::move(pieces));
  request.first_byte_timeout = {};  // loads take their time
  auto reply = co_await FetchBody(http, backend, request, scope);
  co_return reply;
}

std::string ModelBody(std::string_view key, std::string_view model, std::string_view more) {
  std::string body = "{";
  json::AppendQuoted(key, &body);
  body += ':';
  json::AppendQuoted(model, &body);
  return body.append(more).append("}");
}

Result<std::vector<std::string>> ModelIds(const Backend& backend, std::string_view body) {
  const auto document = json::Document::Parse(body);
  if (!document.ok() || !document->root().Find("data").is_array()) {
    return NotAnAnswer(backend, "its list of models is none: " + QuoteError(backend, body));
  }
  std::vector<std::string> ids;
  for (const json::Value model : document->root().Find("data").children()) {
    ids.emplace_back(model.Find("id").AsString().value_or(""));
  }
  return ids;
}

Task<bool> LookAgain::Wait(CallScope scope) {
  Event over(co_await ThisLoop());
  Cancellation::Registration left;
  if (scope.cancellation != nullptr) {
    left = scope.cancellation->OnCancel([&over] { over.Set(); });
  }
  const Deadline until = scope.deadline.Within(pause_);
  co_await over.WaitUntil(until);
  pause_ = std::min(pause_ * 2, kLongestPause);
  const bool cancelled = scope.cancellation != nullptr && scope.cancellation->cancelled();
  co_return !cancelled && !scope.deadline.Passed();
}

Error TookTooLong(const Backend& backend, const std::string& what, const CallScope& scope) {
  if (scope.cancellation != nullptr && scope.cancellation->cancelled()) {
    return {ErrorCode::kCancelled, "the load was cancelled"};
  }
  return {ErrorCode::kTimeout,
          "backend `" + backend.name + "`: " + what + " within residency.load_timeout"};
}

}  // namespace moerge
