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
constexpr std::string_view kTooLong[] = {
    "maximum context length",
    "maximum model length",
    "maximum prompt length",
    "maximum input length",
    "maximum number of tokens allowed",
    "context length exceeded",
    "context length of only",
    "context window",
    "context size",
    "context limit",
    "context the overflows",
    "exceeds the context",
    "exceeds max length",
    "exceeded model token limit",
    "prompt is too long",
    "prompt too long",
    "input is too long",
    "too many input tokens",
    "too many tokens: total number of tokens in the prompt",
    "longer than the model's context",
    "input length and `max_tokens` exceed",
    "`inputs` tokens + `max_new_tokens` must be",
    "`inputs` must have less than",
    "range of input length should be",
    "reduce the length of the messages",
    "reduce the length of the prompt",
    "reduce your prompt",
};

// The codes and types that say so.
constexpr std::string_view kTooLongCodes[] = {kContextExceeded,
                                              "exceed_context_size_error",
                                              "context_window_exceeded",
                                              "context_length_error",
                                              "input_too_long",
                                              "prompt_too_long",
                                              "tokens_limit_reached",
                                              "model_max_prompt_tokens_exceeded",
                                              "max_context_length_exceeded"};

// Anthropic names errors where others number them.
struct NamedStatus {
  std::string_view type;
  int status;
};
constexpr NamedStatus kNamed[] = {{"invalid_request_error", 400}, {"authentication_error", 401},
                                  {"billing_error", 402},         {"permission_error", 403},
                                  {"not_found_error", 404},       {"request_too_large", 413},
                                  {"rate_limit_error", 429}};

bool IsTooLongCode(std::string_view code) {
  return std::ranges::find(kTooLongCodes, code) != std::end(kTooLongCodes);
}

// The object that holds code, type and text.
json::Value SaidIn(const json::Value& body) {
  const json::Value root = ErrorObject(body);
  const json::Value inner = root.Find("error");
  return inner.is_object() ? inner : root;
}

bool SaysTooLong(const json::Value& said, std::string_view body) {
  if (IsTooLongCode(StringAt(said, "code")) || IsTooLongCode(StringAt(said, "type"))) return true;
  const std::string text = LowerAscii(body);
  return std::ranges::any_of(
      kTooLong, [&text](std::string_view words) { return text.find(words) != text.npos; });
}

// Of a server that answers with 5xx whatever is wrong, where a word alone may mean its own memory.
bool SurelyTooLong(const json::Value& said, std::string_view body) {
  if (!SaysTooLong(said, body)) return false;
  const std::string text = LowerAscii(body);
  return text.find("exceed") != text.npos || text.find("too long") != text.npos ||
         text.find("longer than") != text.npos;
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

json::Value ErrorObject(const json::Value& body) {
  return body.is_array() && body.size() > 0 ? *body.children().begin() : body;
}

bool IsError(const json::Value& error) {
  if (error.is_string()) return !error.AsString()->empty();
  if (error.is_number()) return error.AsDouble() != 0.0;
  if (error.is_bool()) return error.AsBool() == true;
  for (const json::Value member : error.children()) {
    if (IsError(member)) return true;
  }
  return false;
}

void TakeErrorDetail(const Backend& backend, int status, std::string_view body, Error* error) {
  if (!IsTheRequests(error->code)) return;
  const auto document = json::Document::Parse(body);
  const json::Value said = SaidIn(document ? document->root() : json::Value());
  const auto shown = [&](std::string_view key) {
    return ShownText(backend, std::string(StringAt(said, key)));
  };
  error->reason = shown("code");
  error->param = shown("param");
  error->type = shown("type");
  const bool refused = error->code == ErrorCode::kInvalid || error->code == ErrorCode::kTooLarge;
  const bool broken = error->code == ErrorCode::kUnavailable && status >= 500;
  if ((refused && SaysTooLong(said, body)) || (broken && SurelyTooLong(said, body))) {
    error->code = ErrorCode::kInvalid;
    error->reason = kContextExceeded;
    if (error->param.empty()) error->param = "messages";
  } else if (status == 422) {
    error->status = status;
  }
}

int StatusIn(std::string_view body) {
  const auto document = json::Document::Parse(body);
  if (!document) return 0;
  const json::Value said = SaidIn(document->root());
  for (const std::string_view key : {"code", "status", "http_code", "status_code"}) {
    const json::Value value = said.Find(key);
    const auto number = value.is_string() ? ParseInt(*value.AsString()) : value.AsInt();
    if (number && *number >= 400 && *number <= 599) return static_cast<int>(*number);
  }
  for (const NamedStatus& named : kNamed) {
    if (StringAt(said, "type") == named.type) return named.status;
  }
  return SaysTooLong(said, body) ? 400 : 0;
}

std::int64_t ContextIn(std::string_view body) {
  const std::string text = LowerAscii(body);
  for (const std::string_view words :
       {"\"n_ctx\"", "maximum context length is", "maximum context length of",
        "maximum model length of", "maximum prompt length is", "available context size (",
        "context size of", "context window of", "context length of only", "context length of",
        "context length (", "maximum number of tokens allowed (",
        "exceeded model token limit: ", "max size: ", "must be <= ", "must have less than ",
        "while limit is ", "too large for model with ", "tokens > "}) {
    if (const std::int64_t number = NumberAfter(text, words); number > 0) return number;
  }
  return 0;
}

}  // namespace moerge
