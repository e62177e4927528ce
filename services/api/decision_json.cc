#include "services/api/decision_json.h"

#include <algorithm>
#include <cmath>

#include "config/base/hash.h"
#include "config/base/text.h"
#include "config/base/utf8.h"
#include "registry/registry.h"
#include "services/api/error.h"
#include "services/api/signals_json.h"

namespace moerge::api {
namespace {

using Clock = ChatRecord::Clock;

double Milliseconds(Clock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

// Few digits are read and many cost time: 4 decimals for probabilities, 3 for times.
double Rounded(double value, double scale) { return std::round(value * scale) / scale; }
double Score(double value) { return Rounded(value, 1e4); }
double Time(double value) { return Rounded(value, 1e3); }

// The lists are most of a decision's bytes: their keys are written as they are, and their scores, which
// are small and of four decimals, by whole-number arithmetic. Gives what Score and a Writer would.
void AppendScore(double value, std::string* out) {
  const double scaled = std::abs(value) * 1e4 + 0.5;
  if (!(scaled < 1e9)) {
    json::Writer(out).Number(Score(value));
    return;
  }
  auto left = static_cast<std::uint32_t>(scaled);
  if (value < 0 && left > 0) out->push_back('-');
  out->append(std::to_string(left / 10'000));
  left %= 10'000;
  if (left == 0) return;
  char digits[5] = {'.', static_cast<char>('0' + left / 1000), static_cast<char>('0' + left / 100 % 10),
                    static_cast<char>('0' + left / 10 % 10), static_cast<char>('0' + left % 10)};
  std::size_t size = 5;
  while (digits[size - 1] == '0') --size;
  out->append(digits, size);
}

void AppendCandidate(const Candidate& candidate, std::string* out) {
  out->append(R"({"expert":)");
  json::AppendQuoted(NameOf(candidate.expert), out);
  AppendScore(candidate.expected, &out->append(R"(,"expected":)"));
  AppendScore(candidate.low, &out->append(R"(,"low":)"));
  AppendScore(candidate.high, &out->append(R"(,"high":)"));
  json::Writer(&out->append(R"(,"price":)")).Number(Rounded(candidate.price, 1e6));
  AppendScore(candidate.utility, &out->append(R"(,"utility":)"));
  out->append(R"(,"excluded":)");
  if (candidate.excluded == Exclusion::kNone) {
    out->append("null}");
  } else {
    out->append("\"").append(ExclusionName(candidate.excluded)).append("\"}");
  }
}

void AppendSkill(const SkillProbability& skill, std::string* out) {
  out->append(R"({"skill":)");
  json::AppendQuoted(NameOf(skill.skill), out);
  AppendScore(skill.probability, &out->append(R"(,"probability":)"));
  out->push_back('}');
}

template <class T>
std::string List(const std::vector<T>& items, void (*append)(const T&, std::string*)) {
  std::string list;
  list.reserve(2 + items.size() * 128);
  for (const T& item : items) {
    list.push_back(list.empty() ? '[' : ',');
    append(item, &list);
  }
  list.append(list.empty() ? "[]" : "]");
  return list;
}

class DecisionWriter {
 public:
  DecisionWriter(const DecisionView& view, std::string* out)
      : view_(view), record_(view.record), decision_(view.record.decision), writer_(out) {}

  void Write() {
    writer_.BeginObject();
    WriteHead();
    WriteSignals();
    WriteDemand();
    WriteCandidates();
    WriteLine();
    WriteAttempts();
    WriteTimings();
    WriteCost();
    WriteRequest();
    writer_.EndObject();
  }

 private:
  void TextOrNull(std::string_view key, std::string_view text) {
    writer_.Key(key);
    text.empty() ? writer_.Null() : writer_.String(text);
  }

  void WriteHead() {
    writer_.Field("id", decision_.id).Field("object", "moerge.decision");
    writer_.Field("time", FormatTime(decision_.time));
    writer_.Field("request_id", view_.request_id).Field("revision", decision_.revision);
    writer_.Field("model", view_.model).Field("policy", PolicyName(decision_));
    writer_.Field("stream", view_.stream).Field("outcome", OutcomeName(view_.outcome));
    TextOrNull("expert", record_.answered ? record_.expert->spec.name : std::string());
    TextOrNull("error", view_.error == nullptr ? std::string() : view_.error->message);
  }

  void WriteSignals() {
    writer_.Key("signals");
    if (view_.route.signals == nullptr) {
      writer_.Null();
      return;
    }
    std::string signals;
    AppendSignals(*view_.route.signals, view_.keep_text, decision_.kept_session, &signals);
    writer_.Raw(signals);
  }

  void WriteDemand() {
    const Demand& demand = decision_.demand;
    writer_.Key("demand").BeginObject().Field("classifier", demand.classifier);
    writer_.Field("confidence", Score(demand.confidence));
    writer_.Field("bytes_read", demand.bytes_read).Field("bytes_total", demand.bytes_total);
    writer_.Key("skills").Raw(List(demand.skills, AppendSkill));
    Texts("notes", demand.notes);
    writer_.EndObject();
  }

  void Texts(std::string_view key, const std::vector<std::string>& texts) {
    writer_.Key(key).BeginArray();
    for (const std::string& text : texts) writer_.String(text);
    writer_.EndArray();
  }

  void WriteCandidates() {
    writer_.Field("considered", decision_.considered);
    writer_.Key("candidates").Raw(List(decision_.candidates, AppendCandidate));
  }

  void WriteLine() {
    writer_.Key("roster").BeginArray();
    for (const Seat& seat : decision_.roster) {
      writer_.BeginObject().Field("expert", NameOf(seat.expert));
      writer_.Field("weight", Score(seat.weight)).EndObject();
    }
    writer_.EndArray().Key("fallbacks").BeginArray();
    for (const ExpertId expert : decision_.fallbacks) writer_.String(NameOf(expert));
    writer_.EndArray();
    Texts("reasons", decision_.reasons);
  }

  void WriteAttempts() {
    writer_.Key("attempts").BeginArray();
    for (const Attempt& attempt : record_.attempts) {
      const bool failed = attempt.outcome == AttemptOutcome::kFailed;
      writer_.BeginObject().Field("expert", NameOf(attempt.expert));
      writer_.Field("outcome", AttemptOutcomeName(attempt.outcome));
      TextOrNull("code", failed ? ErrorName(attempt.code) : std::string_view());
      TextOrNull("error", attempt.error);
      TextOrNull("note", attempt.note);
      writer_.Field("ms", Time(attempt.ms)).Field("retry", attempt.retry).EndObject();
    }
    writer_.EndArray();
  }

  void WriteTimings() {
    writer_.Key("timings").BeginObject().Field("classify_us", Time(decision_.classify_us));
    writer_.Field("recruit_us", Time(decision_.recruit_us));
    writer_.Field("upstream_ms", Time(Milliseconds(record_.upstream)));
    writer_.Key("first_token_ms");
    if (record_.first_token == Clock::time_point{}) {
      writer_.Null();
    } else {
      writer_.Number(Time(Milliseconds(record_.first_token - record_.begin)));
    }
    writer_.Field("total_ms", Time(Milliseconds(view_.now - record_.begin)));
    writer_.Field("overhead_ms", OverheadMs(record_, view_.now)).EndObject();
  }

  void WriteCost() {
    writer_.Key("usage");
    if (!record_.answered && record_.signal_calls == 0) {
      writer_.Null();
    } else {
      const Usage usage = record_.TotalUsage();
      writer_.BeginObject().Field("prompt_tokens", usage.prompt_tokens);
      writer_.Field("completion_tokens", usage.completion_tokens);
      writer_.Field("estimated", usage.estimated).EndObject();
    }
    writer_.Field("cost_usd", Rounded(record_.TotalCost(), 1e9));
  }

  // What a replay needs.
  void WriteRequest() {
    const RouteRequest& route = view_.route;
    writer_.Key("request").BeginObject();
    view_.keep_text ? WriteText(route.text) : WriteFingerprint(route.text);
    writer_.Field("prompt_tokens", route.prompt_tokens).Field("max_tokens", route.max_tokens);
    writer_.Field("needs_functions", route.needs_functions);
    writer_.Field("needs_vision", route.needs_vision);
    Texts("skills", route.skills);
    Texts("experts", route.experts);
    writer_.Field("seed", std::to_string(route.seed)).EndObject();
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
    writer_.Field("user", share(text.user)).Field("system", share(text.system));
    writer_.Key("earlier").BeginArray();
    for (const std::string_view turn : text.earlier) {
      const std::string_view kept = share(turn);
      if (!kept.empty()) writer_.String(kept);
    }
    writer_.EndArray().Field("truncated", cut);
  }

  void WriteFingerprint(const RequestText& text) {
    char digits[16];
    std::uint64_t hash = Hash64(text.user);
    for (int i = 15; i >= 0; --i, hash >>= 4) digits[i] = "0123456789abcdef"[hash & 15];
    writer_.Field("user_bytes", text.user.size()).Field("system_bytes", text.system.size());
    writer_.Field("user_hash", std::string_view(digits, sizeof digits));
  }

  const DecisionView& view_;
  const ChatRecord& record_;
  const Decision& decision_;
  json::Writer writer_;
};

}  // namespace

std::string_view TopSkill(const Decision& decision) {
  if (decision.demand.skills.empty()) return {};
  return NameOf(decision.demand.skills.front().skill);
}

std::string_view PolicyName(const Decision& decision) {
  return decision.policy.empty() ? std::string_view("direct") : std::string_view(decision.policy);
}

int AttemptCount(const ChatRecord& record) {
  const bool under_way = record.waiting_since != Clock::time_point{};
  return static_cast<int>(record.attempts.size()) + (under_way ? 1 : 0);
}

double OverheadMs(const ChatRecord& record, Clock::time_point now) {
  return Time(Milliseconds(record.Overhead(now)));
}

void AppendDecision(const DecisionView& view, std::string* out) {
  DecisionWriter(view, out).Write();
}

void AppendSummary(const ChatRecord& record, Clock::time_point now, std::string_view explanation,
                   std::string* out) {
  const Decision& decision = record.decision;
  const std::string_view skill = TopSkill(decision);
  json::Writer writer(out);
  writer.BeginObject().Key("expert");
  record.expert == nullptr ? writer.Null() : writer.String(record.expert->spec.name);
  writer.Key("skill");
  skill.empty() ? writer.Null() : writer.String(skill);
  writer.Field("confidence", Score(decision.demand.confidence));
  writer.Field("policy", PolicyName(decision)).Field("attempts", AttemptCount(record));
  writer.Field("decision", decision.id).Field("overhead_ms", OverheadMs(record, now));
  if (record.signal_calls > 0) writer.Field("signal_calls", record.signal_calls);
  if (!explanation.empty()) writer.Key("explanation").Raw(explanation);
  writer.EndObject();
}

}  // namespace moerge::api
