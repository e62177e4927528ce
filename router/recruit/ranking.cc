#include "router/recruit/ranking.h"

#include <algorithm>

#include "config/base/hash.h"
#include "config/base/random.h"
#include "config/policy_options.h"
#include "router/profile/latency.h"
#include "router/recruit/constraints.h"
#include "router/signals.h"

namespace moerge {
namespace {

constexpr std::pair<std::string_view, Rule> kRules[] = {
    {"expected", Rule::kExpected},
    {"task-level", Rule::kTaskLevel},
    {"best-single", Rule::kBestSingle},
    {"random", Rule::kRandom},
    {"top", Rule::kTop},
    {"sampling", Rule::kSampling},
    {"mapping", Rule::kMapping},
};

std::vector<SkillProbability> DemandFor(Rule rule, const Demand& demand) {
  if (rule == Rule::kBestSingle) return {};
  if (rule != Rule::kTaskLevel || demand.skills.empty()) return demand.skills;
  return {{demand.skills.front().skill, 1.0f}};
}

// The same request and seed give the same order, whoever else is registered.
float Lot(const RouteRequest& request, std::string_view expert) {
  Random random(Hash64(expert, Hash64(request.text.user, request.seed)));
  return static_cast<float>(random.Uniform());
}

bool Before(const Ranked& a, const Ranked& b) {
  if (a.utility != b.utility) return a.utility > b.utility;
  return a.expert < b.expert;
}

void Sort(std::size_t leading, std::vector<Ranked>* models) {
  leading = std::min(leading, models->size());
  std::partial_sort(models->begin(), models->begin() + static_cast<std::ptrdiff_t>(leading),
                    models->end(), Before);
}

// An expert of one field is not expected to do well outside it because its own field's texts went
// well: beyond what its profile covers a text promises nothing.
void KeepToCovered(Competence::Expectation* expectation) {
  for (std::size_t i = 0; i < expectation->score.size(); ++i) {
    expectation->score[i] = std::min(expectation->score[i], expectation->covered[i]);
  }
}

// Whatever the request: also experts that were measured on too few skills to count as general.
void ByOverallStrength(const Competence& competence, Competence::Expectation* expectation) {
  expectation->score.assign(competence.size(), 0);
  expectation->covered.assign(competence.size(), 0);
  for (std::size_t i = 0; i < competence.size(); ++i) {
    const Posterior& strength = competence.overall(i).strength;
    if (!strength.known) continue;
    expectation->score[i] = static_cast<float>(strength.mean);
    expectation->covered[i] = 1;
  }
}

// Tools by what they cover, most first, ties by name.
void SortTools(const std::vector<float>& covered, Ranking* ranking) {
  std::sort(ranking->tools.begin(), ranking->tools.end(), [&](const Ranked& a, const Ranked& b) {
    if (covered[a.expert] != covered[b.expert]) return covered[a.expert] > covered[b.expert];
    return a.expert < b.expert;
  });
  for (const Ranked& tool : ranking->tools) ranking->covered.push_back(covered[tool.expert]);
}

// False: it is left out. The others stay behind it in their order.
bool PutFirst(std::uint32_t expert, Ranking* ranking) {
  const auto at = std::ranges::find(ranking->models, expert, &Ranked::expert);
  if (at == ranking->models.end()) return false;
  std::rotate(ranking->models.begin(), at, at + 1);
  return true;
}

// The highest expected of those that one request can be spent on.
void PutAffordedFirst(const Mapping& table, Ranking* ranking) {
  const Ranked* best = nullptr;
  for (const Ranked& model : ranking->models) {
    const bool better = best == nullptr || model.utility > best->utility;
    if (better && table.Affords(model.expert)) best = &model;
  }
  if (best != nullptr) PutFirst(best->expert, ranking);
}

void Map(const RankInput& input, Ranking* ranking) {
  MappedSkill& mapped = ranking->mapped;
  mapped.table = input.expert_table.mappings.For(input.policy);
  if (mapped.refused()) return;
  const Mapping& table = **mapped.table;
  // One skill alone is the one, though there was nothing to recognise it by.
  const bool recognised = input.demand.confidence > 0 || ranking->demand.size() == 1;
  if (recognised && !ranking->demand.empty()) {
    mapped.row = table.Find(ranking->demand.front().skill);
  }
  const bool placed =
      mapped.no_expert() || (mapped.row != nullptr && PutFirst(*mapped.row->expert, ranking));
  if (!placed) PutAffordedFirst(table, ranking);
}

// Score points that an expert loses for what it costs and for how long it takes.
float Charge(const RankInput& input, std::uint32_t expert) {
  const auto price_weight = static_cast<float>(input.policy.price_weight);
  float charge = price_weight * input.expert_table.traits[expert].price;
  if (input.policy.latency_weight > 0) {
    const float ms = LatencyOf(input.expert_table.expert(expert), input.health).typical_ms;
    charge += static_cast<float>(input.policy.latency_weight) * ms / 1000;
  }
  return charge;
}

Ranked RankedAs(const RankInput& input, Rule rule, std::uint32_t expert, float expected) {
  Ranked ranked{expert, expected, expected - Charge(input, expert)};
  if (rule == Rule::kRandom) {
    ranked.utility = Lot(input.request, input.expert_table.expert(expert).spec.name);
  }
  return ranked;
}

// Where a failing backend alone stands in the way, an answer is improbable, but better than none.
void TakeUnhealthy(const RankInput& input, Rule rule, Ranking* ranking) {
  const auto take = [&](const Ranking::Excluded& each) {
    if (each.why != Exclusion::kUnhealthy) return false;
    ranking->models.push_back(RankedAs(input, rule, each.expert, each.expected));
    return true;
  };
  ranking->last_resort = std::erase_if(ranking->excluded, take) > 0;
}

// The model that a share speaks of; null: it does not fit this request.
Ranked* ModelOf(const RankInput& input, const ShareSignal& share, Ranking* ranking) {
  const Snapshot& snapshot = *input.expert_table.snapshot;
  const ExpertEntry* entry = snapshot.FindExpert(share.expert);
  if (entry == nullptr) return nullptr;
  const auto index = static_cast<std::uint32_t>(snapshot.IndexOf(*entry));
  const auto at = std::ranges::find(ranking->models, index, &Ranked::expert);
  return at == ranking->models.end() ? nullptr : &*at;
}

void LeaveOut(const std::function<bool(const Ranked&)>& goes, Ranking* ranking) {
  std::erase_if(ranking->models, [&](const Ranked& model) {
    if (!goes(model)) return false;
    ranking->excluded.push_back({model.expert, Exclusion::kCapacity, model.expected});
    return true;
  });
}

// Biases count in the order alone. What has its most is left out while another fits, or the
// request is refused on its account.
void Balance(const RankInput& input, Ranking* ranking) {
  if (input.request.signals == nullptr || ranking->models.empty()) return;
  std::vector<std::uint32_t> full;
  for (const ShareSignal& share : input.request.signals->shares) {
    Ranked* const model = ModelOf(input, share, ranking);
    if (model == nullptr) continue;
    model->utility += static_cast<float>(share.bias);
    if (share.full) full.push_back(model->expert);
  }
  const auto is_full = [&](const Ranked& model) {
    return std::ranges::find(full, model.expert) != full.end();
  };
  if (input.policy.options->balance_overflow == BalanceOverflow::kRefuse) {
    const Ranked best = *std::ranges::min_element(ranking->models, Before);
    if (!is_full(best)) return;
    ranking->refused = best.expert;
    LeaveOut([](const Ranked&) { return true; }, ranking);
    ranking->tools.clear();
  } else if (full.size() < ranking->models.size()) {
    LeaveOut(is_full, ranking);
  }
}

// Those that may be asked of the experts that the request was assigned to with others.
void Assign(const RankInput& input, Ranking* ranking) {
  if (input.request.signals == nullptr || !input.request.signals->assignment) return;
  const Snapshot& snapshot = *input.expert_table.snapshot;
  const auto& experts = input.request.signals->assignment->experts;
  for (auto name = experts.rbegin(); name != experts.rend(); ++name) {
    const ExpertEntry* entry = snapshot.FindExpert(*name);
    if (entry == nullptr) continue;
    const auto index = static_cast<std::uint32_t>(snapshot.IndexOf(*entry));
    if (PutFirst(index, ranking)) ++ranking->assigned;
  }
}

}  // namespace

std::optional<Rule> ParseRule(std::string_view name) {
  for (const auto& [known, rule] : kRules) {
    if (known == name) return rule;
  }
  return std::nullopt;
}

const std::vector<std::string>& RuleNames() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const auto& rule : kRules) all.emplace_back(rule.first);
    return all;
  }();
  return names;
}

