// Reading the fields of an OpenAI chat request that other protocols spell differently. Pure,
// thread-safe; views live as long as the request.
#pragma once

#include <functional>
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
  std::string_view type;  // "text", "image_url", ...
  std::string_view text;
  std::string_view image_url;
};
std::vector<ContentPart> ContentParts(const json::Value& content);

// "data:image/png;base64,AAAA".
struct DataUrl {
  std::string_view media_type;
  std::string_view base64;
};
std::optional<DataUrl> ParseDataUrl(std::string_view url);

// `max_completion_tokens`, else `max_tokens`.
std::optional<std::int64_t> MaxTokens(const json::Value& request);
// `stop` as a list.
std::vector<std::string_view> StopSequences(const json::Value& request);
// Whether `stream_options.include_usage` is set.
bool WantsUsage(const json::Value& request);
// The name that `tool_choice` insists on: {"type": "function", "function": {"name": ...}}.
std::optional<std::string_view> ForcedTool(const json::Value& request);

// A tool call's `function.arguments`, which is JSON within a string: that JSON object, or kInvalid
// naming the field at `path`. Empty text is an empty object.
Result<std::string> ToolArguments(const json::Value& call, const std::string& path);

// A kInvalid for what `protocol` cannot express.
Error NotExpressible(std::string_view protocol, std::string_view what, std::string param);

}  // namespace moerge
