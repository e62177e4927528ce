#include "services/api/decision_json.h"

#include <cmath>
#include <utility>

#include "config/base/hash.h"
#include "config/base/text_buffer.h"
#include "config/base/utf8.h"
#include "registry/registry.h"
#include "router/signals_json.h"
#include "services/api/error.h"

namespace moerge::api {
namespace {

using Clock = ChatRecord::Clock;

// Few digits are read and many cost time: 4 decimals for probabilities, 3 for times.
constexpr int kScoreDigits = 4;
constexpr int kTimeDigits = 3;
constexpr int kPriceDigits = 6;
constexpr int kCostDigits = 9;

double Rounded(double value, double scale) { return std::round(value * scale) / scale; }

void AppendBool(bool value, TextBuffer* out) { value ? out->Append("true") : out->Append("false"); }

void AppendTextOrNull(std::string_view text, TextBuffer* out) {
  text.empty() ? out->Append("null") : out->AppendQuoted(text);
}

void AppendName(ExpertId expert, TextBuffer* out) { out->AppendQuoted(NameOf(expert)); }
void AppendText(const std::string& text, TextBuffer* out) { out->AppendQuoted(text); }

void AppendConfidence(const std::optional<double>& confidence, TextBuffer* out) {
  confidence ? out->AppendDecimal(*confidence, kScoreDigits) : out->Append("null");
}

template <class T, class Append>
void AppendList(const std::vector<T>& items, Append append, TextBuffer* out) {
  char before = '[';
  for (const T& item : items) {
    out->Append(before);
    append(item, out);
    before = ',';
  }
  items.empty() ? out->Append("[]") : out->Append("]");
}

void AppendCandidate(const Candidate& candidate, TextBuffer* out) {
  out->Append(R"({"expert":)");
  AppendName(candidate.expert, out);
  out->Append(R"(,"expected":)");
  out->AppendDecimal(candidate.expected, kScoreDigits);
  out->Append(R"(,"low":)");
  out->AppendDecimal(candidate.low, kScoreDigits);
  out->Append(R"(,"high":)");
  out->AppendDecimal(candidate.high, kScoreDigits);
  out->Append(R"(,"price":)");
  out->AppendDecimal(candidate.price, kPriceDigits);
  out->Append(R"(,"utility":)");
  out->AppendDecimal(candidate.utility, kScoreDigits);
  if (candidate.provisional) out->Append(R"(,"provisional":true)");
  if (candidate.excluded == Exclusion::kNone) return out->Append(R"(,"excluded":null})");
  out->Append(R"(,"excluded":)");
  out->AppendQuoted(ExclusionName(candidate.excluded));
  out->Append('}');
}

void AppendSkill(const SkillProbability& skill, TextBuffer* out) {
  out->Append(R"({"skill":)");
  out->AppendQuoted(NameOf(skill.skill));
  out->Append(R"(,"probability":)");
  out->AppendDecimal(skill.probability, kScoreDigits);
  out->Append('}');
}

void AppendSeat(const Seat& seat, TextBuffer* out) {
  out->Append(R"({"expert":)");
  AppendName(seat.expert, out);
  out->Append(R"(,"weight":)");
  out->AppendDecimal(seat.weight, kScoreDigits);
  out->Append('}');
}

// `begin`: of the request.
void AppendAttempt(const Attempt& attempt, ChatRecord::Clock::time_point begin, TextBuffer* out) {
  const bool failed = attempt.outcome == AttemptOutcome::kFailed;
  out->Append(R"({"expert":)");
  AppendName(attempt.expert, out);
  out->Append(R"(,"outcome":)");
  out->AppendQuoted(AttemptOutcomeName(attempt.outcome));
  out->Append(R"(,"code":)");
  AppendTextOrNull(failed ? ErrorName(attempt.code) : std::string_view(), out);
  out->Append(R"(,"error":)");
  AppendTextOrNull(attempt.error, out);
  out->Append(R"(,"note":)");
  AppendTextOrNull(attempt.note, out);
  if (attempt.begin != ChatRecord::Clock::time_point{}) {
    out->Append(R"(,"start_ms":)");
    out->AppendDecimal(Milliseconds(attempt.begin - begin), kTimeDigits);
  }
  out->Append(R"(,"ms":)");
  out->AppendDecimal(attempt.ms, kTimeDigits);
  out->Append(R"(,"retry":)");
  out->AppendInt(attempt.retry);
  out->Append('}');
}

// Every request's decision is kept, so this is written without a general writer's checks: the
// fields stand in their order.
class DecisionWriter {
 public:
  DecisionWriter(const DecisionView& view, TextBuffer* out)
      : view_(view), record_(view.record), decision_(view.record.decision), out_(*out) {}

