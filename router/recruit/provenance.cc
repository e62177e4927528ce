#include "router/recruit/provenance.h"

#include <algorithm>

#include "config/base/text.h"
#include "registry/evidence.h"
#include "router/profile/posterior.h"

namespace moerge {
namespace {

constexpr std::size_t kSourcesNamed = 3;

struct Part {
  std::string_view source;
  double trials = 0;
  WallTime updated;
};

std::vector<Part> PartsOf(const ExpertEntry& expert, SkillId skill) {
  std::vector<Part> parts;
  for (const EvidenceRowPtr& row : expert.sources) {
    const SkillRecord* cell = FindRecord(row->cells, skill);
    if (cell == nullptr) continue;
    const std::string_view source = SourceFamily(row->source);
    if (parts.empty() || parts.back().source != source) parts.push_back({source, 0, {}});
    parts.back().trials += cell->trials;
    parts.back().updated = std::max(parts.back().updated, row->updated);
  }
  std::stable_sort(parts.begin(), parts.end(),
                   [](const Part& a, const Part& b) { return a.trials > b.trials; });
  return parts;
}

}  // namespace

std::string ProvenanceInWords(const ExpertEntry& expert, SkillId skill) {
  const std::vector<Part> parts = PartsOf(expert, skill);
  if (parts.empty()) return {};
  std::string words = " (";
  for (std::size_t i = 0; i < std::min(parts.size(), kSourcesNamed); ++i) {
    if (i > 0) words += ", ";
    words.append(parts[i].source).append(" ");
    words += FormatNumber(parts[i].trials, 4);
    if (parts[i].updated == WallTime{}) continue;
    words.append(" on ").append(FormatTime(parts[i].updated), 0, 10);
  }
  return words + ")";
}

}  // namespace moerge
