#include "adapters/ollama_request.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "adapters/ollama_rules.h"
#include "adapters/ollama_tools.h"
#include "adapters/openai_fields.h"

namespace moerge {
namespace ollama {
namespace {

std::string_view RoleFor(std::string_view role) {
  if (role == "developer") return "system";
  if (role == "function") return "tool";
  return role;
}

class MessageWriter {
 public:
  MessageWriter(json::Writer* writer, std::vector<std::string>* notes)
      : writer_(*writer), notes_(*notes) {}

  Status Message(const json::Value& message, const std::string& path) {
    const std::string_view role = RoleFor(StringAt(message, "role"));
    if (std::ranges::find(kRoles, role) == std::end(kRoles)) {
      return NotExpressible(kApi, "the role `" + std::string(role) + "`", path + ".role");
    }
    if (message.Find("audio").is_object()) return NotExpressible(kApi, "speech", path + ".audio");
    writer_.BeginObject().Field("role", role).Field("content", TextOf(message));
    if (Status images = Images(message, path); !images) return images;
    Thinking(message);
    ToolCalls(message);
    if (role == "tool") ToolName(message);
    if (role != "tool" && !StringAt(message, "name").empty()) NoteOnce("name");
    writer_.EndObject();
    return Ok{};
  }

 private:
  // Parts of an answer are pieces of one text; others say a thing each.
  static std::string TextOf(const json::Value& message) {
    const bool pieces = StringAt(message, "role") == "assistant";
    std::string text;
    for (const ContentPart& part : ContentParts(message.Find("content"))) {
      if (part.type == "thinking" || part.text.empty()) continue;
      text.append(text.empty() || pieces ? "" : "\n").append(part.text);
    }
    if (text.empty()) text = StringAt(message, "refusal");
    return text;
  }

  // `images` is where OpenRouter puts those of an answer.
  Status Images(const json::Value& message, const std::string& path) {
    std::vector<std::string_view> images;
    for (const std::string_view member : {"content", "images"}) {
      Status read = Images(message.Find(member), path + "." + std::string(member), &images);
      if (!read) return read;
    }
    if (images.empty()) return Ok{};
    writer_.Key("images").BeginArray();
    for (const std::string_view image : images) writer_.String(image);
    writer_.EndArray();
    return Ok{};
  }

  Status Images(const json::Value& content, const std::string& path,
                std::vector<std::string_view>* images) {
    std::size_t i = 0;
    for (const ContentPart& part : ContentParts(content)) {
      const std::string at = content.is_array() ? path + "[" + std::to_string(i++) + "]" : path;
      if (part.type == "text" || part.type == "thinking") continue;
      const auto data = ParseDataUrl(part.url);
      if (part.type != "image_url" || !data) {
        const std::string what = part.type == "image_url"
                                     ? "an image that is not a base64 data URL"
                                     : "content of the type `" + std::string(part.type) + "`";
        return NotExpressible(kApi, what, at);
      }
      if (!SaysNoDetail(part)) NoteOnce("image_url.detail");
      images->push_back(data->base64);
    }
    return Ok{};
  }

  void Thinking(const json::Value& message) {
    for (const std::string_view field : {"reasoning_content", "reasoning"}) {
      const std::string_view text = StringAt(message, field);
      if (text.empty()) continue;
      writer_.Field("thinking", text);
      return;
    }
    std::string thoughts;
    for (const ContentPart& part : ContentParts(message.Find("content"))) {
      if (part.type == "thinking") thoughts.append(part.text);
    }
    if (!thoughts.empty()) writer_.Field("thinking", thoughts);
  }

  void ToolCalls(const json::Value& message) {
    const json::Value calls = message.Find("tool_calls");
    const json::Value old = message.Find("function_call");
    if (calls.size() == 0 && !old.is_object()) return;
    writer_.Key("tool_calls").BeginArray();
    for (const json::Value call : calls.children()) ToolCall(call);
    if (old.is_object()) {
      Function(StringAt(old, "name"), ToolArguments(old.Find("arguments")));
      names_[""] = StringAt(old, "name");
    }
    writer_.EndArray();
  }

  void ToolCall(const json::Value& call) {
    const json::Value custom = call.Find("custom");
    const json::Value function = call.Find("function");
    const std::string_view name = StringAt(custom ? custom : function, "name");
    const std::string_view id = StringAt(call, "id");
    names_[id] = name;
    if (!custom) return Function(name, ToolArguments(function.Find("arguments")), id);
    std::string input;
    json::Writer(&input).BeginObject().Field("input", StringAt(custom, "input")).EndObject();
    Function(name, input, id);
  }

  void Function(std::string_view name, std::string_view arguments, std::string_view id = {}) {
    writer_.BeginObject();
    if (!id.empty()) writer_.Field("id", id);
    writer_.Key("function").BeginObject().Field("name", name);
    writer_.Key("arguments").Raw(arguments).EndObject().EndObject();
  }

