#include "services/api/admin/trial_json.h"

#include "config/base/text.h"
#include "services/api/admin/entity_body.h"
#include "services/api/decision_row.h"

namespace moerge::api {
namespace {

constexpr int kScoreDigits = 6;

void WriteSample(std::string_view key, const ScoreSample& sample, json::Writer& writer) {
  writer.Key(key).BeginObject().Field("count", static_cast<std::int64_t>(sample.count));
  const bool some = sample.count > 0;
  const ScoreInterval interval = IntervalOf(sample);
  writer.Key("mean");
  some ? writer.Fixed(sample.mean(), kScoreDigits) : writer.Null();
  writer.Key("low");
  some ? writer.Fixed(interval.low, kScoreDigits) : writer.Null();
  writer.Key("high");
  some ? writer.Fixed(interval.high, kScoreDigits) : writer.Null();
  writer.EndObject();
}

void WriteLatencies(const ArmFigures& arm, json::Writer& writer) {
  writer.Key("latency_ms").BeginObject();
  for (const auto& [name, q] :
       {std::pair("p50", 0.5), std::pair("p95", 0.95), std::pair("p99", 0.99)}) {
    writer.Key(name);
    arm.latencies_ms.empty() ? writer.Null() : writer.Fixed(arm.LatencyAt(q), kMsDigits);
  }
  writer.EndObject();
}

void WriteArm(std::string_view key, const ArmFigures& arm, json::Writer& writer) {
  writer.Key(key).BeginObject().Field("policy", arm.policy).Field("requests", arm.requests);
  writer.Field("cut", arm.cut).Field("cancelled", arm.cancelled);
  WriteSample("success", arm.success, writer);
  WriteSample("feedback", arm.feedback, writer);
  WriteLatencies(arm, writer);
  writer.Field("prompt_tokens", arm.prompt_tokens);
  writer.Field("completion_tokens", arm.completion_tokens).Field("calls", arm.calls);
  writer.Key("cost_usd").Fixed(arm.cost_usd, kUsdDigits).EndObject();
}

void WriteComparison(std::string_view measure, const MeanComparison& comparison,
                     json::Writer& writer) {
  writer.BeginObject().Field("measure", measure).Field("enough", comparison.enough);
  writer.Key("difference").Fixed(comparison.difference, kScoreDigits);
  writer.Field("p", comparison.p).EndObject();
}

void WriteFigures(const Policy& candidate, const TrialFigures& figures, json::Writer& writer) {
  writer.Key("arms").BeginObject();
  WriteArm("stable", figures.stable, writer);
  WriteArm("candidate", figures.candidate, writer);
  writer.EndObject().Key("comparison").BeginArray();
  WriteComparison("success", figures.success(), writer);
  WriteComparison("feedback", figures.feedback(), writer);
  writer.EndArray().Key("alarms").BeginArray();
  for (const Alarm& alarm : AlarmsOf(candidate, figures)) WriteAlarm(alarm, writer);
  writer.EndArray();
}

}  // namespace

void WriteAlarm(const Alarm& alarm, json::Writer& writer) {
  writer.BeginObject().Field("kind", alarm.kind).Field("name", alarm.name);
  writer.Field("measure", alarm.measure).Field("since", FormatTime(alarm.since));
  writer.Key("before").Fixed(alarm.before, kScoreDigits);
  writer.Field("before_count", static_cast<std::int64_t>(alarm.before_count));
  writer.Key("after").Fixed(alarm.after, kScoreDigits);
  writer.Field("after_count", static_cast<std::int64_t>(alarm.after_count));
  writer.Field("p", alarm.p).EndObject();
}

std::string TrialJson(const Policy& candidate, const TrialFigures* figures) {
  const PolicyTrial& trial = *candidate.trial;
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("object", "moerge.trial").Field("policy", trial.of);
  writer.Field("share", trial.share).Key("since");
  trial.since ? writer.String(FormatTime(*trial.since)) : writer.Null();
  writer.Key("candidate").Raw(EntityJson(candidate));
  if (figures != nullptr) WriteFigures(candidate, *figures, writer);
  writer.EndObject();
  return out;
}

}  // namespace moerge::api
