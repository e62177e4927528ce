// Reading the fields of an OpenAI chat request that other protocols spell differently. Pure,
// thread-safe; views live as long as the request.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/json.h"

namespace moerge {

// Text of a `content`: a string, or the joined text parts of an array.
std::string ContentText(const json::Value& content);

// One part of a `content`; a string is one text part.
struct ContentPart {
  // "text" (refusals too, and the Responses API's), "thinking" (Mistral's, Anthropic's and
  // others'), "image_url", "file", ...
  std::string_view type;
  std::string_view text;
  std::string_view url = {};       // of an image, or a file's data as a URL
  std::string_view detail = {};    // in which an image is to be seen
  std::string_view filename = {};  // of a file
  json::Value cache_control = {};  // Anthropic's mark, which clients put on parts; may be absent
};
std::vector<ContentPart> ContentParts(const json::Value& content);
// Whether an image's detail is left to the model.
inline bool SaysNoDetail(const ContentPart& part) {
  return part.detail.empty() || part.detail == "auto";
}

// "data:image/png;base64,AAAA".
struct DataUrl {
  std::string_view media_type;  // lower case as clients write it; may be empty
  std::string_view base64;
};
std::optional<DataUrl> ParseDataUrl(std::string_view url);
// What the first bytes of a picture in base64 say it is: "image/png"; empty: not known.
std::string_view PictureType(std::string_view base64);

// A number of tokens that a server says it counted, as a number or as text; nothing below 0, and
// nothing beyond a billion, is one.
std::optional<std::int64_t> TokenCount(const json::Value& value);

// `max_completion_tokens`, else `max_tokens`; below 1 (servers take -1 for "no limit") is none.
std::optional<std::int64_t> MaxTokens(const json::Value& request);
// `stop` as a list.
std::vector<std::string_view> StopSequences(const json::Value& request);
// Whether `stream_options.include_usage` is set.
bool WantsUsage(const json::Value& request);
// Whether `n` asks for no more than one answer.
bool WantsOneChoice(const json::Value& request);
// The name of a tool or of a choice of one: in its `function` or `custom`, else beside its type, as
// the Responses API has it.
std::string_view ToolName(const json::Value& tool);
// The name that `tool_choice` insists on: {"type": "function", "function": {"name": ...}}, or as
// Anthropic has it {"type": "tool", "name": ...}.
std::optional<std::string_view> ForcedTool(const json::Value& request);
// The word that `tool_choice` is, or, as Anthropic has it, the type of: "auto", "any", "none", ...
std::optional<std::string_view> ToolChoiceWord(const json::Value& request);

// The `mode` and `tools` of a `tool_choice` that allows some; the members may stand in
// `allowed_tools`, or, as the Responses API has it, beside the type. Absent: it is another choice.
json::Value AllowedTools(const json::Value& request);
// Error: kInvalid with `tool_choice`, where it names a tool that is not among `tools`, or allows
// none.
Status CheckChosenTools(const json::Value& request);

// Error: kInvalid, for a `response_format` of a type that is not OpenAI's, such as a grammar.
Status CheckFormat(const json::Value& request, std::string_view api);

// How much the client wants the model to think, however it says so: `thinking` (Anthropic's),
// `think` (Ollama's), `reasoning` (OpenRouter's), `reasoning_effort`, `enable_thinking`
// (DashScope's) and the same in `chat_template_kwargs` (vLLM's, SGLang's). `reasoning_effort`
// beside `thinking` says how much.
struct ReasoningWish {
  enum class Kind { kUnsaid, kOff, kOn };
  Kind kind = Kind::kUnsaid;
  std::string_view effort = {};  // "low", "medium", "high" or as the client says; may be empty
  std::optional<std::int64_t> tokens = {};  // to think with
};
ReasoningWish ReadReasoningWish(const json::Value& request);

// A tool call's arguments, which are JSON within a string, as a JSON object. Empty text is an empty
// object; JSON that is not so by the letter is mended; text that is none, as a call leaves it that
// was cut, becomes {"invalid_json": TEXT}, so
// that the conversation can go on.
std::string ToolArguments(const json::Value& arguments);

// A kInvalid for what `protocol` cannot express.
Error NotExpressible(std::string_view protocol, std::string_view what, std::string param);

}  // namespace moerge
