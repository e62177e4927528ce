#include "adapters/anthropic_request.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "adapters/anthropic_messages.h"
#include "adapters/anthropic_rules.h"
#include "adapters/anthropic_thinking.h"
#include "adapters/anthropic_tools.h"
#include "adapters/openai_fields.h"
#include "config/base/text.h"

namespace moerge {
namespace anthropic {
namespace {

class RequestWriter {
 public:
  RequestWriter(const json::Value& request, const Expert& expert, const Refusals& refused)
      : request_(request), expert_(expert), refused_(refused), writer_(&out_.body) {}

  Result<TranslatedRequest> Write(bool stream) {
    if (Status read = Read(); !read) return std::move(read).error();
    writer_.BeginObject().Field("model", expert_.model).Field("max_tokens", max_tokens_);
    WriteSystem();
    writer_.Key("messages");
    turns_.Write(&writer_);
    WriteSampling();
    WriteStops();
    if (!tools_.tools.empty()) writer_.Key("tools").Raw(tools_.tools);
    if (!tools_.tool_choice.empty()) writer_.Key("tool_choice").Raw(tools_.tool_choice);
    WriteThinking();
    WriteUser();
    if (stream) writer_.Field("stream", true);
    writer_.EndObject();
    return std::move(out_);
  }

 private:
  Status Read() {
    if (Status fits = ApplyFieldRules(kFields, request_, kApi, &out_.notes); !fits) return fits;
    if (Status known = CheckFormat(request_, kApi); !known) return known;
    const json::Value messages = request_.Find("messages");
    if (Status read = ReadTurns(messages, &turns_, &out_.notes); !read) return read;
    system_ = SystemPrompt(messages);
    turns_.Arrange(turns_.empty() ? system_.Take() : std::string());
    Result<ToolSet> tools = ReadTools(request_, turns_.tools_used(), &out_.notes);
    if (!tools) return std::move(tools).error();
    tools_ = *std::move(tools);
    LimitMarks();
    ReadLimit();
    Think();
    return Ok{};
  }

  // Those of the tools and the system prompt, which come first and change least, stay.
  void LimitMarks() {
    std::size_t most = kMaxCacheMarks - tools_.marks;
    bool all = tools_.all_marks;
    all = system_.KeepMarks(most) && all;
    most -= system_.marks();
    if (turns_.KeepMarks(most) && all) return;
    out_.notes.push_back(
        "`cache_control` is passed on of the last parts alone: " + std::string(kApi) + " takes " +
        std::to_string(kMaxCacheMarks) + " in a request");
  }

  void ReadLimit() {
    const std::int64_t most = expert_.max_output;
    const auto wanted = MaxTokens(request_);
    max_tokens_ = wanted.value_or(most > 0 ? most : kDefaultMaxOutput);
    if (!wanted) out_.own_limit = max_tokens_;
    if (most <= 0 || max_tokens_ <= most) return;
    max_tokens_ = out_.own_limit = most;
    out_.notes.push_back(LimitNote(most));
  }

  void Think() {
    const ThinkingFrame frame{.max_tokens = max_tokens_,
                              .limited = MaxTokens(request_) || expert_.max_output > 0,
                              .forced = tools_.forced};
    thinking_ = ReadThinking(request_, frame, turns_, refused_, &out_.notes);
    if (thinking_.max_tokens > max_tokens_) max_tokens_ = out_.own_limit = thinking_.max_tokens;
  }

  void WriteSystem() {
    const json::Value format = request_.Find("response_format");
    const std::string_view type = format.Find("type").AsString().value_or("");
    const bool by_tool = AnswersByTool(request_) && turns_.tools_used().empty();
    if (!by_tool && (type == "json_object" || type == "json_schema")) {
      std::string text = "Answer with one JSON value and nothing else.";
      if (const json::Value schema = format.Find("json_schema").Find("schema")) {
        text.append(" It must match this JSON schema: ").append(schema.raw());
      }
      system_.Add(std::move(text));
    }
    if (system_.empty()) return;
    writer_.Key("system");
    system_.Write(&writer_);
  }

  // Newer models refuse temperature and top_p together, and both beside thinking. A value that says
  // nothing goes first; then top_p.
  void WriteSampling() {
    const auto temperature = request_.Find("temperature").AsDouble();
    const auto top_p = request_.Find("top_p").AsDouble();
    const auto top_k = request_.Find("top_k").AsInt();
    const bool heat = temperature && *temperature != 1;
    const bool nucleus = top_p && *top_p < 1;
    if (thinking_.on || refused_.sampling) {
      const std::string_view why =
          thinking_.on ? "a model that thinks takes none" : "the model takes none";
      if (heat) Unsaid("temperature", why);
      if (nucleus) Unsaid("top_p", why);
      if (top_k) Unsaid("top_k", why);
      return;
    }
    if (temperature && (heat || !nucleus)) WriteTemperature(*temperature);
    if (nucleus && !heat) writer_.Field("top_p", *top_p);
    if (nucleus && heat) Unsaid("top_p", "models take it or `temperature`, not both");
    if (top_k) writer_.Field("top_k", *top_k);
  }

  void WriteTemperature(double value) {
    writer_.Field("temperature", std::min(value, kMaxTemperature));
    if (value > kMaxTemperature) {
      out_.notes.push_back("`temperature` is 1, the highest that " + std::string(kApi) + " takes");
    }
  }

  void Unsaid(std::string_view field, std::string_view why) {
    out_.notes.push_back("`" + std::string(field) + "` is not passed on: " + std::string(why));
  }

  void WriteStops() {
    std::vector<std::string_view> stops = StopSequences(request_);
    const auto blank = [](std::string_view stop) { return Trim(stop).empty(); };
    if (std::erase_if(stops, blank) > 0) Unsaid("stop", "one of blanks alone is refused there");
    if (stops.empty()) return;
    writer_.Key("stop_sequences").BeginArray();
    for (const std::string_view stop : stops) writer_.String(stop);
    writer_.EndArray();
  }

  void WriteThinking() {
    if (!thinking_.thinking.empty()) writer_.Key("thinking").Raw(thinking_.thinking);
    if (!thinking_.output_config.empty()) writer_.Key("output_config").Raw(thinking_.output_config);
  }

  void WriteUser() {
    auto user = request_.Find("user").AsString();
    if (!user) user = request_.Find("safety_identifier").AsString();
    if (!user || user->empty()) return;
    if (!IsUserId(*user)) {
      return Unsaid("user", std::string(kApi) +
                                " takes no mail address, no telephone number and "
                                "no more than 256 bytes");
    }
    writer_.Key("metadata").BeginObject().Field("user_id", *user).EndObject();
  }

  const json::Value request_;
  const Expert& expert_;
  const Refusals& refused_;
  TranslatedRequest out_;
  json::Writer writer_;
  SystemPrompt system_;
  Turns turns_;
  ToolSet tools_;
  std::int64_t max_tokens_ = 0;
  Thinking thinking_;
};

}  // namespace
}  // namespace anthropic

Result<TranslatedRequest> ToAnthropicRequest(const json::Value& request, const Expert& expert,
                                             bool stream) {
  return ToAnthropicRequest(request, expert, stream, {});
}

Result<TranslatedRequest> ToAnthropicRequest(const json::Value& request, const Expert& expert,
                                             bool stream, const anthropic::Refusals& refused) {
  return anthropic::RequestWriter(request, expert, refused).Write(stream);
}

}  // namespace moerge
