#include "adapters/anthropic_thinking.h"

#include <algorithm>

#include "adapters/anthropic_rules.h"
#include "adapters/field_rules.h"
#include "adapters/openai_fields.h"
#include "adapters/translated_request.h"

namespace moerge::anthropic {
namespace {

// Per cent of the limit of tokens to think with.
std::int64_t ShareOf(std::string_view effort) {
  if (effort == "low" || effort == "minimal") return 20;
  if (effort == "high") return 80;
  return effort == "xhigh" || effort == "max" ? 90 : 50;
}

class ThinkingReader {
 public:
  ThinkingReader(const json::Value& request, const ThinkingFrame& frame, const Refusals& refused,
                 std::vector<std::string>* notes)
      : request_(request), frame_(frame), refused_(refused), notes_(*notes) {}

  Thinking Read(const Turns& turns) {
    out_.max_tokens = frame_.max_tokens;
    const json::Value own = request_.Find("thinking");
    const ReasoningWish wish = ReadReasoningWish(request_);
    if (wish.kind == ReasoningWish::Kind::kOff && own.is_object() && !refused_.thinking) {
      out_.thinking = R"({"type":"disabled"})";
    }
    const bool least = wish.effort == "minimal" && !own.is_object();
    if (wish.kind == ReasoningWish::Kind::kOn && !least) Think(wish, own, turns);
    WriteOutputConfig();
    return std::move(out_);
  }

 private:
  void Think(const ReasoningWish& wish, const json::Value& own, const Turns& turns) {
    const bool asked = StringAt(own, "type") == "adaptive";
    const bool adaptive = !refused_.adaptive && (asked || refused_.budget);
    if (refused_.thinking || (refused_.budget && refused_.adaptive)) return Not("it cannot");
    if (frame_.forced) return Not("a call of a function is insisted on");
    if (!turns.MayThink(!adaptive)) return Not("earlier thoughts of this turn are not there");
    if (!adaptive) return Within(wish, own, asked);
    out_.on = true;
    // Else its thoughts would be empty, where a budget's are not.
    out_.thinking = asked ? own.raw() : R"({"type":"adaptive","display":"summarized"})";
    if (wish.tokens) notes_.push_back(NotPassedOn("budget_tokens", "the model"));
    if (!wish.effort.empty()) effort_ = EffortOf(wish.effort);
  }

  void Within(const ReasoningWish& wish, const json::Value& own, bool adaptive_asked) {
    const std::string_view effort = wish.effort.empty() ? wish.effort : EffortOf(wish.effort);
    const std::int64_t share = ShareOf(effort);
    const std::int64_t budget =
        std::max(kMinThinking, wish.tokens.value_or(out_.max_tokens * share / 100));
    if (budget >= out_.max_tokens && !frame_.limited) {
      out_.max_tokens = std::min(budget, kMaxThinking) + kDefaultMaxOutput;
    }
    if (budget >= out_.max_tokens) return Not("the limit of tokens leaves no room for it");
    if (adaptive_asked) {
      notes_.push_back("`thinking` is a budget of " + std::to_string(budget) +
                       " tokens: the model does not take `adaptive`");
    }
    out_.on = true;
    json::Writer writer(&out_.thinking);
    writer.BeginObject().Field("type", "enabled").Field("budget_tokens", budget);
    if (const auto display = StringAt(own, "display"); !display.empty()) {
      writer.Field("display", display);
    }
    writer.EndObject();
  }

  // One that the API knows.
  std::string_view EffortOf(std::string_view said) {
    if (said == "minimal") return "low";
    if (std::ranges::find(kEfforts, said) != std::end(kEfforts)) return said;
    notes_.push_back(UnknownEffortNote(said, "medium"));
    return "medium";
  }

  // The client's own, with the effort that it has said elsewhere.
  void WriteOutputConfig() {
    const json::Value own = request_.Find("output_config");
    if (refused_.effort && (!effort_.empty() || own.Find("effort"))) {
      notes_.push_back(NotPassedOn("effort", "the model"));
    }
    const bool add = !effort_.empty() && !own.Find("effort") && !refused_.effort;
    std::string config;
    json::Writer writer(&config);
    writer.BeginObject();
    if (add) writer.Field("effort", effort_);
    bool any = add;
    for (const json::Value member : own.children()) {
      if (!own.is_object() || (refused_.effort && member.key() == "effort")) continue;
      writer.Key(member.key()).Raw(member.raw());
      any = true;
    }
    writer.EndObject();
    if (any) out_.output_config = std::move(config);
  }

  void Not(std::string_view why) {
    notes_.push_back("the model is not asked to think: " + std::string(why));
  }

  const json::Value request_;
  const ThinkingFrame& frame_;
  const Refusals& refused_;
  std::vector<std::string>& notes_;
  Thinking out_;
  std::string_view effort_;
};

}  // namespace

Thinking ReadThinking(const json::Value& request, const ThinkingFrame& frame, const Turns& turns,
                      const Refusals& refused, std::vector<std::string>* notes) {
  return ThinkingReader(request, frame, refused, notes).Read(turns);
}

}  // namespace moerge::anthropic
