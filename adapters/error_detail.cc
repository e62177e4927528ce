#include "adapters/error_detail.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "adapters/failure_signs.h"
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

// What only the operator can mend, though the status blames the request.
struct Blame {
  std::string_view words;  // of the code, the type or, in lower case, the text
  ErrorCode code;
};
constexpr Blame kBlames[] = {
    // Gemini, xAI, OpenAI
    {"api_key_invalid", ErrorCode::kUnauthorized},
    {"api key not valid", ErrorCode::kUnauthorized},
    {"api key expired", ErrorCode::kUnauthorized},
    {"invalid_api_key", ErrorCode::kUnauthorized},
    {"incorrect api key", ErrorCode::kUnauthorized},
    // DeepSeek, OpenRouter, Mistral, LM Studio, Ollama, vLLM, Groq
    {"model not exist", ErrorCode::kNotFound},
    {"is not a valid model id", ErrorCode::kNotFound},
    {"invalid model:", ErrorCode::kNotFound},
    {"invalid_model", ErrorCode::kNotFound},
    {"no models loaded", ErrorCode::kNotFound},
    {"try pulling it first", ErrorCode::kNotFound},
    {"model_not_found", ErrorCode::kNotFound},
    {"model_decommissioned", ErrorCode::kNotFound},
    {"unknown_model", ErrorCode::kNotFound},
    // Anthropic, DashScope, one-api, OpenAI, Gemini
    {"credit balance is too low", ErrorCode::kForbidden},
    {"specified api usage limits", ErrorCode::kForbidden},
    {"organization has been disabled", ErrorCode::kForbidden},
    {"arrearage", ErrorCode::kForbidden},
    {"insufficient_user_quota", ErrorCode::kForbidden},
    {"insufficient balance", ErrorCode::kForbidden},
    {"billing_not_active", ErrorCode::kForbidden},
    {"billing_hard_limit_reached", ErrorCode::kForbidden},
    {"user location is not supported", ErrorCode::kForbidden},
    {"unsupported_country_region_territory", ErrorCode::kForbidden},
};

// What relays quote of a server's error, and what validators name.
constexpr std::string_view kTextMembers[] = {"error", "message", "detail", "errors", "msg"};
constexpr int kMostNested = 6;

// Errors that are named where others are numbered.
struct NamedStatus {
  std::string_view name;  // a code, a type or a status, in any case
  int status;
};
constexpr NamedStatus kNamed[] = {
    // Anthropic
    {"invalid_request_error", 400},
    {"authentication_error", 401},
    {"billing_error", 402},
    {"permission_error", 403},
    {"not_found_error", 404},
    {"request_too_large", 413},
    {"rate_limit_error", 429},
    // OpenAI, Azure
    {"content_filter", 400},
    {"content_policy_violation", 400},
    {"invalid_api_key", 401},
    {"model_not_found", 404},
    {"insufficient_quota", 429},
    {"rate_limit_exceeded", 429},
    // Gemini
    {"invalid_argument", 400},
    {"unauthenticated", 401},
    {"permission_denied", 403},
    {"not_found", 404},
    {"resource_exhausted", 429},
    // vLLM
    {"BadRequestError", 400},
    {"AuthenticationError", 401},
    {"NotFoundError", 404},
    {"RateLimitError", 429},
    // DashScope, LiteLLM, Bedrock
    {"Throttling", 429},
    {"throttling_error", 429},
    {"ThrottlingException", 429},
};

bool IsTooLongCode(std::string_view code) {
  return std::ranges::find(kTooLongCodes, code) != std::end(kTooLongCodes);
}

// The object that holds code, type and text.
json::Value SaidIn(const json::Value& body) {
  const json::Value root = ErrorObject(body);
  const json::Value inner = root.Find("error");
  return inner.is_object() ? inner : root;
}

// An error of a server behind the server, as text: OpenRouter's.
std::string_view Relayed(const json::Value& said) { return StringAt(said.Find("metadata"), "raw"); }

