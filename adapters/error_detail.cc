#include "adapters/error_detail.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "adapters/openai_fields.h"
#include "adapters/protocol.h"
#include "adapters/upstream.h"
#include "config/base/json.h"
#include "config/base/text.h"

namespace moerge {
namespace {

// How servers say that a prompt is too long, in lower case.
constexpr std::string_view kTooLong[] = {"maximum context length",
                                         "context length exceeded",
                                         "context window",
                                         "context size",
                                         "exceeds the context",
                                         "prompt is too long",
                                         "input is too long",
                                         "maximum prompt length",
                                         "longer than the model's context",
                                         "input length and `max_tokens` exceed"};

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

bool SaysTooLong(const json::Value& said, std::string_view body) {
  if (StringAt(said, "code") == kContextExceeded) return true;
  if (StringAt(said, "type") == "exceed_context_size_error") return true;
  const std::string text = LowerCase(body);
  return std::ranges::any_of(
      kTooLong, [&text](std::string_view words) { return text.find(words) != text.npos; });
}

bool IsTheRequests(ErrorCode code) {
  return code == ErrorCode::kInvalid || code == ErrorCode::kTooLarge ||
         code == ErrorCode::kRateLimited || code == ErrorCode::kUnavailable;
}

// The number behind `words` in `text`; 0: there is none.
std::int64_t NumberAfter(std::string_view text, std::string_view words) {
  const std::size_t at = text.find(words);
  if (at == text.npos) return 0;
  text.remove_prefix(at + words.size());
  text.remove_prefix(std::min(text.find_first_of("0123456789"), text.size()));
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

void TakeErrorDetail(const Backend& backend, int status, std::string_view body, Error* error) {
  if (!IsTheRequests(error->code)) return;
  const auto document = json::Document::Parse(body);
  const json::Value root = document ? document->root() : json::Value();
  const json::Value inner = root.Find("error");
  const json::Value said = inner.is_object() ? inner : root;
  const auto shown = [&](std::string_view key) {
    return ShownText(backend, std::string(StringAt(said, key)));
  };
  error->reason = shown("code");
  error->param = shown("param");
  error->type = shown("type");
  const bool refused = error->code == ErrorCode::kInvalid || error->code == ErrorCode::kTooLarge;
  if (refused && SaysTooLong(said, body)) {
    error->code = ErrorCode::kInvalid;
    error->reason = kContextExceeded;
    if (error->param.empty()) error->param = "messages";
  } else if (status == 422) {
    error->status = status;
  }
}

std::int64_t ContextIn(std::string_view body) {
  const std::string text = LowerCase(body);
  for (const std::string_view words :
       {"\"n_ctx\"", "maximum context length is", "available context size (", "context size of",
        "context window of", "context length of", "tokens > "}) {
    if (const std::int64_t number = NumberAfter(text, words); number > 0) return number;
  }
  return 0;
}

}  // namespace moerge