Rule RuleOf(const Policy& policy) { return ParseRule(policy.recruiter).value_or(Rule::kExpected); }

bool FollowsText(Rule rule) { return rule == Rule::kExpected || rule == Rule::kTop; }

Ranking Rank(const RankInput& input, std::size_t leading) {
  thread_local Competence::Expectation expectation;
  const Rule rule = RuleOf(input.policy);
  Ranking ranking;
  ranking.demand = DemandFor(rule, input.demand);
  if (rule == Rule::kBestSingle) {
    ByOverallStrength(input.expert_table.competence, &expectation);
  } else {
    input.expert_table.competence.Expect(ranking.demand, &expectation);
  }
  if (input.correction && FollowsText(rule)) {
    input.correction(&expectation.score);
    KeepToCovered(&expectation);
  }
  const Constraints constraints(input.expert_table, input.request, input.policy, input.health,
                                input.demand);
  ranking.unknown_experts = constraints.unknown_experts();
  ranking.models.reserve(input.expert_table.size());
  for (std::uint32_t i = 0; i < input.expert_table.size(); ++i) {
    const float expected = expectation.score[i];
    const Exclusion why = constraints.Check(i, expected, expectation.covered[i]);
    if (why != Exclusion::kNone) {
      ranking.excluded.push_back({i, why, expected});
      continue;
    }
    const Ranked ranked = RankedAs(input, rule, i, expected);
    (input.expert_table.traits[i].tool ? ranking.tools : ranking.models).push_back(ranked);
  }
  if (ranking.models.empty()) TakeUnhealthy(input, rule, &ranking);
  Balance(input, &ranking);
  ranking.leading = std::min(leading, ranking.models.size());
  Sort(ranking.leading, &ranking.models);
  if (rule == Rule::kMapping) Map(input, &ranking);
  Assign(input, &ranking);
  SortTools(expectation.covered, &ranking);
  return ranking;
}

}  // namespace moerge
