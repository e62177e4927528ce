#include "services/profile_report_json.h"

#include "config/base/json.h"

namespace moerge {
namespace {

void WriteNames(json::Writer& writer, std::string_view key, const std::vector<std::string>& names) {
  writer.Key(key).BeginArray();
  for (const std::string& name : names) writer.String(name);
  writer.EndArray();
}

void WriteSkill(json::Writer& writer, const SkillSummary& skill) {
  writer.BeginObject().Field("skill", skill.skill).Field("rows", skill.rows);
  writer.Field("trials", skill.trials).Field("mean", skill.mean);
  writer.Field("best_expert", skill.best_expert).Field("best_mean", skill.best_mean);
  writer.Field("created", skill.created).EndObject();
}

}  // namespace

std::string ProfileReportJson(const ProfileReport& report, const TableReport& table) {
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("source", report.source).Field("rows", report.rows);
  writer.Field("bad", table.bad);
  std::vector<std::string> warnings = table.Warnings();
  warnings.insert(warnings.end(), report.warnings.begin(), report.warnings.end());
  WriteNames(writer, "warnings", warnings);
  writer.Key("skills").BeginArray();
  for (const SkillSummary& skill : report.skills) WriteSkill(writer, skill);
  writer.EndArray();
  WriteNames(writer, "new_skills", report.new_skills);
  WriteNames(writer, "known_experts", report.known_experts);
  WriteNames(writer, "unknown_experts", report.unknown_experts);
  writer.EndObject();
  return out;
}

}  // namespace moerge
