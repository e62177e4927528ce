#include "adapters/openai_fields.h"

#include "config/base/text.h"

namespace moerge {

std::string ContentText(const json::Value& content) {
  std::string text;
  for (const ContentPart& part : ContentParts(content)) text.append(part.text);
  return text;
}

std::vector<ContentPart> ContentParts(const json::Value& content) {
  if (const auto text = content.AsString()) return {ContentPart{"text", *text, {}}};
  std::vector<ContentPart> parts;
  for (const json::Value part : content.children()) {
    ContentPart read;
    read.type = part.Find("type").AsString().value_or("");
    read.text = part.Find("text").AsString().value_or("");
    const json::Value image = part.Find("image_url");
    read.image_url = image.AsString().value_or(image.Find("url").AsString().value_or(""));
    if (read.type == "refusal") {
      read.type = "text";
      read.text = part.Find("refusal").AsString().value_or("");
    }
    parts.push_back(read);
  }
  return parts;
}

std::optional<DataUrl> ParseDataUrl(std::string_view url) {
  if (url.size() < 5 || !EqualsIgnoreCase(url.substr(0, 5), "data:")) return std::nullopt;
  url.remove_prefix(5);
  const std::size_t comma = url.find(',');
  if (comma == url.npos) return std::nullopt;
  const std::string_view head = url.substr(0, comma);
  if (!head.ends_with(";base64")) return std::nullopt;
  return DataUrl{head.substr(0, head.find(';')), url.substr(comma + 1)};
}

std::optional<std::int64_t> MaxTokens(const json::Value& request) {
  if (const auto limit = request.Find("max_completion_tokens").AsInt()) return limit;
  return request.Find("max_tokens").AsInt();
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

std::optional<std::string_view> ForcedTool(const json::Value& request) {
  return request.Find("tool_choice").Find("function").Find("name").AsString();
}

Result<std::string> ToolArguments(const json::Value& call, const std::string& path) {
  const std::string_view text = call.Find("function").Find("arguments").AsString().value_or("");
  if (Trim(text).empty()) return std::string("{}");
  const auto document = json::Document::Parse(text);
  if (document.ok() && document->root().is_object()) return std::string(document->root().raw());
  Error error{ErrorCode::kInvalid, path + ".function.arguments is not a JSON object"};
  error.param = path + ".function.arguments";
  return error;
}

Error NotExpressible(std::string_view protocol, std::string_view what, std::string param) {
  Error error{ErrorCode::kInvalid, std::string(what) + " cannot be passed on to an expert behind " +
                                       std::string(protocol)};
  error.param = std::move(param);
  return error;
}

}  // namespace moerge