  void Write() {
    WriteHead();
    WriteSignals();
    WriteDemand();
    WriteLine();
    WriteTimings();
    WriteCost();
    WriteRequest();
    out_.Append('}');
  }

 private:
  template <class Integer>
  void Int(std::string_view key, Integer value) {
    out_.Append(key);
    out_.AppendInt(value);
  }
  template <class T, class Append>
  void List(std::string_view key, const std::vector<T>& items, Append append) {
    out_.Append(key);
    AppendList(items, append, &out_);
  }

  void WriteHead() {
    out_.Append(R"({"id":)");
    out_.AppendQuoted(decision_.id);
    out_.Append(R"(,"object":"moerge.decision","time":")");
    out_.AppendTime(decision_.time);
    out_.Append(R"(","request_id":)");
    out_.AppendQuoted(view_.request_id);
    out_.Append(R"(,"revision":)");
    out_.AppendInt(decision_.revision);
    out_.Append(R"(,"model":)");
    out_.AppendQuoted(view_.model);
    out_.Append(R"(,"policy":)");
    out_.AppendQuoted(PolicyName(decision_));
    out_.Append(R"(,"stream":)");
    AppendBool(view_.stream, &out_);
    out_.Append(R"(,"outcome":)");
    out_.AppendQuoted(OutcomeName(view_.outcome));
    out_.Append(R"(,"expert":)");
    AppendTextOrNull(record_.answered ? record_.expert->spec.name : std::string_view(), &out_);
    out_.Append(R"(,"error":)");
    AppendTextOrNull(view_.error == nullptr ? std::string_view() : view_.error->message, &out_);
  }

  void WriteSignals() {
    out_.Append(R"(,"signals":)");
    if (view_.route.signals == nullptr) return out_.Append("null");
    std::string signals;
    AppendSignals(*view_.route.signals, view_.keep_text, decision_.kept_session, &signals);
    out_.Append(signals);
  }

  void WriteDemand() {
    const Demand& demand = decision_.demand;
    out_.Append(R"(,"demand":{"classifier":)");
    out_.AppendQuoted(demand.classifier);
    out_.Append(R"(,"confidence":)");
    out_.AppendDecimal(demand.confidence, kScoreDigits);
    Int(R"(,"bytes_read":)", demand.bytes_read);
    Int(R"(,"bytes_total":)", demand.bytes_total);
    List(R"(,"skills":)", demand.skills, AppendSkill);
    List(R"(,"notes":)", demand.notes, AppendText);
    out_.Append('}');
  }

  void WriteLine() {
    Int(R"(,"considered":)", decision_.considered);
    List(R"(,"candidates":)", decision_.candidates, AppendCandidate);
    List(R"(,"roster":)", decision_.roster, AppendSeat);
    List(R"(,"fallbacks":)", decision_.fallbacks,
         [](const ExpertId& id, TextBuffer* out) { AppendName(id, out); });
    WriteSize();
    List(R"(,"reasons":)", decision_.reasons, AppendText);
    List(R"(,"attempts":)", record_.attempts, [this](const Attempt& attempt, TextBuffer* out) {
      AppendAttempt(attempt, record_.begin, out);
    });
    if (!record_.aggregate.empty()) WriteAggregate();
  }

