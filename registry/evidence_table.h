// All measured evidence, compact: a row per expert and source, twelve bytes per cell.
//
// A value; copies share their rows, so a copy of millions of cells costs as many pointers as there
// are rows. Not thread-safe, but rows are immutable and may be read by any thread.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "registry/ids.h"
#include "registry/types.h"

namespace moerge {

struct EvidenceRow {
  ExpertId expert;
  std::string source;
  WallTime updated;
  std::vector<SkillRecord> cells;  // ascending by skill, no skill twice
};
using EvidenceRowPtr = std::shared_ptr<const EvidenceRow>;

// The cells of `evidence`, one row per expert and source, in order of first appearance. A skill
// that appears twice keeps the later value.
std::vector<EvidenceRow> RowsOf(const std::vector<Evidence>& evidence);

// `row` with the cells of `newer` put over it; the later time of both.
EvidenceRow Overlay(EvidenceRow row, const EvidenceRow& newer);

class EvidenceTable {
 public:
  EvidenceTable() = default;
  EvidenceTable(std::initializer_list<Evidence> evidence) { Put(evidence); }

  // Same expert, skill and source: replaces.
  void Put(const std::vector<Evidence>& evidence);
  // Same expert and source: replaces the whole row.
  void PutRow(EvidenceRow row);
  // The whole family of it.
  void ForgetSource(std::string_view source);
  // The row of one expert, or of all if the name is empty.
  void Forget(std::string_view expert, std::string_view source);

  // By expert id, then source.
  const std::vector<EvidenceRowPtr>& rows() const { return rows_; }
  std::span<const EvidenceRowPtr> RowsOfExpert(ExpertId expert) const;
  // Wins and trials of one cell; zeros if there is none.
  SkillRecord Cell(ExpertId expert, std::string_view source, SkillId skill) const;

  std::size_t cells() const;
  // Cell by cell, by name of expert, source and skill: for showing, not for bulk work.
  std::vector<Evidence> List() const;

 private:
  std::vector<EvidenceRowPtr>::iterator Find(ExpertId expert, std::string_view source);
  std::vector<EvidenceRowPtr> rows_;
};

}  // namespace moerge
