#include "services/api/admin/impact_json.h"

#include <algorithm>

#include "config/base/text.h"
#include "services/api/decision_row.h"
#include "services/api/field_error.h"

namespace moerge::api {
namespace {

constexpr std::size_t kMostMoves = 100;
constexpr int kShareDigits = 6;

Status TakeTime(json::Value member, std::optional<WallTime>* out) {
  *out = ParseTime(member.AsString().value_or(""));
  if (*out) return Ok{};
  return FieldError("traffic." + std::string(member.key()), "a time such as 2026-01-31T12:00:00Z");
}

Status TakeName(json::Value member, std::optional<std::string>* out) {
  if (!member.is_string()) {
    return WrongType("traffic." + std::string(member.key()), "a string", member);
  }
  *out = std::string(*member.AsString());
  return Ok{};
}

Status TakeTrafficMember(json::Value member, Traffic* traffic) {
  const std::string_view key = member.key();
  DecisionFilter& filter = traffic->filter;
  if (key == "since") return TakeTime(member, &filter.since);
  if (key == "until") return TakeTime(member, &filter.until);
  if (key == "policy") return TakeName(member, &filter.policy);
  if (key == "expert") return TakeName(member, &filter.expert);
  if (key == "skill") return TakeName(member, &filter.skill);
  if (key == "client") return TakeName(member, &filter.client);
  if (key == "limit") {
    const auto limit = member.AsInt();
    if (!limit || *limit < 1 || *limit > Traffic::kMost) {
      return FieldError("traffic.limit", "a whole number, 1..10000");
    }
    traffic->limit = static_cast<int>(*limit);
    return Ok{};
  }
  return UnknownField("traffic." + std::string(key), key,
                      {"since", "until", "policy", "expert", "skill", "client", "limit"});
}

void WriteSide(std::string_view key, const Impact& impact, const Impact::Sums& sums,
               json::Writer& writer) {
  writer.Key(key).BeginObject();
  const auto mean = [&](std::string_view name, double sum, std::int64_t count, int digits) {
    writer.Key(name);
    count > 0 ? writer.Fixed(sum / static_cast<double>(count), digits) : writer.Null();
  };
  mean("expected", sums.expected, impact.compared(), kShareDigits);
  mean("cost_usd", sums.cost_usd, impact.compared(), kUsdDigits);
  mean("latency_ms", sums.latency_ms, impact.timed(), kMsDigits);
  writer.Field("no_expert", sums.no_expert).EndObject();
}

void WriteMoves(const Impact& impact, json::Writer& writer) {
  writer.Key("moves").BeginArray();
  std::size_t written = 0;
  for (const auto& [move, count] : impact.moves()) {
    if (written++ == kMostMoves) break;
    writer.BeginObject().TextOrNull("from", move.first).TextOrNull("to", move.second);
    writer.Field("count", count).EndObject();
  }
  writer.EndArray();
}

void WriteSkills(const Impact& impact, json::Writer& writer) {
  writer.Key("skills").BeginArray();
  for (const auto& [skill, count] : impact.skills()) {
    writer.BeginObject().TextOrNull("skill", skill).Field("compared", count.compared);
    writer.Field("changed", count.changed).EndObject();
  }
  writer.EndArray();
}

void WriteOutlook(std::string_view key, const Outlook& outlook, json::Writer& writer) {
  writer.Key(key).BeginObject().TextOrNull("expert", outlook.expert);
  writer.Key("expected").Fixed(outlook.expected, kShareDigits);
  writer.Key("cost_usd").Fixed(outlook.cost_usd, kUsdDigits).EndObject();
}

void WriteExamples(const Impact& impact, json::Writer& writer) {
  writer.Key("examples").BeginArray();
  for (const Impact::Example& one : impact.examples()) {
    writer.BeginObject().Field("decision", one.decision).Field("time", one.time);
    writer.TextOrNull("skill", one.before.skill);
    WriteOutlook("before", one.before, writer);
    WriteOutlook("after", one.after, writer);
    writer.EndObject();
  }
  writer.EndArray();
}

void WriteSkipped(const Impact& impact, json::Writer& writer) {
  writer.Key("skipped").BeginObject().Field("direct", impact.direct());
  writer.Field("without_text", impact.without_text()).Field("policy_gone", impact.policy_gone());
  writer.Field("unreadable", impact.unreadable()).EndObject();
}

}  // namespace

Result<Traffic> ReadTraffic(json::Value value) {
  Traffic traffic;
  if (!value) return traffic;
  if (!value.is_object()) return WrongType("traffic", "an object", value);
  for (const json::Value member : value.children()) {
    if (Status taken = TakeTrafficMember(member, &traffic); !taken) return std::move(taken).error();
  }
  return traffic;
}

void WriteImpact(const Impact& impact, const Reach& reach, json::Writer& writer) {
  writer.Field("looked_at", reach.looked_at).Field("complete", reach.complete);
  writer.TextOrNull("oldest", reach.oldest).TextOrNull("newest", reach.newest);
  writer.Field("compared", impact.compared()).Field("changed", impact.changed());
  WriteSkipped(impact, writer);
  WriteSide("before", impact, impact.before(), writer);
  WriteSide("after", impact, impact.after(), writer);
  WriteMoves(impact, writer);
  WriteSkills(impact, writer);
  WriteExamples(impact, writer);
  writer.Key("notes").BeginArray();
  for (const std::string& note : impact.notes()) writer.String(note);
  writer.EndArray();
}

}  // namespace moerge::api
