#include "services/api/chat_fields.h"

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>

#include "services/api/field_error.h"

namespace moerge::api {
namespace {

constexpr std::int64_t kMaxTokens = std::numeric_limits<std::int32_t>::max();

using Read = Status (*)(json::Value value, ChatRequest* request);

// Ranges are the expert's business: what one refuses another takes (max_tokens of -1 for "no
// limit", a temperature over 2).
Status CheckInt(json::Value value) {
  if (value.AsInt()) return Ok{};
  return FieldError(std::string(value.key()), "a whole number");
}

Status CheckNumber(json::Value value) {
  if (value.AsDouble()) return Ok{};
  return FieldError(std::string(value.key()), "a number");
}

template <bool (json::Value::*kIs)() const>
Status CheckType(json::Value value, std::string_view wanted) {
  if ((value.*kIs)()) return Ok{};
  return WrongType(std::string(value.key()), wanted, value);
}
constexpr auto CheckBool = CheckType<&json::Value::is_bool>;
constexpr auto CheckArray = CheckType<&json::Value::is_array>;
constexpr auto CheckObject = CheckType<&json::Value::is_object>;

// The first reason stays.
void NotForTools(ChatRequest* request, std::string_view why) {
  if (request->not_for_tools.empty()) request->not_for_tools = why;
}

Status ReadModel(json::Value value, ChatRequest* request) {
  const auto name = value.AsString();
  if (!name) return WrongType("model", "a string", value);
  if (name->empty()) return FieldError("model", "the name of a model; `auto` lets moerge choose");
  request->model = *name;
  return Ok{};
}

Status ReadStream(json::Value value, ChatRequest* request) {
  if (Status type = CheckBool(value, "a boolean"); !type) return type;
  request->stream = *value.AsBool();
  return Ok{};
}

Status ReadStreamOptions(json::Value value, ChatRequest* request) {
  if (Status type = CheckObject(value, "an object"); !type) return type;
  const json::Value usage = value.Find("include_usage");
  if (!usage || usage.is_null()) return Ok{};
  if (!usage.is_bool()) return WrongType("stream_options.include_usage", "a boolean", usage);
  request->include_usage = *usage.AsBool();
  return Ok{};
}

Status ReadMaxTokens(json::Value value, ChatRequest* request) {
  if (Status type = CheckInt(value); !type) return type;
  const std::int64_t limit = std::min(*value.AsInt(), kMaxTokens);  // below 1: none
  request->route.max_tokens = std::max(request->route.max_tokens, limit);
  return Ok{};
}

Status ReadN(json::Value value, ChatRequest* request) {
  if (Status type = CheckInt(value); !type) return type;
  if (*value.AsInt() > 1) NotForTools(request, "the request wants several answers (n)");
  return Ok{};
}

Status ReadStop(json::Value value, ChatRequest* request) {
  if (value.is_string() || value.size() > 0) {
    NotForTools(request, "the request says where the answer stops");
  }
  if (value.is_string()) return Ok{};
  if (!value.is_array()) return WrongType("stop", "a string or an array of strings", value);
  std::size_t index = 0;
  for (const json::Value element : value.children()) {
    const std::string param = "stop[" + std::to_string(index++) + "]";
    if (!element.is_string()) return WrongType(param, "a string", element);
  }
  return Ok{};
}

Status ReadLogprobs(json::Value value, ChatRequest* request) {
  if (Status type = CheckBool(value, "a boolean"); !type) return type;
  if (*value.AsBool()) NotForTools(request, "the request wants log probabilities");
  return Ok{};
}

Status ReadTools(json::Value value, ChatRequest* request) {
  if (Status type = CheckArray(value, "an array"); !type) return type;
  std::size_t index = 0;
  for (const json::Value tool : value.children()) {
    const std::string param = std::string(value.key()) + "[" + std::to_string(index++) + "]";
    if (!tool.is_object()) return WrongType(param, "an object", tool);
  }
  request->route.needs_functions |= value.size() > 0;
  return Ok{};
}

Status ReadToolChoice(json::Value value, ChatRequest* request) {
  const auto word = value.AsString();
  if (!word && !value.is_object()) return WrongType("tool_choice", "a string or an object", value);
  const bool forced = !word || (*word != "none" && *word != "auto");
  if (forced) NotForTools(request, "the request wants a function to be called");
  return Ok{};
}

Status ReadResponseFormat(json::Value value, ChatRequest* request) {
  if (Status type = CheckObject(value, "an object"); !type) return type;
  const json::Value kind = value.Find("type");
  if (!kind.is_string()) {
    return FieldError("response_format.type", "`text`, `json_object` or `json_schema`");
  }
  if (*kind.AsString() != "text")
    NotForTools(request, "the request prescribes the answer's format");
  return Ok{};
}

Status ReadModalities(json::Value value, ChatRequest* request) {
  if (Status type = CheckArray(value, "an array"); !type) return type;
  for (const json::Value element : value.children()) {
    if (element.AsString() != "text") NotForTools(request, "the request wants more than text");
  }
  return Ok{};
}

// Of servers' own APIs: any of them prescribes what the answer looks like.
Status ReadForm(json::Value, ChatRequest* request) {
  NotForTools(request, "the request prescribes the answer's format");
  return Ok{};
}

Status ReadWebSearch(json::Value value, ChatRequest* request) {
  NotForTools(request, "the request wants the web to be searched");
  return CheckObject(value, "an object");
}

Status ReadBias(json::Value value, ChatRequest* request) {
  NotForTools(request, "the request prefers some words");
  return CheckObject(value, "an object");
}

Status ReadBool(json::Value value, ChatRequest*) { return CheckBool(value, "a boolean"); }
Status ReadText(json::Value value, ChatRequest*) {
  return CheckType<&json::Value::is_string>(value, "a string");
}
Status ReadObject(json::Value value, ChatRequest*) { return CheckObject(value, "an object"); }
Status ReadInt(json::Value value, ChatRequest*) { return CheckInt(value); }
Status ReadNumber(json::Value value, ChatRequest*) { return CheckNumber(value); }

struct Field {
  std::string_view name;
  Read read;
};
constexpr Field kFields[] = {
    {"model", ReadModel},
    {"stream", ReadStream},
    {"stream_options", ReadStreamOptions},
    {"max_tokens", ReadMaxTokens},
    {"max_completion_tokens", ReadMaxTokens},
    {"temperature", ReadNumber},
    {"top_p", ReadNumber},
    {"n", ReadN},
    {"stop", ReadStop},
    {"tools", ReadTools},
    {"functions", ReadTools},
    {"tool_choice", ReadToolChoice},
    {"response_format", ReadResponseFormat},
    {"logprobs", ReadLogprobs},
    {"top_logprobs", ReadInt},
    {"seed", ReadInt},
    {"presence_penalty", ReadNumber},
    {"frequency_penalty", ReadNumber},
    {"logit_bias", ReadBias},
    {"metadata", ReadObject},
    {"modalities", ReadModalities},
    {"parallel_tool_calls", ReadBool},
    {"store", ReadBool},
    {"user", ReadText},
    {"ebnf", ReadForm},
    {"format", ReadForm},
    {"grammar", ReadForm},
    {"guided_choice", ReadForm},
    {"guided_grammar", ReadForm},
    {"guided_json", ReadForm},
    {"guided_regex", ReadForm},
    {"json_schema", ReadForm},
    {"regex", ReadForm},
    {"structured_outputs", ReadForm},
    {"web_search_options", ReadWebSearch},
};

// Fields without a check that say nothing of what the answer is to be: how to sample and to think,
// who asks, what it may cost and where it is run.
constexpr std::string_view kNoMatter[] = {"messages",
                                          "moerge",
                                          "top_k",
                                          "min_p",
                                          "typical_p",
                                          "top_a",
                                          "repetition_penalty",
                                          "repeat_penalty",
                                          "repeat_last_n",
                                          "reasoning_effort",
                                          "reasoning",
                                          "thinking",
                                          "think",
                                          "enable_thinking",
                                          "include_reasoning",
                                          "safety_identifier",
                                          "prompt_cache_key",
                                          "prompt_cache_retention",
                                          "service_tier",
                                          "prediction",
                                          "options",
                                          "keep_alive",
                                          "num_ctx",
                                          "cache_prompt",
                                          "provider",
                                          "models",
                                          "usage",
                                          "session_id",
                                          "timeout"};

// A field that nobody here knows may say anything, such as documents to answer from.
void ReadUnknown(json::Value value, ChatRequest* request) {
  const bool flag_off = value.is_bool() && value.AsBool() == false;
  const bool empty = value.is_string()
                         ? value.AsString()->empty()
                         : !value.is_number() && !value.is_bool() && value.size() == 0;
  if (flag_off || empty) return;
  if (std::ranges::find(kNoMatter, value.key()) != std::end(kNoMatter)) return;
  NotForTools(request, "the request has a field that may shape the answer");
}

Status CheckTogether(json::Value root, ChatRequest* request) {
  const json::Value options = root.Find("stream_options");
  if (options && !options.is_null() && !request->stream) {
    return Error{.code = ErrorCode::kInvalid,
                 .message = "`stream_options` goes with `stream: true` only",
                 .param = "stream_options"};
  }
  if (root.Find("tool_choice").AsString() == "none") request->route.needs_functions = false;
  return Ok{};
}

}  // namespace

Status ReadChatFields(json::Value root, ChatRequest* request) {
  for (const json::Value member : root.children()) {
    const std::string_view key = member.key();
    const auto* field = std::find_if(std::begin(kFields), std::end(kFields),
                                     [key](const Field& known) { return known.name == key; });
    // null means "the default", as with OpenAI; only `model` has none.
    if (member.is_null() && key != "model") continue;
    if (field == std::end(kFields)) {
      ReadUnknown(member, request);
      continue;
    }
    if (Status read = field->read(member, request); !read) return read;
  }
  return CheckTogether(root, request);
}

}  // namespace moerge::api