  // Results name the tool, where OpenAI's name the call.
  void ToolName(const json::Value& message) {
    const auto call = names_.find(StringAt(message, "tool_call_id"));
    const std::string_view name = call == names_.end() ? StringAt(message, "name") : call->second;
    if (!name.empty()) writer_.Field("tool_name", name);
    const std::string_view id = StringAt(message, "tool_call_id");
    if (!id.empty()) writer_.Field("tool_call_id", id);
  }

  void NoteOnce(std::string_view field) {
    std::string note = NotPassedOn(field, kApi);
    if (std::ranges::find(notes_, note) == notes_.end()) notes_.push_back(std::move(note));
  }

  json::Writer& writer_;
  std::vector<std::string>& notes_;
  std::map<std::string_view, std::string_view> names_;  // of tools, by the id of the call
};

struct Turn {
  json::Value message;
  std::size_t at = 0;  // in the request
};

// Where the call that a result answers stands among `calls`; behind them: it is none of theirs.
std::size_t PlaceOf(const json::Value& result, const json::Value& calls) {
  const std::string_view id = StringAt(result, "tool_call_id");
  std::size_t place = 0;
  for (const json::Value call : calls.children()) {
    if (StringAt(call, "id") == id) break;
    ++place;
  }
  return place;
}

// The messages, results in the order of the calls that they answer: older servers know a result by
// its place and the function's name alone.
std::vector<Turn> TurnsOf(const json::Value& messages) {
  std::vector<Turn> turns;
  std::vector<std::size_t> places;
  json::Value calls;
  for (const json::Value message : messages.children()) {
    turns.push_back({message, turns.size()});
    if (RoleFor(StringAt(message, "role")) != "tool") {
      calls = message.Find("tool_calls");
      places.clear();
      continue;
    }
    const std::size_t place = PlaceOf(message, calls);
    const auto before = std::ranges::upper_bound(places, place);
    const auto behind = places.end() - before;
    places.insert(before, place);
    std::rotate(turns.end() - 1 - behind, turns.end() - 1, turns.end());
  }
  return turns;
}

class RequestWriter {
 public:
  RequestWriter(const json::Value& request, const Expert& expert, OllamaThink think)
      : request_(request), expert_(expert), think_(think), writer_(&out_.body) {}

  Result<TranslatedRequest> Write(bool stream) {
    if (Status fits = Check(); !fits) return std::move(fits).error();
    writer_.BeginObject().Field("model", expert_.model).Field("stream", stream);
    if (Status written = WriteMessages(); !written) return std::move(written).error();
    WriteTools();
    WriteFormat();
    WriteOptions();
    WriteThink();
    WriteAsSaid("keep_alive");
    if (request_.Find("logprobs").AsBool() == true) {
      writer_.Field("logprobs", true);
      WriteAsSaid("top_logprobs");
    }
    writer_.EndObject();
    return std::move(out_);
  }

 private:
  Status Check() {
    if (Status fits = ApplyFieldRules(kFields, request_, kApi, &out_.notes); !fits) return fits;
    if (Status known = CheckFormat(request_, kApi); !known) return known;
    if (Status choice = CheckToolChoice(); !choice) return choice;
    std::size_t i = 0;
    for (const json::Value tool : request_.Find("tools").children()) {
      const std::string path = "tools[" + std::to_string(i++) + "]";
      const std::string_view type = tool.Find("type").AsString().value_or("function");
      if (type == "function" && tool.Find("function").is_object()) continue;
      if (type == "function") return NotExpressible(kApi, "a tool without `function`", path);
      return NotExpressible(kApi, "a tool of the type `" + std::string(type) + "`", path);
    }
    return Ok{};
  }

  // Ollama's models call what they like.
  Status CheckToolChoice() const {
    const json::Value choice = request_.Find("tool_choice");
    if (!choice || choice.is_null()) return Ok{};
    const auto word = ToolChoiceWord(request_);
    if (word == "auto" || word == "none") return Ok{};
    const json::Value allowed = AllowedTools(request_);
    if (allowed && StringAt(allowed, "mode") != "required") return CheckChosenTools(request_);
    return NotExpressible(
        kApi,
        "`tool_choice` " + (word ? "`" + std::string(*word) + "`" : std::string("of one tool")),
        "tool_choice");
  }

  // Those that may be called.
  void WriteTools() {
    const json::Value tools = request_.Find("tools");
    if (tools.size() == 0 || ToolChoiceWord(request_) == "none") return;
    const json::Value allowed = AllowedTools(request_);
    std::set<std::string_view> names;
    for (const json::Value tool : allowed.Find("tools").children()) names.insert(ToolName(tool));
    writer_.Key("tools").BeginArray();
    for (const json::Value tool : tools.children()) {
      if (!allowed || names.contains(ToolName(tool))) WriteTool(tool, &writer_);
    }
    writer_.EndArray();
  }

