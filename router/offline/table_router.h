// Routes prompts with everything learnt from one results table: categories are the skills, recorded
// scores the profiles. No server and no store. Deterministic: equal tables and prompts give equal
// decisions but for their ids and times. Immutable; any thread may route.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/result.h"
#include "registry/table_reader.h"
#include "router/learn/calibration.h"
#include "router/policy_router.h"

namespace moerge {

class TableRouter {
 public:
  // `pool`: only these experts; empty: all. Experts may miss in rows, rows may lack a category.
  // Errors: a name of the pool that the table does not have, no expert at all (kInvalid).
  static Result<TableRouter> Learn(const std::vector<TableRow>& rows,
                                   const std::vector<std::string>& pool = {});

  // Makes ready what a policy's classifier needs beyond what is there. REQUIRES: the policy was
  // checked.
  void Prepare(const Policy& policy);
  // Error: the policy maps under a budget that even the cheapest mapping breaks.
  Status CheckBudget(const Policy& policy) const;
  Decision Route(std::string_view prompt, const Policy& policy, std::uint64_t seed = 0) const;
  Decision Route(const RouteRequest& request, const Policy& policy) const;
  const std::vector<std::string>& experts() const { return experts_; }
  const SnapshotPtr& snapshot() const { return router_->snapshot(); }
  // Of the skill classifier, on held-out folds of the table.
  const Quality& quality() const { return quality_; }
  // The same without the correction by the text: profiles and demand alone.
  TableRouter WithoutCorrection() const;

 private:
  std::vector<std::string> experts_;
  std::shared_ptr<const PolicyRouter> router_;
  std::shared_ptr<const TrainingSet> set_;
  std::shared_ptr<const SparseRows> demand_;  // by row, as classifiers that have not seen it say
  TrainedPtr trained_;
  Quality quality_;
  bool keywords_ = false;  // a policy that was prepared asks for them
};

// One line of JSON, with its end: `id`, `skills` [{name, probability}], `experts` [{name, expected,
// weight}] in the order they are asked, `confidence`.
std::string DecisionLine(std::string_view id, const Decision& decision);

}  // namespace moerge
