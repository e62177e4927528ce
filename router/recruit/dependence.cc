#include "router/recruit/dependence.h"

namespace moerge {

Dependence::Dependence(const ExpertTable& expert_table, std::shared_ptr<const JointErrors> joint)
    : joint_(std::move(joint)) {
  if (joint_ == nullptr) return;
  place_.assign(expert_table.size(), -1);
  const std::vector<ExpertId>& experts = joint_->experts();
  for (std::size_t i = 0; i < experts.size(); ++i) {
    const ExpertEntry* entry = expert_table.snapshot->FindExpert(experts[i]);
    if (entry == nullptr) continue;
    place_[expert_table.snapshot->IndexOf(*entry)] = static_cast<std::int32_t>(i);
  }
}

}  // namespace moerge
