#include "adapters/anthropic_request.h"

#include <algorithm>

#include "adapters/openai_fields.h"

namespace moerge {
namespace {

constexpr std::string_view kAnthropicApi = "Anthropic's API";
constexpr std::int64_t kDefaultMaxTokens = 4096;

// Writes `messages`. Consecutive turns of one role become one message: tool results are part of a
// user's message and must all be in the one that follows the calls.
class AnthropicMessages {
 public:
  explicit AnthropicMessages(json::Writer* writer) : writer_(*writer) {}

  Status Message(const json::Value& message, const std::string& path) {
    const std::string_view role = message.Find("role").AsString().value_or("");
    if (role == "system" || role == "developer") return Ok{};
    if (role == "tool") {
      ToolResult(message);
      return Ok{};
    }
    if (role != "user" && role != "assistant") {
      return NotExpressible(kAnthropicApi, "the role `" + std::string(role) + "`", path + ".role");
    }
    if (Status parts = Parts(role, message.Find("content"), path); !parts) return parts;
    return role == "assistant" ? ToolUses(message.Find("tool_calls"), path) : Status(Ok{});
  }

  void End() {
    if (!role_.empty()) writer_.EndArray().EndObject();
    role_ = {};
  }

 private:
  void Block(std::string_view role) {
    if (role == role_) return;
    End();
    role_ = role == "assistant" ? "assistant" : "user";
    writer_.BeginObject().Field("role", role_).Key("content").BeginArray();
  }

  Status Parts(std::string_view role, const json::Value& content, const std::string& path) {
    for (const ContentPart& part : ContentParts(content)) {
      if (part.type == "text") {
        if (part.text.empty()) continue;  // the API refuses empty text
        Block(role);
        writer_.BeginObject().Field("type", "text").Field("text", part.text).EndObject();
      } else if (part.type == "image_url") {
        if (Status image = Image(role, part.image_url, path); !image) return image;
      } else {
        return NotExpressible(kAnthropicApi, "content of the type `" + std::string(part.type) + "`",
                              path + ".content");
      }
    }
    return Ok{};
  }

  Status Image(std::string_view role, std::string_view url, const std::string& path) {
    const auto data = ParseDataUrl(url);
    if (!data && !url.starts_with("http://") && !url.starts_with("https://")) {
      return NotExpressible(kAnthropicApi, "an image that is neither an http nor a base64 data URL",
                            path + ".content");
    }
    Block(role);
    writer_.BeginObject().Field("type", "image").Key("source").BeginObject();
    if (data) {
      writer_.Field("type", "base64").Field("media_type", data->media_type);
      writer_.Field("data", data->base64);
    } else {
      writer_.Field("type", "url").Field("url", url);
    }
    writer_.EndObject().EndObject();
    return Ok{};
  }

  Status ToolUses(const json::Value& calls, const std::string& path) {
    std::size_t i = 0;
    for (const json::Value call : calls.children()) {
      auto input = ToolArguments(call, path + ".tool_calls[" + std::to_string(i++) + "]");
      if (!input) return std::move(input).error();
      Block("assistant");
      writer_.BeginObject().Field("type", "tool_use");
      writer_.Field("id", call.Find("id").AsString().value_or(""));
      writer_.Field("name", call.Find("function").Find("name").AsString().value_or(""));
      writer_.Key("input").Raw(*input).EndObject();
    }
    return Ok{};
  }

  void ToolResult(const json::Value& message) {
    Block("user");
    writer_.BeginObject().Field("type", "tool_result");
    writer_.Field("tool_use_id", message.Find("tool_call_id").AsString().value_or(""));
    writer_.Field("content", ContentText(message.Find("content"))).EndObject();
  }

