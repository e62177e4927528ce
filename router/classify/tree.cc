#include "router/classify/tree.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "registry/registry.h"
#include "router/classify/mean_scores.h"
#include "router/classify/region_record.h"
#include "router/classify/region_tree.h"
#include "router/classify/text_classifier.h"

namespace moerge {
namespace {

// Conditions may be put on so many skills, the first ones by name; more would tell little each.
constexpr std::size_t kMaxSkills = 256;

std::size_t SkillsAsked(const TrainingSet& set) { return std::min(set.skills.size(), kMaxSkills); }

class Tree final : public TextClassifier {
 public:
  Tree(std::shared_ptr<const LexicalClassifier> lexical, RegionTree tree, RegionRecord record,
       float weight)
      : TextClassifier(record.skills),
        lexical_(std::move(lexical)),
        tree_(std::move(tree)),
        record_(std::move(record)),
        weight_(weight) {
    for (const std::string& name : record_.experts) experts_.push_back(InternExpert(name));
  }

  std::string_view name() const override { return "tree"; }

  std::string Bytes() const override {
    ByteWriter out;
    tree_.Write(&out);
    record_.Write(&out);
    return out.Take();
  }

 private:
  bool Probabilities(const Reading& reading, std::vector<float>* out,
                     std::vector<std::string>* notes) const override {
    const bool told = FromDemand(lexical_->Classify(reading), out);
    const TextTraits traits = ExtractTraits(reading.window());
    std::vector<std::uint32_t> path;
    Region() = tree_.Find(
        [&](std::uint32_t feature) {
          if (feature < kTraits) return traits[feature];
          return told ? (*out)[feature - kTraits] : 0.0f;
        },
        &path);
    notes->push_back(Note(path));
    if (reading.window().pieces().empty()) return false;
    Mix(told ? record_.share : 1, out);
    return true;
  }

  void Opinions(const Reading&, Demand* demand) const override {
    if (weight_ <= 0) return;
    for (std::size_t e = 0; e < experts_.size(); ++e) {
      demand->experts.push_back({experts_[e], record_.Expected(Region(), e), weight_});
    }
  }

  // Of the request in hand.
  static std::uint32_t& Region() {
    thread_local std::uint32_t region = 0;
    return region;
  }

  void Mix(float share, std::vector<float>* out) const {
    thread_local std::vector<float> here;
    record_.Skills(Region(), &here);
    for (std::size_t s = 0; s < out->size(); ++s) {
      (*out)[s] = (1 - share) * (*out)[s] + share * here[s];
    }
  }

  std::string Condition(const RegionNode& node, bool above) const {
    const std::string name = node.feature < kTraits
                                 ? std::string(TraitName(static_cast<Trait>(node.feature)))
                                 : "`" + record_.skills[node.feature - kTraits] + "`";
    return name + (above ? " > " : " <= ") + ThresholdText(node.threshold);
  }

  std::string Note(const std::vector<std::uint32_t>& path) const;

