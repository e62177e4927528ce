// The best choice of one option per group for every budget there is: a multiple-choice knapsack,
// solved for all budgets at once. Immutable; any thread may read.
//
// Dynamic programming over the groups, which keeps of all partial choices those that no other one
// beats in both cost and value. The whole frontier comes out, exact as long as no more than the
// bounded number of partial choices stand side by side; beyond it they are thinned evenly over the
// costs, which loses a little value and never breaks a budget.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace moerge {

struct BudgetOption {
  std::uint32_t id;
  double cost;   // >= 0
  double value;  // 0..1
};

struct BudgetGroup {
  double frequency;                   // share of the requests; all groups sum to 1
  std::vector<BudgetOption> options;  // at least one
};

struct CurvePoint {
  double cost;   // mean over requests
  double value;  // mean over requests
  bool hull;     // a corner of the concave hull: no mixture of others does as well
};

class BudgetCurve {
 public:
  explicit BudgetCurve(const std::vector<BudgetGroup>& groups);

  // Ascending in cost and in value; never empty unless there are no groups.
  const std::vector<CurvePoint>& points() const { return points_; }
  bool exact() const { return exact_; }
  // The best point that costs no more; nothing: even the cheapest choice costs more.
  std::optional<std::size_t> Within(double budget) const;
  // By group, the id of the option that a point takes. REQUIRES: Forget was not called.
  std::vector<std::uint32_t> Picks(std::size_t point) const;
  // Gives back the memory that Picks needs.
  void Forget() { stages_ = {}; }

 private:
  struct State {
    double cost;
    double value;
    std::uint32_t parent;  // index into the stage before
    std::uint32_t option;  // id
  };
  using Stage = std::vector<State>;

  Stage Extend(const Stage& before, const BudgetGroup& group) const;
  void Thin(std::size_t most, Stage* stage);
  void MarkHull();

  std::vector<Stage> stages_;
  std::vector<CurvePoint> points_;
  bool exact_ = true;
};

}  // namespace moerge