  Status WriteMessages() {
    writer_.Key("messages").BeginArray();
    MessageWriter messages(&writer_, &out_.notes);
    for (const Turn& turn : TurnsOf(request_.Find("messages"))) {
      Status written = messages.Message(turn.message, "messages[" + std::to_string(turn.at) + "]");
      if (!written) return written;
    }
    writer_.EndArray();
    return Ok{};
  }

  void WriteAsSaid(std::string_view field) {
    const json::Value value = request_.Find(field);
    if (value && !value.is_null()) writer_.Key(field).Raw(value.raw());
  }

  void WriteFormat() {
    const json::Value format = request_.Find("response_format");
    const std::string_view type = format.Find("type").AsString().value_or("");
    const json::Value schema = format.Find("json_schema").Find("schema");
    if (type == "json_schema" && schema.is_object()) {
      writer_.Key("format").Raw(schema.raw());
    } else if (type == "json_object" || type == "json_schema") {
      writer_.Field("format", "json");
    }
  }

  // What stands in the client's own `options` comes before all else.
  void WriteOptions() {
    const json::Value own = request_.Find("options");
    writer_.Key("options").BeginObject();
    for (const json::Value option : own.children()) {
      if (own.is_object()) writer_.Key(option.key()).Raw(option.raw());
    }
    const auto open = [&own](std::string_view name) { return !own.Find(name); };
    for (const std::string_view name : kOptions) {
      const json::Value value = request_.Find(name);
      if (value.is_number() && open(name)) writer_.Key(name).Raw(value.raw());
    }
    // As vLLM and others call it.
    const json::Value repetition = request_.Find("repetition_penalty");
    const bool repeats = !request_.Find("repeat_penalty") && open("repeat_penalty");
    if (repetition.is_number() && repeats) writer_.Key("repeat_penalty").Raw(repetition.raw());
    const bool sized = request_.Find("num_ctx").is_number() || !open("num_ctx");
    if (!sized && expert_.context > 0) writer_.Field("num_ctx", expert_.context);
    if (open("num_predict")) WriteLimit();
    if (open("stop")) WriteStops();
    writer_.EndObject();
  }

  void WriteLimit() {
    const std::int64_t most = expert_.max_output;
    const auto wanted = MaxTokens(request_);
    if (wanted && (most <= 0 || *wanted <= most)) {
      writer_.Field("num_predict", *wanted);
    } else if (most > 0) {
      writer_.Field("num_predict", out_.own_limit = most);
    }
    if (wanted && out_.own_limit > 0) out_.notes.push_back(LimitNote(most));
  }

  void WriteStops() {
    std::vector<std::string_view> stops = StopSequences(request_);
    std::erase(stops, std::string_view());
    if (stops.empty()) return;
    writer_.Key("stop").BeginArray();
    for (const std::string_view stop : stops) writer_.String(stop);
    writer_.EndArray();
  }

  void WriteThink() {
    const ReasoningWish wish = ReadReasoningWish(request_);
    if (wish.kind == ReasoningWish::Kind::kUnsaid) return;
    const bool on = wish.kind == ReasoningWish::Kind::kOn;
    if (on && think_ == OllamaThink::kNone) {
      out_.notes.push_back("the model is not asked to think: it cannot");
      return;
    }
    if (wish.tokens) out_.notes.push_back(NotPassedOn("budget_tokens", kApi));
    std::string_view effort = wish.effort == "minimal" ? "low" : wish.effort;
    if (effort == "xhigh" || effort == "max") effort = "high";
    const bool known = std::ranges::find(kEfforts, effort) != std::end(kEfforts);
    if (on && !effort.empty() && !known) {
      out_.notes.push_back(UnknownEffortNote(effort, "the model's own"));
    }
    if (known && think_ == OllamaThink::kAsSaid) {
      writer_.Field("think", effort);
    } else {
      writer_.Field("think", on);
    }
  }

  const json::Value request_;
  const Expert& expert_;
  const OllamaThink think_;
  TranslatedRequest out_;
  json::Writer writer_;
};

}  // namespace
}  // namespace ollama

Result<TranslatedRequest> ToOllamaRequest(const json::Value& request, const Expert& expert,
                                          bool stream) {
  return ToOllamaRequest(request, expert, stream, OllamaThink::kAsSaid);
}

Result<TranslatedRequest> ToOllamaRequest(const json::Value& request, const Expert& expert,
                                          bool stream, OllamaThink think) {
  return ollama::RequestWriter(request, expert, think).Write(stream);
}

}  // namespace moerge
