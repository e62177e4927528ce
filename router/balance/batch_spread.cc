#include "router/balance/batch_spread.h"

#include <algorithm>
#include <functional>
#include <map>
#include <string_view>

#include "config/policy_options.h"
#include "registry/registry.h"

namespace moerge {
namespace {

constexpr std::size_t kMostSpreadOver = 64;  // experts; the flow is cubic in them at worst

// The requests of one policy.
class PolicySpread {
 public:
  PolicySpread(const Policy& policy, std::span<const RoutedAlone> requests)
      : policy_(policy), requests_(requests) {
    for (std::size_t i = 0; i < requests.size(); ++i) {
      if (requests[i].policy == &policy) members_.push_back(i);
    }
    ChooseExperts();
  }

  void Run(std::vector<SpreadRequest>* out) const {
    std::size_t seats = 0;
    const std::vector<AssignableRequest> wanted = Assignable(&seats);
    const double factor = policy_.options->batch_capacity;
    const Capacities capacities = CapacitiesOf(Parts(), seats, factor);
    const std::vector<AssignedExperts> assigned =
        policy_.options->batch_assign == BatchAssign::kExpertChoice
            ? AssignByExpertChoice(wanted, capacities)
            : AssignBalanced(wanted, capacities);
    for (std::size_t i = 0; i < members_.size(); ++i) {
      Take(assigned[i], requests_[members_[i]], &(*out)[members_[i]]);
    }
  }

 private:
  // Of those that fit any of the requests, in order of their names.
  void ChooseExperts() {
    std::map<std::string_view, std::pair<ExpertId, double>> sums;
    for (const std::size_t i : members_) {
      for (const RoutedAlone::Fitting& each : requests_[i].fitting) {
        auto& sum = sums.try_emplace(NameOf(each.expert), each.expert, 0.0).first->second;
        sum.second += static_cast<double>(each.score);
      }
    }
    std::vector<std::pair<double, std::string_view>> highest;
    for (const auto& [name, sum] : sums) highest.emplace_back(-sum.second, name);
    std::ranges::sort(highest);
    if (highest.size() > kMostSpreadOver) {
      for (std::size_t i = kMostSpreadOver; i < highest.size(); ++i) sums.erase(highest[i].second);
    }
    for (const auto& [name, sum] : sums) {
      places_.emplace(sum.first, static_cast<std::uint32_t>(experts_.size()));
      experts_.push_back(sum.first);
    }
  }

  std::vector<AssignableRequest> Assignable(std::size_t* seats) const {
    std::vector<AssignableRequest> wanted;
    wanted.reserve(members_.size());
    for (const std::size_t i : members_) {
      AssignableRequest& one = wanted.emplace_back();
      one.key = requests_[i].key;
      for (const RoutedAlone::Fitting& each : requests_[i].fitting) {
        const auto place = places_.find(each.expert);
        if (place != places_.end()) one.fitting.push_back({place->second, each.score});
      }
      one.seats = std::clamp<std::size_t>(requests_[i].seats, 1,
                                          std::max<std::size_t>(one.fitting.size(), 1));
      if (!one.fitting.empty()) *seats += one.seats;
    }
    return wanted;
  }

  std::vector<double> Parts() const {
    const auto& parts = policy_.options->batch_part;
    std::vector<double> out;
    for (const ExpertId expert : experts_) {
      const auto part = parts.find(std::string(NameOf(expert)));
      out.push_back(part == parts.end() ? 1 : part->second);
    }
    return out;
  }

  void Take(const AssignedExperts& assigned, const RoutedAlone& request, SpreadRequest* out) const {
    if (assigned.experts.empty()) return;
    for (const std::uint32_t expert : assigned.experts) out->experts.push_back(experts_[expert]);
    out->how = assigned.how;
    out->picked_by = assigned.picked_by;
    out->lost = assigned.lost;
    const auto best = [](const RoutedAlone::Fitting& a, const RoutedAlone::Fitting& b) {
      return a.score != b.score ? a.score < b.score : NameOf(a.expert) > NameOf(b.expert);
    };
    out->own_best = std::ranges::max_element(request.fitting, best)->expert;
  }

  const Policy& policy_;
  const std::span<const RoutedAlone> requests_;
  std::vector<std::size_t> members_;  // of `requests_`
  std::vector<ExpertId> experts_;
  std::map<ExpertId, std::uint32_t> places_;  // of `experts_`
};

}  // namespace

RoutedAlone RoutedBy(const Decision& decision, const Policy& policy, const Snapshot& snapshot,
                     std::uint64_t key) {
  RoutedAlone routed{.policy = &policy, .key = key, .seats = 0, .fitting = {}};
  const auto is_model = [&](ExpertId id) {
    const ExpertEntry* expert = snapshot.FindExpert(id);
    return expert != nullptr && expert->spec.kind != ExpertKind::kTool;
  };
  for (const Candidate& each : decision.candidates) {
    const bool fits = each.excluded == Exclusion::kNone && is_model(each.expert);
    if (fits) routed.fitting.push_back({each.expert, each.utility});
  }
  for (const Seat& seat : decision.roster) routed.seats += is_model(seat.expert) ? 1 : 0;
  routed.seats = std::max<std::size_t>(routed.seats, 1);
  // Where nobody is asked by itself, nobody is by being assigned.
  if (decision.roster.empty()) routed.fitting.clear();
  return routed;
}

bool SpreadRequest::rerouted() const {
  return !experts.empty() && std::ranges::find(experts, own_best) == experts.end();
}

std::vector<SpreadRequest> Spread(std::span<const RoutedAlone> requests) {
  std::vector<SpreadRequest> spread(requests.size());
  std::vector<const Policy*> policies;
  for (const RoutedAlone& request : requests) {
    const bool known = std::ranges::find(policies, request.policy) != policies.end();
    if (request.policy != nullptr && !known) policies.push_back(request.policy);
  }
  for (const Policy* policy : policies) PolicySpread(*policy, requests).Run(&spread);
  return spread;
}

}  // namespace moerge
