// Looks about once a minute, and when asked, whether an expert or a policy on trial has become
// worse than it was, and says so: to the log, to /metrics, to who asks for the alarms.
//
// Owner: the composition root; what it hooks on the store thread keeps what it needs. All that it
// says comes from the store, so every process on one store says the same and a restart changes
// nothing.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/base/metrics.h"
#include "registry/registry.h"
#include "registry/store_thread.h"
#include "services/watch/arm_figures.h"
#include "services/watch/expert_watch.h"

namespace moerge {

struct Alarm {
  std::string kind;     // "expert" or "policy": one on trial
  std::string name;     // of the expert; of the policy that has one on trial
  std::string measure;  // "feedback": what clients say; "success": requests that were answered
  double before = 0;    // mean; of a policy: of the version in force
  double after = 0;     // of the latest ones; of the version on trial
  double before_count = 0;
  double after_count = 0;
  double p = 1;
  WallTime since;  // when the later ones began
};

// A policy, the one on trial for it, and what both did.
struct TrialFigures {
  ArmFigures stable;
  ArmFigures candidate;
  // The candidate against the other, on each measure.
  MeanComparison success() const { return CompareMeans(stable.success, candidate.success); }
  MeanComparison feedback() const { return CompareMeans(stable.feedback, candidate.feedback); }
};
// Blocking: on the thread for questions. REQUIRES: `candidate` is on trial.
Result<TrialFigures> ReadTrial(DecisionQueries& decisions, const Policy& candidate,
                               const Judgements& judgements);
// What is wrong with it, if anything.
std::vector<Alarm> AlarmsOf(const Policy& candidate, const TrialFigures& figures);

class SuccessWatch {
 public:
  // How much feedback is looked at: the newest.
  static constexpr int kFeedback = 20'000;

  // All outlive the store thread's jobs.
  SuccessWatch(Registry& registry, StoreThread& store, Metrics& metrics);

  // Looks now. `done` is called once, on some thread or at once. Errors: of the store; kOverloaded.
  using Done = std::function<void(Result<std::vector<Alarm>>)>;
  void Look(Done done);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace moerge
