// Where each of many requests was assigned, by number, in some 20 bytes each. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "router/balance/batch_spread.h"
#include "router/signals.h"
#include "services/jobs/assigned_lines.h"

namespace moerge::api {

class Assignments {
 public:
  // One that was not assigned changes nothing.
  void Add(std::size_t number, const SpreadRequest& request, BatchAssign by);
  // Null: it was not assigned.
  std::shared_ptr<const AssignmentSignal> Find(std::size_t number) const;
  const AssignedLines& sums() const { return sums_; }

 private:
  using Experts = std::vector<ExpertId>;
  struct Kept {
    std::uint32_t experts = 0;  // one more than its place in `sets_`; 0: it was not assigned
    ExpertId instead_of{};
    float lost = 0;
    std::uint16_t picked_by = 0;
    bool rerouted = false;
    AssignedExperts::How how{};
    BatchAssign by{};
  };

  std::vector<Kept> kept_;  // by number
  std::vector<const Experts*> sets_;
  std::map<Experts, std::uint32_t> places_;  // one more than that of `sets_`
  AssignedLines sums_;
};

}  // namespace moerge::api
