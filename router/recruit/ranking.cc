#include "router/recruit/ranking.h"

#include <algorithm>

#include "config/base/hash.h"
#include "config/base/random.h"
#include "router/recruit/constraints.h"

namespace moerge {
namespace {

constexpr std::pair<std::string_view, Rule> kRules[] = {
    {"expected", Rule::kExpected},
    {"task-level", Rule::kTaskLevel},
    {"best-single", Rule::kBestSingle},
    {"random", Rule::kRandom},
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

// Tools by what they cover, most first, ties by name.
void SortTools(const std::vector<float>& covered, Ranking* ranking) {
  std::sort(ranking->tools.begin(), ranking->tools.end(), [&](const Ranked& a, const Ranked& b) {
    if (covered[a.expert] != covered[b.expert]) return covered[a.expert] > covered[b.expert];
    return a.expert < b.expert;
  });
  for (const Ranked& tool : ranking->tools) ranking->covered.push_back(covered[tool.expert]);
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

Ranking Rank(const RankInput& input, std::size_t leading) {
  thread_local Competence::Expectation expectation;
  const Rule rule = ParseRule(input.policy.recruiter).value_or(Rule::kExpected);
  Ranking ranking;
  ranking.demand = DemandFor(rule, input.demand);
  input.panel.competence.Expect(ranking.demand, &expectation);
  if (input.correction && rule == Rule::kExpected) {
    input.correction(&expectation.score);
    KeepToCovered(&expectation);
  }
  const Constraints constraints(input.panel, input.request, input.policy, input.health);
  ranking.unknown_experts = constraints.unknown_experts();
  ranking.models.reserve(input.panel.size());
  for (std::uint32_t i = 0; i < input.panel.size(); ++i) {
    const float expected = expectation.score[i];
    const Exclusion why = constraints.Check(i, expected, expectation.covered[i]);
    if (why != Exclusion::kNone) {
      ranking.excluded.push_back({i, why, expected});
      continue;
    }
    const Traits& traits = input.panel.traits[i];
    const auto weight = static_cast<float>(input.policy.price_weight);
    Ranked ranked{i, expected, expected - weight * traits.price};
    if (rule == Rule::kRandom) ranked.utility = Lot(input.request, input.panel.expert(i).spec.name);
    (traits.tool ? ranking.tools : ranking.models).push_back(ranked);
  }
  ranking.leading = std::min(leading, ranking.models.size());
  Sort(ranking.leading, &ranking.models);
  SortTools(expectation.covered, &ranking);
  return ranking;
}

}  // namespace moerge