  void WriteAggregate() {
    out_.Append(R"(,"aggregate":)");
    out_.AppendQuoted(record_.aggregate);
    out_.Append(R"(,"answers":)");
    char before = '[';
    for (const Contribution& each : record_.contributions) {
      out_.Append(std::exchange(before, ','));
      AppendContribution(each);
    }
    out_.Append(before == '[' ? "[]" : "]");
    out_.Append(R"(,"answer_confidence":)");
    AppendConfidence(record_.answer_confidence, &out_);
    out_.Append(R"(,"limit":)");
    AppendTextOrNull(record_.ledger.limit(), &out_);
    out_.Append(R"(,"notes":)");
    AppendList(record_.notes, AppendText, &out_);
  }

  // What an expert said, or sixteen digits in place of it.
  void AppendKept(std::string_view text) {
    if ((view_.keep_text && record_.keep_answers) || text.empty()) {
      AppendTextOrNull(text, &out_);
    } else {
      AppendHash(text);
    }
  }

  void AppendContribution(const Contribution& each) {
    out_.Append(R"({"expert":)");
    AppendName(each.expert, &out_);
    out_.Append(R"(,"role":)");
    out_.AppendQuoted(each.role);
    out_.Append(R"(,"text":)");
    AppendKept(each.text);
    out_.Append(R"(,"answer":)");
    AppendKept(each.answer);
    out_.Append(R"(,"weight":)");
    out_.AppendDecimal(each.weight, kScoreDigits);
    out_.Append(R"(,"won":)");
    AppendBool(each.won, &out_);
    out_.Append(R"(,"check":)");
    AppendTextOrNull(each.check, &out_);
    out_.Append(R"(,"prompt_tokens":)");
    out_.AppendInt(each.usage.prompt_tokens);
    out_.Append(R"(,"completion_tokens":)");
    out_.AppendInt(each.usage.completion_tokens);
    out_.Append(R"(,"cost_usd":)");
    out_.AppendDecimal(each.cost_usd, kCostDigits);
    out_.Append(R"(,"ms":)");
    out_.AppendDecimal(each.ms, kTimeDigits);
    out_.Append('}');
  }

  void WriteSize() {
    out_.Append(R"(,"confidence":)");
    out_.AppendDecimal(decision_.confidence, kScoreDigits);
    const bool usual = !decision_.uncertain && !decision_.abstained() && decision_.null_seats == 0;
    if (usual) {
      return out_.Append(R"(,"null_seats":0,"uncertain":false,"broadcast":0,"abstained":false)");
    }
    out_.Append(R"(,"null_seats":)");
    out_.AppendInt(decision_.null_seats);
    out_.Append(R"(,"uncertain":)");
    AppendBool(decision_.uncertain, &out_);
    out_.Append(R"(,"broadcast":)");
    out_.AppendInt(decision_.uncertain ? decision_.roster.size() : 0);
    out_.Append(R"(,"abstained":)");
    AppendBool(decision_.abstained(), &out_);
  }

  void WriteTimings() {
    out_.Append(R"(,"timings":{"classify_us":)");
    out_.AppendDecimal(decision_.classify_us, kTimeDigits);
    out_.Append(R"(,"recruit_us":)");
    out_.AppendDecimal(decision_.recruit_us, kTimeDigits);
    out_.Append(R"(,"upstream_ms":)");
    out_.AppendDecimal(Milliseconds(record_.upstream.ended()), kTimeDigits);
    out_.Append(R"(,"first_token_ms":)");
    if (record_.first_token == Clock::time_point{}) {
      out_.Append("null");
    } else {
      out_.AppendDecimal(Milliseconds(record_.first_token - record_.begin), kTimeDigits);
    }
    out_.Append(R"(,"total_ms":)");
    out_.AppendDecimal(Milliseconds(view_.now - record_.begin), kTimeDigits);
    out_.Append(R"(,"overhead_ms":)");
    out_.AppendDecimal(OverheadMs(record_, view_.now), kTimeDigits);
  }

