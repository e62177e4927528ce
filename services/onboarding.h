// Adding experts and tasks from samples: what they say becomes a change of the registry. Pure but
// for the store, which is read: store thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/base/result.h"
#include "registry/store.h"
#include "router/onboard/expert_set.h"
#include "router/router.h"
#include "services/api/onboarding_body.h"

namespace moerge {

// Kept of one expert at most.
inline constexpr std::size_t kMaxKeptSamples = 5000;

// Adds `samples` to those kept for the expert and recomputes its evidence from the source
// "onboarding" from all of them; a sample with the same prompt is replaced. Skills that samples do
// not name are inferred by `router`. Errors: kInvalid, too many; of the store.
Result<StoreChange> OnboardSamples(Store& store, const Router& router, const std::string& expert,
                                   const std::vector<api::ExpertSample>& samples, WallTime now);

// What a text claims that its expert can do, by skill; empty: nothing, or nothing is trained yet.
std::map<std::string, double> ClaimsOfText(const Router& router, std::string_view text);

struct TaskSet {
  std::vector<KShotRecord> records;  // by name of the expert
  ExpertSet set;
};
// The experts that recorded scores speak for. What is known of each from elsewhere is its expected
// score for what the samples need.
TaskSet ChooseForTask(const Router& router, const api::TaskBody& task);

// The task as a skill with its samples as examples, and the scores as evidence and observations of
// the source "task:NAME", in place of what that source said before. Error: kInvalid, the name.
Result<StoreChange> TaskChange(const Snapshot& snapshot, const api::TaskBody& task, WallTime now);

}  // namespace moerge