  std::shared_ptr<const LexicalClassifier> lexical_;
  RegionTree tree_;
  RegionRecord record_;
  float weight_;
  std::vector<ExpertId> experts_;
};

std::string Tree::Note(const std::vector<std::uint32_t>& path) const {
  std::string note =
      "region " + std::to_string(Region() + 1) + " of " + std::to_string(tree_.regions()) + ": ";
  for (std::size_t i = 0; i < path.size(); ++i) {
    const RegionNode& node = tree_.node(path[i]);
    // Which way the path went: to the child that stands on it next, or that is the region itself.
    const bool above = i + 1 < path.size()
                           ? path[i + 1] == node.right
                           : tree_.node(node.right).left == Region() &&
                                 tree_.node(node.right).feature == RegionNode::kLeaf;
    note += (i == 0 ? "" : " and ") + Condition(node, above);
  }
  if (path.empty()) note += "all requests";
  char counted[192];
  std::snprintf(counted, sizeof counted, " (%.0f stored prompts)",
                static_cast<double>(record_.prompts[Region()]));
  note += counted;
  std::size_t best = 0;
  for (std::size_t e = 1; e < experts_.size(); ++e) {
    if (record_.Expected(Region(), e) > record_.Expected(Region(), best)) best = e;
  }
  if (experts_.empty()) return note;
  std::snprintf(counted, sizeof counted, "; best there `%.100s`, expected %.2f",
                record_.experts[best].c_str(),
                static_cast<double>(record_.Expected(Region(), best)));
  return note + counted;
}

// Each row's scores above what their experts reach on average, less what all of the row have in
// common: which expert does better than usual, not how hard the prompt is.
RegionTargets ScoreTargets(const TrainingSet& set, const std::vector<std::uint32_t>& rows,
                           const std::vector<std::uint32_t>& experts) {
  const std::vector<float> means = MeanScores(set, experts);
  RegionTargets targets;
  targets.outputs = experts.size();
  targets.free = experts.size() - 1;
  double squares = 0;
  double known = 0;
  for (const std::uint32_t row : rows) {
    std::vector<float> above(experts.size(), NAN);
    float sum = 0;
    float count = 0;
    for (std::size_t i = 0; i < experts.size(); ++i) {
      above[i] = set.scores[row * set.experts.size() + experts[i]] - means[i];
      if (!std::isnan(above[i])) sum += above[i], count += 1;
    }
    for (const float each : above) {
      const float value = std::isnan(each) ? 0 : each - sum / count;
      targets.values.push_back(value);
      squares += static_cast<double>(value * value);
    }
    known += static_cast<double>(std::max(count - 1, 0.0f));
  }
  targets.variance = squares / std::max(known, 1.0);
  return targets;
}

// One number per skill: 1 for the row's own, less how frequent the skill is.
RegionTargets SkillTargets(const TrainingSet& set, const std::vector<std::uint32_t>& rows) {
  const std::size_t skills = SkillsAsked(set);
  std::vector<float> frequency(skills, 0);
  for (const std::uint32_t row : rows) {
    if (set.labels[row] < skills) frequency[set.labels[row]] += 1;
  }
  RegionTargets targets;
  targets.outputs = skills;
  targets.free = skills - 1;
  double squares = 0;
  for (const std::uint32_t row : rows) {
    for (std::size_t s = 0; s < skills; ++s) {
      const float usual = frequency[s] / static_cast<float>(rows.size());
      targets.values.push_back((set.labels[row] == s ? 1.0f : 0.0f) - usual);
      squares += static_cast<double>(targets.values.back() * targets.values.back());
    }
  }
  const auto known = static_cast<double>(rows.size() * std::max<std::size_t>(skills - 1, 1));
  targets.variance = squares / std::max(known, 1.0);
  return targets;
}

RegionPoints PointsOf(const TrainingSet& set, const std::vector<std::uint32_t>& rows,
                      const SparseRows& demand) {
  RegionPoints points;
  points.dense = kTraits;
  points.sparse = SkillsAsked(set);
  std::vector<Feature> cells;
  for (const std::uint32_t row : rows) {
    points.values.insert(points.values.end(), set.traits[row].begin(), set.traits[row].end());
    cells.clear();
    for (const Feature& cell : demand[row]) {
      if (cell.bucket < points.sparse) cells.push_back(cell);
    }
    points.cells.Add(cells);
  }
  return points;
}

std::vector<std::uint32_t> AllRows(const TrainingSet& set) {
  std::vector<std::uint32_t> rows(set.documents.size());
  std::iota(rows.begin(), rows.end(), 0u);
  return rows;
}

RegionTree GrowTree(const ClassifierTask& task, const std::vector<std::uint32_t>& experts,
                    const SparseRows& demand) {
  const TrainingSet& set = task.set;
  RegionLimits limits;
  limits.depth = task.options->tree_depth;
  limits.rows = task.options->tree_rows;
  const bool by_scores = experts.size() > 1;
  const auto rows = by_scores ? set.Scored() : set.Labelled();
  if (!by_scores && set.skills.size() < 2) limits.depth = 0;
  const RegionTargets targets =
      by_scores ? ScoreTargets(set, rows, experts)
                : (limits.depth == 0 ? RegionTargets{} : SkillTargets(set, rows));
  return RegionTree::Grow(PointsOf(set, rows, demand), targets, limits);
}

float TreeWeight(const ClassifierTask& task) {
  return static_cast<float>(task.options->tree_experts);
}

}  // namespace

ClassifierPtr TrainTree(const ClassifierTask& task) {
  constexpr std::size_t kMinScores = 50;
  constexpr std::size_t kMaxExperts = 64;
  const TrainingSet& set = task.set;
  SparseRows own;
  if (task.demand == nullptr && LexicalClassifier::Train(set, task.stop, &own) == nullptr) {
    return nullptr;
  }
  const SparseRows& demand = task.demand == nullptr ? own : *task.demand;
  const std::vector<std::uint32_t> experts = set.MostScored(kMinScores, kMaxExperts);
  RegionTree tree = GrowTree(task, experts, demand);
  if (task.stop != nullptr && task.stop->load()) return nullptr;
  const RegionPoints all = PointsOf(set, AllRows(set), demand);
  std::vector<std::uint32_t> region;
  for (std::size_t row = 0; row < all.rows(); ++row) {
    region.push_back(tree.Find([&](std::uint32_t feature) { return all.At(row, feature); }));
  }
  RegionRecord record = Record(set, experts, region, tree.regions());
  record.share = FitShare(record, set, region, demand);
  return std::make_shared<const Tree>(task.lexical, std::move(tree), std::move(record),
                                      TreeWeight(task));
}

ClassifierPtr RestoreTree(std::string_view bytes, const ClassifierTask& task) {
  ByteReader in(bytes);
  auto tree = RegionTree::Read(&in, kTraits + SkillsAsked(task.set));
  if (!tree) return nullptr;
  auto record = RegionRecord::Read(&in, tree->regions());
  if (!record || !in.AtEnd() || record->skills != task.set.skills) return nullptr;
  return std::make_shared<const Tree>(task.lexical, *std::move(tree), *std::move(record),
                                      TreeWeight(task));
}

}  // namespace moerge
