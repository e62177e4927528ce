// What backends say when they do not answer, as Errors without secrets; the key itself.
#include <chrono>
#include <cstdlib>
#include <utility>

#include "adapters/backend_headers.h"
#include "adapters/error_detail.h"
#include "adapters/key_mask.h"
#include "adapters/retry_after.h"
#include "adapters/upstream.h"
#include "config/base/json.h"
#include "config/base/text.h"
#include "config/base/utf8.h"

namespace moerge {
namespace {

constexpr std::size_t kMaxQuote = 300;

// What the body says; all of it, if it is no error of a known shape.
std::string MessageOf(std::string_view body) {
  const auto document = json::Document::Parse(body);
  std::string text = document ? ErrorText(document->root()) : std::string();
  return text.empty() ? std::string(Trim(body)) : text;
}

ErrorCode CodeOf(int status) {
  switch (status) {
    case 401:
    case 403: return ErrorCode::kUnauthorized;
    case 402:
    case 407:
    case 451: return ErrorCode::kForbidden;
    case 404:  // and what else says that this is not the place, or not the way to ask there
    case 405:
    case 406:
    case 410:
    case 411:
    case 414:
    case 415:
    case 417:
    case 421:
    case 426:
    case 431: return ErrorCode::kNotFound;
    case 408: return ErrorCode::kTimeout;
    case 409:
    case 424:
    case 425:
    case 498:
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
  return value == nullptr ? Secret() : Secret(std::string(Trim(value)));
}

std::string WithoutSecrets(const Backend& backend, std::string text) {
  if (text.empty()) return text;
  text = KeyMask(BackendKey(backend)).Masked(std::move(text));
  for (const Secret& secret : SentSecrets(backend)) {
    text = KeyMask(secret).Masked(std::move(text));
  }
  return text;
}

std::string QuoteError(const Backend& backend, std::string_view body) {
  return ShownText(backend, MessageOf(body));
}

std::string ShownText(const Backend& backend, std::string text) {
  text = WithoutSecrets(backend, std::move(text));
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  text = utf8::Repair(std::string_view(text).substr(0, kMaxQuote));
  return std::string(utf8::Truncate(text, kMaxQuote));
}

Error ErrorFromStatus(const Backend& backend, int status, std::string_view retry_after,
                      std::string_view body) {
  Error error;
  error.code = BlamedOn(status, body).value_or(CodeOf(status));
  error.message = "backend `" + backend.name + "` answered with status " + std::to_string(status);
  error.retry_after = ParseRetryAfter(retry_after, std::chrono::system_clock::now());
  if (error.retry_after.count() == 0 && status == 429) {
    error.retry_after = std::chrono::seconds(RetryDelayIn(body));
  }
  if (error.code == ErrorCode::kUnauthorized) {
    error.message += ": " + KeyAdvice(backend);
    // It may be another reason than the key. What 401 says quotes parts of keys.
    const std::string quote = status == 403 ? QuoteError(backend, body) : std::string();
    if (!quote.empty()) error.message += ", and says: " + quote;
  } else if (const std::string quote = QuoteError(backend, body); !quote.empty()) {
    error.message += ": " + quote;
  }
  TakeErrorDetail(backend, status, body, &error);
  return error;
}

Error NotAnAnswer(const Backend& backend, std::string_view what) {
  return Error{ErrorCode::kUpstream,
               "backend `" + backend.name + "`: " + WithoutSecrets(backend, std::string(what))};
}

Error ErrorBehind(const Backend& backend, std::string_view left_out, std::string_view lines) {
  std::string what = "the stream ended before the answer did";
  if (!left_out.empty()) {
    return NotAnAnswer(backend, what + ", behind what is no part of one: " + std::string(left_out));
  }
  if (lines.empty()) return NotAnAnswer(backend, what);
  return ErrorInAnswer(backend, what + ", behind what is no event", lines);
}

Error ErrorInAnswer(const Backend& backend, std::string_view what, std::string_view body) {
  const int status = StatusIn(body);
  Error error = ErrorFromStatus(backend, status == 0 ? 502 : status, {}, body);
  if (error.code == ErrorCode::kUnauthorized) return error;
  error.message =
      NotAnAnswer(backend, std::string(what) + ": " + QuoteError(backend, body)).message;
  const bool broken = error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kTimeout;
  if (broken) error.code = ErrorCode::kUpstream;
  return error;
}

}  // namespace moerge
