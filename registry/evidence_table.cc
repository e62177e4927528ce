#include "registry/evidence_table.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "registry/evidence.h"
#include "registry/registry.h"

namespace moerge {
namespace {

bool BySkill(const SkillRecord& a, const SkillRecord& b) { return a.skill < b.skill; }

// Sorts; of equal skills the one that came last stays.
void Normalise(std::vector<SkillRecord>* cells) {
  std::stable_sort(cells->begin(), cells->end(), BySkill);
  auto kept = cells->begin();
  for (auto at = cells->begin(); at != cells->end(); ++at) {
    const auto next = at + 1;
    if (next == cells->end() || next->skill != at->skill) *kept++ = *at;
  }
  cells->erase(kept, cells->end());
}

bool Before(const EvidenceRowPtr& row, ExpertId expert, std::string_view source) {
  return std::pair(row->expert, std::string_view(row->source)) < std::pair(expert, source);
}

}  // namespace

std::vector<EvidenceRow> RowsOf(const std::vector<Evidence>& evidence) {
  std::vector<EvidenceRow> rows;
  std::map<std::pair<ExpertId, std::string_view>, std::size_t> index;
  for (const Evidence& cell : evidence) {
    const ExpertId expert = InternExpert(cell.expert);
    const auto [at, fresh] = index.try_emplace({expert, cell.source}, rows.size());
    if (fresh) rows.push_back({expert, cell.source, cell.updated, {}});
    EvidenceRow& row = rows[at->second];
    row.updated = std::max(row.updated, cell.updated);
    row.cells.push_back(
        {InternSkill(cell.skill), static_cast<float>(cell.wins), static_cast<float>(cell.trials)});
  }
  for (EvidenceRow& row : rows) Normalise(&row.cells);
  return rows;
}

EvidenceRow Overlay(EvidenceRow row, const EvidenceRow& newer) {
  row.cells.insert(row.cells.end(), newer.cells.begin(), newer.cells.end());
  Normalise(&row.cells);
  row.updated = std::max(row.updated, newer.updated);
  return row;
}

std::vector<EvidenceRowPtr>::iterator EvidenceTable::Find(ExpertId expert,
                                                          std::string_view source) {
  if (rows_.empty() || Before(rows_.back(), expert, source)) return rows_.end();
  return std::partition_point(rows_.begin(), rows_.end(), [&](const EvidenceRowPtr& row) {
    return Before(row, expert, source);
  });
}

void EvidenceTable::Put(const std::vector<Evidence>& evidence) {
  for (EvidenceRow& row : RowsOf(evidence)) {
    const auto at = Find(row.expert, row.source);
    const bool known =
        at != rows_.end() && (*at)->expert == row.expert && (*at)->source == row.source;
    PutRow(known ? Overlay(**at, row) : std::move(row));
  }
}

void EvidenceTable::PutRow(EvidenceRow row) {
  const auto at = Find(row.expert, row.source);
  auto shared = std::make_shared<const EvidenceRow>(std::move(row));
  if (at != rows_.end() && (*at)->expert == shared->expert && (*at)->source == shared->source) {
    *at = std::move(shared);
  } else {
    rows_.insert(at, std::move(shared));
  }
}

void EvidenceTable::ForgetSource(std::string_view source) {
  std::erase_if(rows_, [&](const EvidenceRowPtr& row) {
    return row->source == source || SourceFamily(row->source) == source;
  });
}

void EvidenceTable::Forget(std::string_view expert, std::string_view source) {
  std::erase_if(rows_, [&](const EvidenceRowPtr& row) {
    return row->source == source && (expert.empty() || NameOf(row->expert) == expert);
  });
}

std::span<const EvidenceRowPtr> EvidenceTable::RowsOfExpert(ExpertId expert) const {
  const auto begin = std::partition_point(
      rows_.begin(), rows_.end(), [&](const EvidenceRowPtr& row) { return row->expert < expert; });
  auto end = begin;
  while (end != rows_.end() && (*end)->expert == expert) ++end;
  return {begin, end};
}

SkillRecord EvidenceTable::Cell(ExpertId expert, std::string_view source, SkillId skill) const {
  for (const EvidenceRowPtr& row : RowsOfExpert(expert)) {
    if (row->source != source) continue;
    const SkillRecord wanted{skill};
    const auto at = std::lower_bound(row->cells.begin(), row->cells.end(), wanted, BySkill);
    if (at != row->cells.end() && at->skill == skill) return *at;
  }
  return {skill};
}

std::size_t EvidenceTable::cells() const {
  std::size_t count = 0;
  for (const EvidenceRowPtr& row : rows_) count += row->cells.size();
  return count;
}

std::vector<Evidence> EvidenceTable::List() const {
  std::vector<Evidence> list;
  list.reserve(cells());
  for (const EvidenceRowPtr& row : rows_) {
    for (const SkillRecord& cell : row->cells) {
      list.push_back({std::string(NameOf(row->expert)), std::string(NameOf(cell.skill)), cell.wins,
                      cell.trials, row->source, row->updated});
    }
  }
  std::sort(list.begin(), list.end(), [](const Evidence& a, const Evidence& b) {
    return std::tie(a.expert, a.source, a.skill) < std::tie(b.expert, b.source, b.skill);
  });
  return list;
}

}  // namespace moerge
