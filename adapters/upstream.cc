#include "adapters/upstream.h"

#include <cstdlib>
#include <utility>

#include "adapters/key_mask.h"
#include "adapters/retry_after.h"
#include "config/base/json.h"
#include "config/base/text.h"
#include "config/base/utf8.h"

namespace moerge {
namespace {

constexpr std::size_t kMaxQuote = 300;
constexpr std::size_t kMaxErrorBody = 64 << 10;

// The text of {"error": {"message": ...}}, {"error": "..."}, {"message": ...} or {"detail": ...}.
std::string MessageOf(std::string_view body) {
  const auto document = json::Document::Parse(body);
  if (!document) return std::string(Trim(body));
  const json::Value root = document->root();
  for (const json::Value value : {root.Find("error").Find("message"), root.Find("error"),
                                  root.Find("message"), root.Find("detail")}) {
    if (const auto text = value.AsString()) return std::string(*text);
  }
  return std::string(Trim(body));
}

ErrorCode CodeOf(int status) {
  if (status == 429) return ErrorCode::kRateLimited;
  if (status >= 500) return ErrorCode::kUnavailable;
  if (status == 401 || status == 403) return ErrorCode::kUnauthorized;
  if (status == 404) return ErrorCode::kNotFound;  // the model or the address is unknown there
  if (status == 408) return ErrorCode::kTimeout;
  if (status >= 400) return ErrorCode::kInvalid;
  return ErrorCode::kUpstream;
}

std::string KeyAdvice(const Backend& backend) {
  if (backend.api_key_env.empty()) return "it wants a key and `api_key_env` is not set";
  return "it refused the key in the environment variable " + backend.api_key_env;
}

}  // namespace

Secret BackendKey(const Backend& backend) {
  if (backend.api_key_env.empty()) return Secret();
  const char* value = std::getenv(backend.api_key_env.c_str());
  return value == nullptr ? Secret() : Secret(value);
}

OutboundRequest MakeRequest(const ChatCall& call, std::string url,
                            std::vector<std::string_view> body) {
  const Backend& backend = *call.backend;
  OutboundRequest request;
  request.url = std::move(url);
  request.body = std::move(body);
  request.headers.reserve(6);
  request.headers.emplace_back("Content-Type", "application/json");
  request.headers.emplace_back("User-Agent", "moerge/" MOERGE_VERSION);
  if (!call.request_id.empty()) request.headers.emplace_back("x-request-id", call.request_id);
  if (!call.traceparent.empty()) request.headers.emplace_back("traceparent", call.traceparent);
  request.connect_timeout = backend.connect_timeout;
  request.first_byte_timeout = backend.first_byte_timeout;
  request.idle_timeout = backend.idle_timeout;
  request.verify_tls = backend.verify_tls;
  return request;
}

namespace {

// A text from outside as it may stand in an error: without the key, in one line, and short.
std::string Quoted(const Backend& backend, std::string text) {
  text = KeyMask(BackendKey(backend)).Masked(std::move(text));
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  text = utf8::Repair(std::string_view(text).substr(0, kMaxQuote));
  return std::string(utf8::Truncate(text, kMaxQuote));
}

}  // namespace

std::string QuoteError(const Backend& backend, std::string_view body) {
  return Quoted(backend, MessageOf(body));
}

Error ErrorFromStatus(const Backend& backend, int status, std::string_view retry_after,
                      std::string_view body) {
  Error error;
  error.code = CodeOf(status);
  error.message = "backend `" + backend.name + "` answered with status " + std::to_string(status);
  error.retry_after = ParseRetryAfter(retry_after, std::chrono::system_clock::now());
  if (error.code == ErrorCode::kUnauthorized) {
    error.message += ": " + KeyAdvice(backend);
  } else if (const std::string quote = QuoteError(backend, body); !quote.empty()) {
    error.message += ": " + quote;
  }
  return error;
}

Task<Error> ErrorFromReply(const Backend& backend, InboundResponse& response) {
  std::string body;
  while (body.size() < kMaxErrorBody) {
    auto piece = co_await response.Read();
    if (!piece || piece->empty()) break;
    body.append(*piece);
  }
  co_return ErrorFromStatus(backend, response.status(), response.Header("retry-after"), body);
}

Error NotAnAnswer(const Backend& backend, std::string_view what) {
  const KeyMask mask(BackendKey(backend));
  return Error{ErrorCode::kUpstream,
               "backend `" + backend.name + "`: " + mask.Masked(std::string(what))};
}

namespace {

// A reply of any status but 2xx is an error.
Task<Result<std::unique_ptr<InboundResponse>>> SendToBackend(HttpClient& http,
                                                             const Backend& backend,
                                                             const OutboundRequest& request,
                                                             const CallScope& scope) {
  auto response = co_await http.Send(request, scope);
  if (!response) co_return std::move(response).error();
  const int status = (*response)->status();
  if (status < 200 || status > 299) {
    Error error = co_await ErrorFromReply(backend, **response);
    co_return error;
  }
  co_return std::move(*response);
}

}  // namespace

Task<Result<std::string>> FetchBody(HttpClient& http, const Backend& backend,
                                    const OutboundRequest& request, const CallScope& scope) {
  auto response = co_await SendToBackend(http, backend, request, scope);
  if (!response) co_return std::move(response).error();
  auto body = co_await ReadAll(**response, kMaxReply);
  co_return body;
}

Task<Result<std::unique_ptr<InboundResponse>>> OpenStream(HttpClient& http, const Backend& backend,
                                                          const OutboundRequest& request,
                                                          const CallScope& scope,
                                                          std::string_view type) {
  auto response = co_await SendToBackend(http, backend, request, scope);
  if (!response) co_return std::move(response).error();
  const std::string_view header = (*response)->Header("content-type");
  const std::string_view given = Trim(header.substr(0, header.find(';')));
  if (given.empty() || EqualsIgnoreCase(given, type)) co_return std::move(*response);
  const std::string quoted = Quoted(backend, std::string(given));
  auto body = co_await ReadAll(**response, kMaxErrorBody);
  const std::string said = body.ok() ? QuoteError(backend, *body) : std::string();
  co_return NotAnAnswer(
      backend, "asked for a stream (" + std::string(type) + "), it sent " + quoted + ": " + said);
}

std::int64_t EstimateTokens(std::size_t bytes) {
  return static_cast<std::int64_t>((bytes + 3) / 4);
}

}  // namespace moerge
