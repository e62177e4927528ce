#include "services/api/assignments.h"

#include <algorithm>
#include <string>

#include "registry/registry.h"

namespace moerge::api {

void Assignments::Add(std::size_t number, const SpreadRequest& request, BatchAssign by) {
  if (request.experts.empty()) return;
  sums_.Add(request, by);
  const auto next = static_cast<std::uint32_t>(sets_.size() + 1);
  const auto [set, fresh] = places_.try_emplace(request.experts, next);
  if (fresh) sets_.push_back(&set->first);
  if (kept_.size() <= number) kept_.resize(number + 1);
  constexpr std::size_t kMost = UINT16_MAX;
  kept_[number] = {.experts = set->second,
                   .instead_of = request.own_best,
                   .lost = static_cast<float>(request.lost),
                   .picked_by = static_cast<std::uint16_t>(std::min(request.picked_by, kMost)),
                   .rerouted = request.rerouted(),
                   .how = request.how,
                   .by = by};
}

std::shared_ptr<const AssignmentSignal> Assignments::Find(std::size_t number) const {
  if (number >= kept_.size() || kept_[number].experts == 0) return nullptr;
  const Kept& kept = kept_[number];
  const auto assignment = std::make_shared<AssignmentSignal>();
  assignment->by = kept.by;
  assignment->how = kept.how;
  for (const ExpertId expert : *sets_[kept.experts - 1]) {
    assignment->experts.emplace_back(NameOf(expert));
  }
  if (kept.rerouted) assignment->instead_of = std::string(NameOf(kept.instead_of));
  assignment->picked_by = kept.picked_by;
  assignment->lost = static_cast<double>(kept.lost);
  return assignment;
}

}  // namespace moerge::api
