#include "services/profile_json.h"

#include <algorithm>
#include <map>

#include "config/base/text.h"
#include "registry/evidence.h"
#include "registry/provisional.h"
#include "registry/registry.h"

namespace moerge {
namespace {

struct Part {
  double wins = 0;
  double trials = 0;
  WallTime updated;
};
using Parts = std::map<std::string_view, Part>;  // by source

std::map<SkillId, Parts> PartsBySkill(const ExpertEntry& expert) {
  std::map<SkillId, Parts> skills;
  for (const EvidenceRowPtr& row : expert.sources) {
    for (const SkillRecord& cell : row->cells) {
      if (cell.trials <= 0) continue;
      Part& part = skills[cell.skill][SourceFamily(row->source)];
      part.wins += cell.wins;
      part.trials += cell.trials;
      part.updated = std::max(part.updated, row->updated);
    }
  }
  return skills;
}

void WriteSources(const Parts& parts, json::Writer& writer) {
  writer.Key("sources").BeginArray();
  for (const auto& [source, part] : parts) {
    writer.BeginObject().Field("source", source).Field("wins", part.wins);
    writer.Field("trials", part.trials).Key("updated");
    part.updated == WallTime{} ? writer.Null() : writer.String(FormatTime(part.updated));
    writer.EndObject();
  }
  writer.EndArray();
}

void WriteRecord(const SkillRecord& record, const std::map<SkillId, Parts>& parts,
                 json::Writer& writer) {
  writer.Field("wins", double{record.wins}).Field("trials", double{record.trials});
  writer.Field("mean", record.trials > 0 ? double{record.wins} / record.trials : 0.0);
  const auto at = parts.find(record.skill);
  WriteSources(at == parts.end() ? Parts() : at->second, writer);
}

void WriteRoles(const ExpertEntry& expert, const std::map<SkillId, Parts>& parts,
                json::Writer& writer) {
  writer.Key("roles").BeginArray();
  for (const SkillRecord& record : expert.roles) {
    const std::string_view name = NameOf(record.skill);
    const std::size_t dot = name.find('.');
    writer.BeginObject().Field("role", name.substr(0, dot));
    writer.Field("category", name.substr(dot + 1));
    WriteRecord(record, parts, writer);
    writer.EndObject();
  }
  writer.EndArray();
}

}  // namespace

void WriteProfile(const Snapshot& snapshot, const ExpertEntry& expert, json::Writer& writer) {
  const std::map<SkillId, Parts> parts = PartsBySkill(expert);
  writer.BeginObject().Field("expert", expert.spec.name);
  writer.Field("provisional", IsProvisional(expert));
  if (snapshot.aging.half_life.count() > 0) {
    writer.Field(
        "half_life_days",
        std::chrono::duration<double, std::ratio<86400>>(snapshot.aging.half_life).count());
  }
  double wins = 0;
  double trials = 0;
  writer.Key("measured").BeginArray();
  for (const SkillRecord& record : expert.record) {
    writer.BeginObject().Field("skill", NameOf(record.skill));
    WriteRecord(record, parts, writer);
    writer.EndObject();
    wins += record.wins;
    trials += record.trials;
  }
  writer.EndArray();
  WriteRoles(expert, parts, writer);
  writer.Key("declared").BeginObject();
  for (const auto& [skill, strength] : expert.spec.skills) writer.Field(skill, strength);
  writer.EndObject().Field("declared_by", OriginName(expert.spec.origin));
  writer.Field("wins", wins).Field("trials", trials).EndObject();
}

}  // namespace moerge
