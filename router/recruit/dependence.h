// Which candidates fail together, by their place in a expert_table. Immutable; any thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "router/profile/joint_errors.h"
#include "router/recruit/expert_table.h"

namespace moerge {

class Dependence {
 public:
  Dependence() = default;  // all errors are independent
  Dependence(const ExpertTable& expert_table, std::shared_ptr<const JointErrors> joint);

  // How much the errors of two experts have in common, 0..1; 0 if nothing is known. Negative
  // correlation counts as 0.
  float Shared(std::uint32_t a, std::uint32_t b) const {
    if (place_.empty() || place_[a] < 0 || place_[b] < 0) return 0;
    return std::max(0.0f, joint_->Correlation(static_cast<std::size_t>(place_[a]),
                                              static_cast<std::size_t>(place_[b])));
  }

 private:
  std::shared_ptr<const JointErrors> joint_;
  std::vector<std::int32_t> place_;  // by expert of the expert_table: its index in `joint_`, or -1
};

}  // namespace moerge
