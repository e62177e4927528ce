#include "adapters/upstream.h"

#include <utility>

#include "adapters/backend_headers.h"
#include "adapters/content_decoder.h"
#include "adapters/error_detail.h"
#include "adapters/moved.h"
#include "adapters/protocol.h"
#include "adapters/sse.h"
#include "config/base/text.h"

namespace moerge {
namespace {

constexpr std::size_t kMaxErrorBody = 64 << 10;
constexpr std::size_t kMaxPlace = 200;

std::string_view WithoutMark(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return text;
}

// What the operator has to mend, and no client.
Status CheckHeaders(const Backend& backend, const OutboundRequest& request) {
  for (const auto& [name, value] : request.headers) {
    if (!HasControl(value)) continue;
    return Error{ErrorCode::kForbidden, "backend `" + backend.name + "`: the value of the header " +
                                            name +
                                            " holds a line break or another control character"};
  }
  return Ok{};
}

// OpenAI and Azure say it in milliseconds, too.
std::string RetryAfterOf(const InboundResponse& response) {
  const std::string_view said = response.Header("retry-after");
  const auto more = ParseInt(response.Header("retry-after-ms"));
  if (!said.empty() || !more) return std::string(said);
  return std::to_string((*more + 999) / 1000);
}

// Of two limits, of which 0 is none.
std::chrono::milliseconds Shorter(std::chrono::milliseconds a, std::chrono::milliseconds b) {
  if (a.count() <= 0 || b.count() <= 0) return std::max(a, b);
  return std::min(a, b);
}

}  // namespace

void AddBackendKey(const Backend& backend, OutboundRequest* request) {
  const bool anthropic = backend.protocol == Protocol::kAnthropic;
  if (anthropic) AddHeader(request, "anthropic-version", "2023-06-01");
  const Secret key = BackendKey(backend);
  if (key.empty()) return;
  if (anthropic) return AddHeader(request, "x-api-key", std::string(key.Reveal()));
  AddHeader(request, "Authorization", "Bearer " + std::string(key.Reveal()));
}

OutboundRequest MakeRequest(const ChatCall& call, std::string url,
                            std::vector<std::string_view> body) {
  const Backend& backend = *call.backend;
  OutboundRequest request;
  request.url = WithQuery(backend, std::move(url));
  request.body = std::move(body);
  request.headers.reserve(8 + backend.headers.size());
  AddBackendHeaders(backend, &request);
  AddBackendKey(backend, &request);
  // Without it any coding may come (RFC 9110, 12.5.3).
  request.headers.emplace_back("Accept-Encoding", "identity");
  request.headers.emplace_back("Content-Type", "application/json");
  AddHeader(&request, "User-Agent", "moerge/" MOERGE_VERSION);
  if (!call.request_id.empty()) AddHeader(&request, "x-request-id", std::string(call.request_id));
  if (!call.traceparent.empty()) AddHeader(&request, "traceparent", std::string(call.traceparent));
  request.connect_timeout = backend.connect_timeout;
  request.first_byte_timeout = Shorter(backend.first_byte_timeout, call.patience);
  request.idle_timeout = call.patience;  // until the answer has begun
  request.verify_tls = backend.verify_tls;
  request.resend = backend.retries > 0;
  return request;
}

Task<Error> ErrorFromReply(const Backend& backend, InboundResponse& response, AnswerNotes* notes) {
  std::string body;
  while (body.size() < kMaxErrorBody) {
    auto piece = co_await response.Read();
    if (!piece || piece->empty()) break;
    body.append(*piece);
  }
  const std::string wait = RetryAfterOf(response);
  Error error = ErrorFromStatus(backend, response.status(), wait, body);
  if (notes != nullptr && error.reason == kContextExceeded) notes->context = ContextIn(body);
  co_return error;
}

// A reply of any status but 2xx is an error.
Task<Result<std::unique_ptr<InboundResponse>>> SendToBackend(HttpClient& http,
                                                             const Backend& backend,
                                                             const OutboundRequest& request,
                                                             const CallScope& scope,
                                                             AnswerNotes* notes) {
  if (Status fine = CheckHeaders(backend, request); !fine) co_return std::move(fine).error();
  auto response = co_await SendFollowing(http, request, scope);
  if (!response) co_return std::move(response).error();
  auto decoded = Decoded(backend, std::move(*response), notes);
  if (!decoded) co_return std::move(decoded).error();
  const int status = (*decoded)->status();
  if (status < 200 || status > 299) {
    Error error = co_await ErrorFromReply(backend, **decoded, notes);
    if (error.code == ErrorCode::kNotFound) {
      const std::string_view asked = std::string_view(request.url);
      error.message.append(" (asked: ").append(asked.substr(0, asked.find('?'))).append(")");
    }
    const std::string elsewhere =
        ShownText(backend, std::string((*decoded)->Header("location").substr(0, kMaxPlace)));
    if (status >= 300 && status < 400 && !elsewhere.empty()) {
      error.message.append("; it points to `" + elsewhere + "`, which base_url is to name");
    }
    co_return error;
  }
  co_return std::move(*decoded);
}

Task<Result<std::string>> FetchBody(HttpClient& http, const Backend& backend,
                                    const OutboundRequest& request, const CallScope& scope,
                                    AnswerNotes* notes) {
  auto response = co_await SendToBackend(http, backend, request, scope, notes);
  if (!response) co_return std::move(response).error();
  auto body = co_await ReadWhole(backend, **response);
  co_return body;
}

Task<Result<std::string>> ReadWhole(const Backend& backend, InboundResponse& response) {
  auto body = co_await ReadBeginning(response);
  if (!body || body->empty()) co_return body;
  response.SetIdleTimeout(backend.idle_timeout);
  auto rest = co_await ReadAll(response, kMaxReply);
  if (!rest) co_return rest;
  body->append(*rest);
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