  void WriteCost() {
    out_.Append(R"(},"usage":)");
    const Spending charged = record_.Charged();
    if (!record_.answered && record_.signal_calls == 0) {
      out_.Append("null");
    } else {
      const Usage& usage = charged.usage;
      out_.Append(R"({"prompt_tokens":)");
      out_.AppendInt(usage.prompt_tokens);
      out_.Append(R"(,"completion_tokens":)");
      out_.AppendInt(usage.completion_tokens);
      out_.Append(R"(,"estimated":)");
      AppendBool(usage.estimated, &out_);
      out_.Append('}');
    }
    out_.Append(R"(,"cost_usd":)");
    out_.AppendDecimal(charged.cost_usd, kCostDigits);
  }

  // What a replay needs.
  void WriteRequest() {
    const RouteRequest& route = view_.route;
    out_.Append(R"(,"request":{)");
    view_.keep_text ? WriteText(route.text) : WriteFingerprint(route.text);
    out_.Append(R"(,"prompt_tokens":)");
    out_.AppendInt(route.prompt_tokens);
    out_.Append(R"(,"max_tokens":)");
    out_.AppendInt(route.max_tokens);
    out_.Append(R"(,"needs_functions":)");
    AppendBool(route.needs_functions, &out_);
    out_.Append(R"(,"needs_vision":)");
    AppendBool(route.needs_vision, &out_);
    out_.Append(R"(,"skills":)");
    AppendList(route.skills, AppendText, &out_);
    out_.Append(R"(,"experts":)");
    AppendList(route.experts, AppendText, &out_);
    if (route.max_latency_ms > 0) {
      out_.Append(R"(,"max_latency_ms":)");
      out_.AppendDecimal(route.max_latency_ms, kPriceDigits);
    }
    if (route.max_cost_usd > 0) {
      out_.Append(R"(,"max_cost_usd":)");
      out_.AppendNumber(route.max_cost_usd);
    }
    out_.Append(R"(,"seed":")");
    out_.AppendInt(route.seed);
    out_.Append(R"("})");
  }

  void WriteText(const RequestText& text) {
    std::size_t left = kKeptText;
    bool cut = false;
    const auto share = [&](std::string_view part) {
      const std::string_view kept = utf8::Truncate(part, left);
      left -= kept.size();
      cut |= kept.size() < part.size();
      return kept;
    };
    out_.Append(R"("user":)");
    out_.AppendQuoted(share(text.user));
    out_.Append(R"(,"system":)");
    out_.AppendQuoted(share(text.system));
    out_.Append(R"(,"earlier":)");
    char before = '[';
    for (const std::string_view turn : text.earlier) {
      const std::string_view kept = share(turn);
      if (kept.empty()) continue;
      out_.Append(std::exchange(before, ','));
      out_.AppendQuoted(kept);
    }
    before == '[' ? out_.Append("[]") : out_.Append("]");
    out_.Append(R"(,"truncated":)");
    AppendBool(cut, &out_);
  }

  // Sixteen hexadecimal digits in place of a text that is not to be kept.
  void AppendHash(std::string_view text) {
    char digits[16];
    std::uint64_t hash = Hash64(text);
    for (int i = 15; i >= 0; --i, hash >>= 4) digits[i] = "0123456789abcdef"[hash & 15];
    out_.AppendQuoted(std::string_view(digits, sizeof digits));
  }

  void WriteFingerprint(const RequestText& text) {
    out_.Append(R"("user_bytes":)");
    out_.AppendInt(text.user.size());
    out_.Append(R"(,"system_bytes":)");
    out_.AppendInt(text.system.size());
    out_.Append(R"(,"user_hash":)");
    AppendHash(text.user);
  }

