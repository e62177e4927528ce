#include "adapters/openai_fields.h"

#include <set>
#include <utility>

#include "adapters/json_mend.h"
#include "config/base/text.h"

namespace moerge {
namespace {

ContentPart ReadPart(const json::Value& part) {
  ContentPart read;
  read.type = part.Find("type").AsString().value_or("");
  read.text = part.Find("text").AsString().value_or("");
  read.cache_control = part.Find("cache_control");
  const json::Value image = part.Find("image_url");
  read.url = image.AsString().value_or(image.Find("url").AsString().value_or(""));
  read.detail = StringAt(image, "detail");
  if (const json::Value file = part.Find("file")) {
    read.url = file.Find("file_data").AsString().value_or("");
    read.filename = file.Find("filename").AsString().value_or("");
  }
  if (read.type == "refusal") {
    read.type = "text";
    read.text = part.Find("refusal").AsString().value_or("");
  }
  if (read.type == "output_text" || read.type == "input_text") read.type = "text";
  return read;
}

bool IsThought(const json::Value& part) {
  const std::string_view type = StringAt(part, "type");
  return type == "thinking" || type == "reasoning";
}

// Thoughts are a text, or an array of them.
void ReadThoughts(const json::Value& part, std::vector<ContentPart>* parts) {
  json::Value text = part.Find("thinking");
  if (!text) text = part.Find("reasoning");
  if (!text) text = part.Find("text");
  if (const auto one = text.AsString()) parts->push_back({.type = "thinking", .text = *one});
  for (const json::Value piece : text.children()) {
    parts->push_back({.type = "thinking", .text = StringAt(piece, "text")});
  }
}

ReasoningWish OfEffort(std::string_view effort) {
  if (effort == "none") return {.kind = ReasoningWish::Kind::kOff};
  return {.kind = ReasoningWish::Kind::kOn, .effort = effort};
}

ReasoningWish OfFlag(bool on) {
  return {.kind = on ? ReasoningWish::Kind::kOn : ReasoningWish::Kind::kOff};
}

ReasoningWish OfThinking(const json::Value& thinking) {
  ReasoningWish wish = OfFlag(thinking.Find("type").AsString() != "disabled");
  wish.tokens = thinking.Find("budget_tokens").AsInt();
  return wish;
}

ReasoningWish OfReasoning(const json::Value& reasoning) {
  if (const auto effort = reasoning.Find("effort").AsString()) return OfEffort(*effort);
  ReasoningWish wish = OfFlag(reasoning.Find("enabled").AsBool().value_or(true));
  wish.tokens = reasoning.Find("max_tokens").AsInt();
  return wish;
}

}  // namespace

std::string ContentText(const json::Value& content) {
  std::string text;
  for (const ContentPart& part : ContentParts(content)) {
    if (part.type != "thinking") text.append(part.text);
  }
  return text;
}

std::vector<ContentPart> ContentParts(const json::Value& content) {
  if (const auto text = content.AsString()) return {ContentPart{.type = "text", .text = *text}};
  std::vector<ContentPart> parts;
  for (const json::Value part : content.children()) {
    IsThought(part) ? ReadThoughts(part, &parts) : parts.push_back(ReadPart(part));
  }
  return parts;
}

std::optional<DataUrl> ParseDataUrl(std::string_view url) {
  if (url.size() < 5 || !EqualsIgnoreCase(url.substr(0, 5), "data:")) return std::nullopt;
  url.remove_prefix(5);
  const std::size_t comma = url.find(',');
  if (comma == url.npos) return std::nullopt;
  const std::string_view head = url.substr(0, comma);
  constexpr std::string_view kCoding = ";base64";
  if (head.size() < kCoding.size() ||
      !EqualsIgnoreCase(head.substr(head.size() - kCoding.size()), kCoding)) {
    return std::nullopt;
  }
  return DataUrl{head.substr(0, head.find(';')), url.substr(comma + 1)};
}

std::string_view PictureType(std::string_view base64) {
  constexpr std::pair<std::string_view, std::string_view> kBeginnings[] = {
      {"iVBORw0KGgo", "image/png"},
      {"/9j/", "image/jpeg"},
      {"R0lGOD", "image/gif"},
      {"UklGR", "image/webp"}};
  for (const auto& [beginning, type] : kBeginnings) {
    if (base64.starts_with(beginning)) return type;
  }
  return {};
}

std::optional<std::int64_t> TokenCount(const json::Value& value) {
  constexpr std::int64_t kMost = 1'000'000'000;
  const auto count = value.is_string() ? ParseInt(*value.AsString()) : value.AsInt();
  return count && *count >= 0 && *count <= kMost ? count : std::nullopt;
}

std::optional<std::int64_t> MaxTokens(const json::Value& request) {
  for (const std::string_view name : {"max_completion_tokens", "max_tokens"}) {
    const auto limit = request.Find(name).AsInt();
    if (limit && *limit > 0) return limit;
  }
  return std::nullopt;
}

std::vector<std::string_view> StopSequences(const json::Value& request) {
  const json::Value stop = request.Find("stop");
  if (const auto one = stop.AsString()) return {*one};
  std::vector<std::string_view> all;
  for (const json::Value item : stop.children()) {
    if (const auto text = item.AsString()) all.push_back(*text);
  }
  return all;
}

bool WantsUsage(const json::Value& request) {
  return request.Find("stream_options").Find("include_usage").AsBool().value_or(false);
}

bool WantsOneChoice(const json::Value& request) {
  return request.Find("n").AsInt().value_or(1) <= 1;
}

std::optional<std::string_view> ForcedTool(const json::Value& request) {
  const json::Value choice = request.Find("tool_choice");
  const std::string_view type = StringAt(choice, "type");
  if (type == "tool" || (type == "function" && !choice.Find("function"))) {
    return choice.Find("name").AsString();
  }
  return choice.Find("function").Find("name").AsString();
}

std::string_view ToolName(const json::Value& tool) {
  for (const std::string_view kind : {"function", "custom"}) {
    if (const json::Value inner = tool.Find(kind)) return StringAt(inner, "name");
  }
  return StringAt(tool, "name");
}

json::Value AllowedTools(const json::Value& request) {
  const json::Value choice = request.Find("tool_choice");
  if (StringAt(choice, "type") != "allowed_tools") return {};
  const json::Value inner = choice.Find("allowed_tools");
  return inner.is_object() ? inner : choice;
}

Status CheckChosenTools(const json::Value& request) {
  const json::Value tools = request.Find("tools");
  if (tools.size() == 0) return Ok{};
  std::set<std::string_view> declared;
  for (const json::Value tool : tools.children()) declared.insert(ToolName(tool));
  std::vector<std::string_view> chosen;
  if (const auto forced = ForcedTool(request)) chosen.push_back(*forced);
  const json::Value allowed = AllowedTools(request);
  // Those of a server have no name.
  for (const json::Value tool : allowed.Find("tools").children()) {
    if (!ToolName(tool).empty()) chosen.push_back(ToolName(tool));
  }
  std::string what;
  if (allowed && allowed.Find("tools").size() == 0) what = "allows no tool";
  for (const std::string_view name : chosen) {
    if (declared.contains(name)) continue;
    what = "names `" + std::string(name) + "`, which is not among `tools`";
    break;
  }
  if (what.empty()) return Ok{};
  Error error{ErrorCode::kInvalid, "`tool_choice` " + what};
  error.param = "tool_choice";
  return error;
}

std::optional<std::string_view> ToolChoiceWord(const json::Value& request) {
  const json::Value choice = request.Find("tool_choice");
  if (choice.is_string()) return choice.AsString();
  const auto type = choice.Find("type").AsString();
  for (const std::string_view word : {"auto", "any", "none", "required"}) {
    if (type == word) return word;
  }
  return std::nullopt;
}

Status CheckFormat(const json::Value& request, std::string_view api) {
  const std::string_view type =
      request.Find("response_format").Find("type").AsString().value_or("text");
  if (type == "text" || type == "json_object" || type == "json_schema") return Ok{};
  return NotExpressible(api, "the format `" + std::string(type) + "`", "response_format.type");
}

ReasoningWish ReadReasoningWish(const json::Value& request) {
  if (const json::Value thinking = request.Find("thinking"); thinking.is_object()) {
    ReasoningWish wish = OfThinking(thinking);
    wish.effort = StringAt(request, "reasoning_effort");
    return wish;
  }
  const json::Value think = request.Find("think");
  if (const auto on = think.AsBool()) return OfFlag(*on);
  if (const auto effort = think.AsString()) return OfEffort(*effort);
  if (const json::Value reasoning = request.Find("reasoning"); reasoning.is_object()) {
    return OfReasoning(reasoning);
  }
  if (const auto effort = request.Find("reasoning_effort").AsString()) return OfEffort(*effort);
  const json::Value arguments = request.Find("chat_template_kwargs");
  for (const json::Value flag : {request.Find("enable_thinking"), arguments.Find("enable_thinking"),
                                 arguments.Find("thinking")}) {
    if (const auto on = flag.AsBool()) return OfFlag(*on);
  }
  return {};
}

std::string ToolArguments(const json::Value& arguments) {
  if (arguments.is_object()) return std::string(arguments.raw());  // as some servers write them
  const std::string_view text = arguments.AsString().value_or("");
  if (Trim(text).empty()) return "{}";
  std::string mended;
  const auto document = ParseMended(text, &mended);
  if (document.ok() && document->root().is_object()) return std::string(document->root().raw());
  std::string wrapped;
  json::Writer(&wrapped).BeginObject().Field("invalid_json", text).EndObject();
  return wrapped;
}

Error NotExpressible(std::string_view protocol, std::string_view what, std::string param) {
  Error error{ErrorCode::kInvalid, std::string(what) + " cannot be passed on to an expert behind " +
                                       std::string(protocol)};
  error.param = std::move(param);
  return error;
}

}  // namespace moerge
