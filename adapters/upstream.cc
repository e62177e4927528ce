#include "adapters/upstream.h"

#include <cstdlib>
#include <utility>

#include "adapters/content_decoder.h"
#include "adapters/error_detail.h"
#include "adapters/key_mask.h"
#include "adapters/protocol.h"
#include "adapters/retry_after.h"
#include "adapters/sse.h"
#include "config/base/json.h"
#include "config/base/text.h"
#include "config/base/utf8.h"

namespace moerge {
namespace {

constexpr std::size_t kMaxQuote = 300;
constexpr std::size_t kMaxErrorBody = 64 << 10;

std::string_view WithoutMark(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return text;
}

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
  switch (status) {
    case 401:
    case 403: return ErrorCode::kUnauthorized;
    case 402:
    case 451: return ErrorCode::kForbidden;
    case 404:
    case 405: return ErrorCode::kNotFound;
    case 408: return ErrorCode::kTimeout;
    case 409:
    case 425:
    case 499: return ErrorCode::kUnavailable;
    case 413: return ErrorCode::kTooLarge;
    case 429: return ErrorCode::kRateLimited;
    default: break;
  }
  if (status >= 500) return ErrorCode::kUnavailable;
  return status >= 400 ? ErrorCode::kInvalid : ErrorCode::kUpstream;
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
  request.headers.reserve(7);
  // Without it any coding may come (RFC 9110, 12.5.3).
  request.headers.emplace_back("Accept-Encoding", "identity");
  request.headers.emplace_back("Content-Type", "application/json");
  request.headers.emplace_back("User-Agent", "moerge/" MOERGE_VERSION);
  if (!call.request_id.empty()) request.headers.emplace_back("x-request-id", call.request_id);
  if (!call.traceparent.empty()) request.headers.emplace_back("traceparent", call.traceparent);
  request.connect_timeout = backend.connect_timeout;
  request.first_byte_timeout = backend.first_byte_timeout;
  request.idle_timeout = backend.idle_timeout;
  request.verify_tls = backend.verify_tls;
  request.resend = backend.retries > 0;
  return request;
}

std::string QuoteError(const Backend& backend, std::string_view body) {
  return ShownText(backend, MessageOf(body));
}

std::string ShownText(const Backend& backend, std::string text) {
  text = KeyMask(BackendKey(backend)).Masked(std::move(text));
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  text = utf8::Repair(std::string_view(text).substr(0, kMaxQuote));
  return std::string(utf8::Truncate(text, kMaxQuote));
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
  TakeErrorDetail(backend, status, body, &error);
  return error;
}

Task<Error> ErrorFromReply(const Backend& backend, InboundResponse& response, AnswerNotes* notes) {
  std::string body;
  while (body.size() < kMaxErrorBody) {
    auto piece = co_await response.Read();
    if (!piece || piece->empty()) break;
    body.append(*piece);
  }
  Error error = ErrorFromStatus(backend, response.status(), response.Header("retry-after"), body);
  if (notes != nullptr && error.reason == kContextExceeded) notes->context = ContextIn(body);
  co_return error;
}

Error NotAnAnswer(const Backend& backend, std::string_view what) {
  const KeyMask mask(BackendKey(backend));
  return Error{ErrorCode::kUpstream,
               "backend `" + backend.name + "`: " + mask.Masked(std::string(what))};
}

// A reply of any status but 2xx is an error.
Task<Result<std::unique_ptr<InboundResponse>>> SendToBackend(HttpClient& http,
                                                             const Backend& backend,
                                                             const OutboundRequest& request,
                                                             const CallScope& scope,
                                                             AnswerNotes* notes) {
  auto response = co_await http.Send(request, scope);
  if (!response) co_return std::move(response).error();
  auto decoded = Decoded(backend, std::move(*response), notes);
  if (!decoded) co_return std::move(decoded).error();
  const int status = (*decoded)->status();
  if (status < 200 || status > 299) {
    Error error = co_await ErrorFromReply(backend, **decoded, notes);
    co_return error;
  }
  co_return std::move(*decoded);
}

Task<Result<std::string>> FetchBody(HttpClient& http, const Backend& backend,
                                    const OutboundRequest& request, const CallScope& scope,
                                    AnswerNotes* notes) {
  auto response = co_await SendToBackend(http, backend, request, scope, notes);
  if (!response) co_return std::move(response).error();
  auto body = co_await ReadAll(**response, kMaxReply);
  if (body) {
    const std::string_view text = WithoutMark(*body);
    const std::size_t begin = std::min(text.find_first_not_of(" \t\r\n"), text.size());
    body->erase(0, body->size() - text.size() + begin);
  }
  co_return body;
}

std::string_view ContentType(const InboundResponse& response) {
  const std::string_view header = response.Header("content-type");
  return Trim(header.substr(0, header.find(';')));
}

Task<Result<std::string>> ReadBeginning(InboundResponse& response) {
  std::string beginning;
  while (true) {
    auto bytes = co_await response.Read();
    if (!bytes) co_return std::move(bytes).error();
    if (bytes->empty()) co_return beginning;
    beginning.append(*bytes);
    // A mark may be cut.
    if (kByteOrderMark.starts_with(beginning)) continue;
    std::string_view text = WithoutMark(beginning);
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    if (text.empty()) beginning.clear();
    if (!text.empty()) co_return std::string(text);
  }
}

}  // namespace moerge