// "body.messages.0.content: Field required", as FastAPI's validators have it.
std::string WithPlace(const json::Value& fault, std::string text) {
  std::string place;
  for (const json::Value step : fault.Find("loc").children()) {
    if (!place.empty()) place.push_back('.');
    place.append(step.AsString().value_or(step.raw()));
  }
  return place.empty() ? text : place + ": " + text;
}

std::string TextWithin(const json::Value& value, int depth) {
  if (const auto text = value.AsString()) return std::string(*text);
  if (depth > kMostNested) return {};
  if (value.is_array()) {
    return value.size() == 0 ? std::string() : TextWithin(*value.children().begin(), depth + 1);
  }
  if (!value.is_object()) return {};  // else nothing would be looked through again and again
  for (const std::string_view member : kTextMembers) {
    std::string text = TextWithin(value.Find(member), depth + 1);
    if (!text.empty()) return WithPlace(value, std::move(text));
  }
  for (const json::Value member : value.children()) {
    const std::string_view key = member.key();
    const bool seen = std::ranges::find(kTextMembers, key) != std::end(kTextMembers);
    if (seen || !NamesError(key) || key.ends_with("code") || key.ends_with("type")) continue;
    std::string text = TextWithin(member, depth + 1);
    if (!text.empty()) return text;
  }
  return {};
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

std::string ErrorText(const json::Value& body) {
  std::string text = TextWithin(body, 0);
  const std::string_view relayed = Relayed(SaidIn(body));
  if (relayed.empty()) return text;
  const auto inner = json::Document::Parse(relayed);
  const std::string said = inner ? TextWithin(inner->root(), 0) : std::string(Trim(relayed));
  if (said.empty()) return text;
  return text.empty() ? said : text + ": " + said;
}

std::optional<ErrorCode> BlamedOn(int status, std::string_view body) {
  if (status != 400 && status != 403 && status != 422) return std::nullopt;
  const auto document = json::Document::Parse(body);
  const json::Value said = SaidIn(document ? document->root() : json::Value());
  const bool filtered = said.Find("metadata").Find("reasons").is_array();  // OpenRouter's
  if (status == 403 && filtered) return ErrorCode::kInvalid;
  std::string text = document ? ErrorText(document->root()) : std::string(body);
  for (const std::string_view key : {"code", "type", "status"}) {
    text.append("\n").append(StringAt(said, key));
  }
  for (const json::Value detail : said.Find("details").children()) {
    text.append("\n").append(StringAt(detail, "reason"));
  }
  text = LowerAscii(text);
  for (const Blame& blame : kBlames) {
    if (text.find(blame.words) != text.npos) return blame.code;
  }
  const bool gone = text.find("does not exist") != text.npos && text.find("model `") != text.npos;
  return gone ? std::optional(ErrorCode::kNotFound) : std::nullopt;
}

std::int64_t RetryDelayIn(std::string_view body) { return NumberAfter(body, "\"retryDelay\""); }

void TakeErrorDetail(const Backend& backend, int status, std::string_view body, Error* error) {
  if (!IsTheRequests(error->code)) return;
  const auto document = json::Document::Parse(body);
  const json::Value said = SaidIn(document ? document->root() : json::Value());
  const auto relayed = json::Document::Parse(Relayed(said));
  const json::Value inner = SaidIn(relayed ? relayed->root() : json::Value());
  const auto shown = [&](std::string_view key) {
    const std::string_view text = StringAt(inner, key);
    return ShownText(backend, std::string(text.empty() ? StringAt(said, key) : text));
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
  } else if (status == 403) {
    error->reason = "content_filter";
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
  for (const std::string_view key : {"code", "type", "status", "__type"}) {
    const std::string_view name = StringAt(said, key);
    for (const NamedStatus& named : kNamed) {
      if (EqualsIgnoreCase(name, named.name)) return named.status;
    }
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