  json::Writer& writer_;
  std::string_view role_;
};

// All system and developer messages in one text; the API has one place for it.
std::string SystemText(const json::Value& request) {
  std::string system;
  for (const json::Value message : request.Find("messages").children()) {
    const std::string_view role = message.Find("role").AsString().value_or("");
    if (role != "system" && role != "developer") continue;
    if (!system.empty()) system.append("\n\n");
    system.append(ContentText(message.Find("content")));
  }
  const json::Value format = request.Find("response_format");
  const std::string_view type = format.Find("type").AsString().value_or("");
  if (type == "json_object" || type == "json_schema") {
    system.append(system.empty() ? "" : "\n\n")
        .append("Answer with one JSON value and nothing else.");
    if (const json::Value schema = format.Find("json_schema").Find("schema")) {
      system.append(" It must match this JSON schema: ").append(schema.raw());
    }
  }
  return system;
}

void WriteTools(const json::Value& tools, json::Writer* writer) {
  writer->Key("tools").BeginArray();
  for (const json::Value tool : tools.children()) {
    const json::Value function = tool.Find("function");
    writer->BeginObject().Field("name", function.Find("name").AsString().value_or(""));
    if (const auto text = function.Find("description").AsString()) {
      writer->Field("description", *text);
    }
    const json::Value schema = function.Find("parameters");
    writer->Key("input_schema");
    writer->Raw(schema.is_object() && schema.size() > 0 ? schema.raw() : R"({"type":"object"})");
    writer->EndObject();
  }
  writer->EndArray();
}

void WriteToolChoice(const json::Value& request, json::Writer* writer) {
  const auto word = request.Find("tool_choice").AsString();
  const auto forced = ForcedTool(request);
  const bool serial = request.Find("parallel_tool_calls").AsBool() == false;
  if (!word && !forced && !serial) return;
  const std::string_view type = forced               ? "tool"
                                : word == "none"     ? "none"
                                : word == "required" ? "any"
                                                     : "auto";
  writer->Key("tool_choice").BeginObject().Field("type", type);
  if (forced) writer->Field("name", *forced);
  if (serial && type != "none") writer->Field("disable_parallel_tool_use", true);
  writer->EndObject();
}

void WriteSampling(const json::Value& request, json::Writer* writer) {
  // Their scale ends at 1, OpenAI's at 2.
  if (const auto value = request.Find("temperature").AsDouble()) {
    writer->Field("temperature", std::min(*value, 1.0));
  }
  if (const auto value = request.Find("top_p").AsDouble()) writer->Field("top_p", *value);
  if (const auto value = request.Find("top_k").AsInt()) writer->Field("top_k", *value);
  const auto stops = StopSequences(request);
  if (stops.empty()) return;
  writer->Key("stop_sequences").BeginArray();
  for (const std::string_view stop : stops) writer->String(stop);
  writer->EndArray();
}

Status WriteMessages(const json::Value& request, json::Writer* writer) {
  writer->Key("messages").BeginArray();
  AnthropicMessages messages(writer);
  std::size_t i = 0;
  for (const json::Value message : request.Find("messages").children()) {
    Status written = messages.Message(message, "messages[" + std::to_string(i++) + "]");
    if (!written) return written;
  }
  messages.End();
  writer->EndArray();
  return Ok{};
}

}  // namespace

Result<std::string> ToAnthropicRequest(const json::Value& request, std::string_view model,
                                       bool stream) {
  if (request.Find("n").AsInt().value_or(1) != 1) {
    return NotExpressible(kAnthropicApi, "`n` other than 1", "n");
  }
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("model", model);
  writer.Field("max_tokens", MaxTokens(request).value_or(kDefaultMaxTokens));
  if (const std::string system = SystemText(request); !system.empty()) {
    writer.Field("system", system);
  }
  if (Status messages = WriteMessages(request, &writer); !messages) {
    return std::move(messages).error();
  }
  WriteSampling(request, &writer);
  if (const json::Value tools = request.Find("tools"); tools.size() > 0) {
    WriteTools(tools, &writer);
    WriteToolChoice(request, &writer);
  }
  if (const auto user = request.Find("user").AsString()) {
    writer.Key("metadata").BeginObject().Field("user_id", *user).EndObject();
  }
  if (stream) writer.Field("stream", true);
  writer.EndObject();
  return out;
}

}  // namespace moerge
