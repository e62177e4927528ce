#include "router/offline/table_router.h"

#include <algorithm>
#include <map>
#include <set>

#include "config/base/text.h"
#include "router/classify/catalogue.h"

namespace moerge {
namespace {

constexpr std::string_view kSource = "table";

Result<std::vector<std::string>> ChooseExperts(const std::vector<std::string>& all,
                                               const std::vector<std::string>& pool) {
  if (all.empty()) {
    return Error{ErrorCode::kInvalid, "the table has no scores: there is no expert to route to"};
  }
  if (pool.empty()) return all;
  std::set<std::string> chosen;
  for (const std::string& name : pool) {
    if (!std::binary_search(all.begin(), all.end(), name)) {
      return Error{ErrorCode::kInvalid,
                   "the table has no expert `" + name + "`." + DidYouMean(name, all)};
    }
    chosen.insert(name);
  }
  return std::vector<std::string>(chosen.begin(), chosen.end());
}

struct Tally {
  double sum = 0;
  double count = 0;
  void Add(double value) {
    sum += value;
    count += 1;
  }
};

struct Tallies {
  std::map<std::pair<std::string, std::string>, Tally> scores;  // by expert and skill
  std::map<std::string, Tally> costs;                           // by expert
  std::set<std::string> skills;
};

Tallies Count(const std::vector<TableRow>& rows, const std::vector<std::string>& experts) {
  Tallies tallies;
  const auto known = [&](const std::string& name) {
    return std::binary_search(experts.begin(), experts.end(), name);
  };
  for (const TableRow& row : rows) {
    const std::string skill = row.category.empty() ? std::string(kGeneralSkill) : row.category;
    if (!row.category.empty()) tallies.skills.insert(skill);
    for (const auto& [expert, score] : row.scores) {
      if (known(expert)) tallies.scores[{expert, skill}].Add(score);
    }
    for (const auto& [expert, cost] : row.cost) {
      if (known(expert)) tallies.costs[expert].Add(cost);
    }
  }
  return tallies;
}

StoredState StateOf(const Tallies& tallies, const std::vector<std::string>& experts) {
  StoredState state;
  Backend backend;
  backend.name = std::string(kSource);
  backend.base_url = "http://127.0.0.1:1/v1";  // never called: decisions alone are made
  state.backends = {backend};
  for (const std::string& name : experts) {
    Expert expert;
    expert.name = name;
    expert.backend = backend.name;
    expert.model = name;
    if (const auto at = tallies.costs.find(name); at != tallies.costs.end()) {
      expert.price.input = expert.price.output = at->second.sum / at->second.count;
    }
    state.experts.push_back(std::move(expert));
  }
  for (const std::string& name : tallies.skills) {
    Skill skill;
    skill.name = name;
    state.skills.push_back(std::move(skill));
  }
  std::vector<Evidence> evidence;
  for (const auto& [key, tally] : tallies.scores) {
    evidence.push_back({key.first, key.second, tally.sum, tally.count, std::string(kSource), {}});
  }
  state.evidence.Put(evidence);
  return state;
}

TrainingSet SetOf(const Snapshot& snapshot, const std::vector<TableRow>& rows,
                  const std::vector<std::string>& experts) {
  TrainingSetBuilder builder;
  for (const SkillEntry& skill : snapshot.skills) builder.AddSkill(skill.spec);
  for (const TableRow& row : rows) {
    Observation observation{row.id, row.prompt, row.category, std::string(kSource), row.scores};
    std::erase_if(observation.scores, [&](const auto& score) {
      return !std::binary_search(experts.begin(), experts.end(), score.first);
    });
    builder.AddObservation(observation);
  }
  return builder.Build();
}

}  // namespace

Result<TableRouter> TableRouter::Learn(const std::vector<TableRow>& rows,
                                       const std::vector<std::string>& pool) {
  Result<std::vector<std::string>> experts = ChooseExperts(ExpertsOf(rows), pool);
  if (!experts) return experts.error();
  Result<SnapshotPtr> snapshot = BuildSnapshot({}, StateOf(Count(rows, *experts), *experts));
  if (!snapshot) return snapshot.error();
  TableRouter router;
  router.set_ = std::make_shared<const TrainingSet>(SetOf(**snapshot, rows, *experts));
  auto demand = std::make_shared<SparseRows>();
  auto trained = std::make_shared<Trained>();
  trained->fingerprint = router.set_->fingerprint;
  trained->lexical = LexicalClassifier::Train(*router.set_, nullptr, demand.get());
  trained->instance = InstanceModel::Train(*router.set_, *demand);
  trained->joint = JointErrors::Train(*router.set_, *demand);
  router.demand_ = std::move(demand);
  router.experts_ = *std::move(experts);
  router.quality_ = trained->lexical->quality();
  router.trained_ = std::move(trained);
  router.router_ = std::make_shared<const PolicyRouter>(
      std::make_shared<const ExpertTable>(*snapshot), router.trained_);
  return router;
}

TableRouter TableRouter::WithoutCorrection() const {
  TableRouter plain = *this;
  auto trained = std::make_shared<Trained>(*trained_);
  trained->instance = nullptr;
  plain.trained_ = trained;
  plain.router_ = std::make_shared<const PolicyRouter>(router_->expert_table(), trained, keywords_);
  return plain;
}

void TableRouter::Prepare(const Policy& policy) {
  if (policy.classifier == "llm" && !keywords_) {
    keywords_ = true;
    router_ = std::make_shared<const PolicyRouter>(router_->expert_table(), trained_, keywords_);
  }
  const ClassifierKind* kind = FindClassifierKind(policy.classifier);
  if (kind == nullptr || trained_->classifiers.contains(ClassifierKey(policy))) return;
  const ClassifierOptions options = OptionsOf(policy, policy.classifier);
  auto trained = std::make_shared<Trained>(*trained_);
  trained->classifiers.emplace(ClassifierKey(policy),
                               kind->train({*set_, trained_->lexical, options, demand_.get()}));
  trained_ = trained;
  router_ = std::make_shared<const PolicyRouter>(router_->expert_table(), trained_, keywords_);
}

Status TableRouter::CheckBudget(const Policy& policy) const {
  if (RuleOf(policy) != Rule::kMapping) return Ok{};
  const MappingPtr mapping = router_->expert_table()->mappings.For(policy);
  if (!mapping->ok()) return mapping->error();
  return Ok{};
}

Decision TableRouter::Route(std::string_view prompt, const Policy& policy,
                            std::uint64_t seed) const {
  RouteRequest request;
  request.text.user = prompt;
  request.seed = seed;
  return Route(request, policy);
}

Decision TableRouter::Route(const RouteRequest& request, const Policy& policy) const {
  return router_->Route(request, policy, nullptr);
}

}  // namespace moerge
