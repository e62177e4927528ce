#include "adapters/ollama_request.h"

#include <map>

#include "adapters/openai_fields.h"

namespace moerge {
namespace {

constexpr std::string_view kOllamaApi = "Ollama's API";

class OllamaMessages {
 public:
  explicit OllamaMessages(json::Writer* writer) : writer_(*writer) {}

  Status Message(const json::Value& message, const std::string& path) {
    const std::string_view role = message.Find("role").AsString().value_or("");
    const json::Value content = message.Find("content");
    writer_.BeginObject().Field("role", role == "developer" ? "system" : role);
    writer_.Field("content", ContentText(content));
    if (Status images = Images(content, path); !images) return images;
    if (Status calls = ToolCalls(message.Find("tool_calls"), path); !calls) return calls;
    if (role == "tool") ToolName(message);
    writer_.EndObject();
    return Ok{};
  }

 private:
  Status Images(const json::Value& content, const std::string& path) {
    std::vector<std::string_view> images;
    for (const ContentPart& part : ContentParts(content)) {
      if (part.type == "text") continue;
      const auto data = ParseDataUrl(part.image_url);
      if (part.type != "image_url" || !data) {
        const std::string what = part.type == "image_url"
                                     ? "an image that is not a base64 data URL"
                                     : "content of the type `" + std::string(part.type) + "`";
        return NotExpressible(kOllamaApi, what, path + ".content");
      }
      images.push_back(data->base64);
    }
    if (images.empty()) return Ok{};
    writer_.Key("images").BeginArray();
    for (const std::string_view image : images) writer_.String(image);
    writer_.EndArray();
    return Ok{};
  }

  Status ToolCalls(const json::Value& calls, const std::string& path) {
    if (calls.size() == 0) return Ok{};
    writer_.Key("tool_calls").BeginArray();
    std::size_t i = 0;
    for (const json::Value call : calls.children()) {
      auto arguments = ToolArguments(call, path + ".tool_calls[" + std::to_string(i++) + "]");
      if (!arguments) return std::move(arguments).error();
      const std::string_view name = call.Find("function").Find("name").AsString().value_or("");
      names_[call.Find("id").AsString().value_or("")] = name;
      writer_.BeginObject().Key("function").BeginObject().Field("name", name);
      writer_.Key("arguments").Raw(*arguments).EndObject().EndObject();
    }
    writer_.EndArray();
    return Ok{};
  }

  // Results name the tool, where OpenAI's name the call.
  void ToolName(const json::Value& message) {
    const auto call = names_.find(message.Find("tool_call_id").AsString().value_or(""));
    if (call != names_.end()) writer_.Field("tool_name", call->second);
  }

  json::Writer& writer_;
  std::map<std::string_view, std::string_view> names_;  // of tools, by the id of the call
};

void WriteOptions(const json::Value& request, json::Writer* writer) {
  writer->Key("options").BeginObject();
  for (const char* name : {"temperature", "top_p", "min_p", "top_k", "seed", "frequency_penalty",
                           "presence_penalty", "repeat_penalty"}) {
    if (const json::Value value = request.Find(name); value.is_number()) {
      writer->Key(name).Raw(value.raw());
    }
  }
  if (const auto limit = MaxTokens(request)) writer->Field("num_predict", *limit);
  if (const auto stops = StopSequences(request); !stops.empty()) {
    writer->Key("stop").BeginArray();
    for (const std::string_view stop : stops) writer->String(stop);
    writer->EndArray();
  }
  writer->EndObject();
}

void WriteFormat(const json::Value& request, json::Writer* writer) {
  const json::Value format = request.Find("response_format");
  const std::string_view type = format.Find("type").AsString().value_or("");
  const json::Value schema = format.Find("json_schema").Find("schema");
  if (type == "json_schema" && schema.is_object()) {
    writer->Key("format").Raw(schema.raw());
  } else if (type == "json_object" || type == "json_schema") {
    writer->Field("format", "json");
  }
}

}  // namespace

Result<std::string> ToOllamaRequest(const json::Value& request, std::string_view model,
                                    bool stream) {
  if (request.Find("n").AsInt().value_or(1) != 1) {
    return NotExpressible(kOllamaApi, "`n` other than 1", "n");
  }
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("model", model).Field("stream", stream);
  writer.Key("messages").BeginArray();
  OllamaMessages messages(&writer);
  std::size_t i = 0;
  for (const json::Value message : request.Find("messages").children()) {
    Status written = messages.Message(message, "messages[" + std::to_string(i++) + "]");
    if (!written) return std::move(written).error();
  }
  writer.EndArray();
  const json::Value tools = request.Find("tools");
  if (tools.size() > 0 && request.Find("tool_choice").AsString() != "none") {
    writer.Key("tools").Raw(tools.raw());
  }
  WriteFormat(request, &writer);
  WriteOptions(request, &writer);
  writer.EndObject();
  return out;
}

}  // namespace moerge
