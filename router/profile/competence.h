// Every expert of a snapshot against every skill: the matrix that turns a demand into expected
// scores. Immutable to its users; any thread may ask. The column of a skill (its experts side by
// side) is worked out when the skill is first in demand and kept, so that a new snapshot
// costs one pass over the experts.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "registry/snapshot.h"
#include "router/demand.h"
#include "router/profile/posterior.h"

namespace moerge {

class Competence {
 public:
  explicit Competence(SnapshotPtr snapshot);
  ~Competence();
  Competence(const Competence&) = delete;
  Competence& operator=(const Competence&) = delete;

  const SnapshotPtr& snapshot() const { return snapshot_; }
  std::size_t size() const { return overall_.size(); }
  const Overall& overall(std::size_t expert) const { return overall_[expert]; }

  // By expert, in the snapshot's order: the expected score (0 where it has no skill for a part of
  // the demand), and the share of the demand for which it has one, 0..1.
  struct Expectation {
    std::vector<float> score;
    std::vector<float> covered;
  };
  void Expect(std::span<const SkillProbability> demand, Expectation* out) const;

  // The standard deviation of an expert's expected score.
  double Deviation(std::span<const SkillProbability> demand, std::size_t expert) const;
  Posterior At(std::size_t expert, SkillId skill) const;

 private:
  // By expert: the posterior's mean, kNone if unknown, and variance.
  struct Column {
    std::vector<float> means;
    std::vector<float> variances;
  };
  static constexpr float kNone = -1;

  const Column* ColumnOf(SkillId skill) const;  // null if the snapshot has no such skill
  const Column* BuildColumn(std::size_t skill) const;

  SnapshotPtr snapshot_;
  std::vector<Overall> overall_;
  std::vector<float> general_;  // as Column::means, of those that are general
  mutable std::mutex mutex_;    // for building
  mutable std::vector<std::atomic<const Column*>> columns_;
};

}  // namespace moerge