  const DecisionView& view_;
  const ChatRecord& record_;
  const Decision& decision_;
  TextBuffer& out_;
};

// How the answer was made: which experts were asked, how many of them gave it, what was left out,
// and what all of it cost.
void AppendAggregateSummary(const ChatRecord& record, TextBuffer* out) {
  std::vector<ExpertId> experts;
  std::vector<ExpertId> failed;
  int agree = 0;
  for (const Contribution& each : record.contributions) {
    if (each.role != "answer") continue;
    experts.push_back(each.expert);
    agree += each.won ? 1 : 0;
  }
  for (const Attempt& attempt : record.attempts) {
    if (attempt.outcome == AttemptOutcome::kFailed) failed.push_back(attempt.expert);
  }
  const auto append = [](const ExpertId& id, TextBuffer* to) { AppendName(id, to); };
  out->Append(R"(,"aggregate":{"name":)");
  out->AppendQuoted(record.aggregate);
  out->Append(R"(,"experts":)");
  AppendList<ExpertId>(experts, append, out);
  out->Append(R"(,"failed":)");
  AppendList<ExpertId>(failed, append, out);
  out->Append(R"(,"agree":)");
  out->AppendInt(agree);
  out->Append(R"(,"confidence":)");
  AppendConfidence(record.answer_confidence, out);
  out->Append(R"(,"calls":)");
  out->AppendInt(record.ledger.calls());
  out->Append(R"(,"cost_usd":)");
  out->AppendDecimal(record.TotalCost(), kCostDigits);
  out->Append(R"(,"limit":)");
  AppendTextOrNull(record.ledger.limit(), out);
  out->Append(R"(,"notes":)");
  AppendList(record.notes, AppendText, out);
  out->Append('}');
}

}  // namespace

std::string_view TopSkill(const Decision& decision) {
  if (decision.demand.skills.empty()) return {};
  return NameOf(decision.demand.skills.front().skill);
}

std::string_view PolicyName(const Decision& decision) {
  return decision.policy.empty() ? std::string_view("direct") : std::string_view(decision.policy);
}

int AttemptCount(const ChatRecord& record) {
  return static_cast<int>(record.attempts.size()) + record.upstream.under_way();
}

double OverheadMs(const ChatRecord& record, Clock::time_point now) {
  return Rounded(Milliseconds(record.Overhead(now)), 1e3);
}

void AppendDecision(const DecisionView& view, std::string* out) {
  thread_local TextBuffer buffer;
  buffer.Clear();
  DecisionWriter(view, &buffer).Write();
  const std::string_view json = buffer.view();
  if (out->empty() && out->capacity() < json.size()) {
    // Hundreds of these texts are kept for their room, and a string that grows takes twice as much.
    *out = std::string();
    out->reserve(json.size() + json.size() / 8);
  }
  out->append(json);
}

void AppendSummary(const ChatRecord& record, Clock::time_point now, std::string_view explanation,
                   std::string* out) {
  thread_local TextBuffer buffer;
  buffer.Clear();
  const Decision& decision = record.decision;
  buffer.Append(R"({"expert":)");
  AppendTextOrNull(record.expert == nullptr ? std::string_view() : record.expert->spec.name,
                   &buffer);
  buffer.Append(R"(,"skill":)");
  AppendTextOrNull(TopSkill(decision), &buffer);
  buffer.Append(R"(,"skill_confidence":)");
  buffer.AppendDecimal(decision.demand.confidence, kScoreDigits);
  buffer.Append(R"(,"confidence":)");
  AppendConfidence(record.Confidence(), &buffer);
  buffer.Append(R"(,"policy":)");
  buffer.AppendQuoted(PolicyName(decision));
  buffer.Append(R"(,"attempts":)");
  buffer.AppendInt(AttemptCount(record));
  buffer.Append(R"(,"decision":)");
  buffer.AppendQuoted(decision.id);
  buffer.Append(R"(,"overhead_ms":)");
  buffer.AppendDecimal(OverheadMs(record, now), kTimeDigits);
  if (record.signal_calls > 0) {
    buffer.Append(R"(,"signal_calls":)");
    buffer.AppendInt(record.signal_calls);
  }
  if (!record.aggregate.empty()) {
    AppendAggregateSummary(record, &buffer);
  } else if (!record.call_notes.told.empty()) {
    buffer.Append(R"(,"notes":)");
    AppendList(record.call_notes.told, AppendText, &buffer);
  }
  if (!explanation.empty()) {
    buffer.Append(R"(,"explanation":)");
    buffer.Append(explanation);
  }
  buffer.Append('}');
  out->append(buffer.view());
}

}  // namespace moerge::api
