#include "router/classify/region_tree.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numeric>

namespace moerge {
namespace {

constexpr std::size_t kCuts = 24;  // thresholds tried per dense feature
constexpr float kShares[] = {0.05f, 0.15f, 0.3f, 0.5f, 0.7f, 0.85f, 0.95f};  // per sparse one
// Rows without any effect that are added to each side of a cut: a side with few rows must differ
// more.
constexpr double kDraw = 10;

// To three digits, so that what is printed is what is compared with.
float Rounded(float value) { return std::strtof(ThresholdText(value).c_str(), nullptr); }

std::vector<float> CutsOf(const RegionPoints& points, std::uint32_t feature) {
  std::vector<float> values;
  for (std::size_t row = 0; row < points.rows(); ++row) values.push_back(points.At(row, feature));
  std::sort(values.begin(), values.end());
  std::vector<float> cuts;
  for (std::size_t i = 1; i <= kCuts && !values.empty(); ++i) {
    const float cut = Rounded(values[i * values.size() / (kCuts + 1)]);
    if (cuts.empty() || cut > cuts.back()) cuts.push_back(cut);
  }
  return cuts;
}

// The gain that a cut must exceed: what the best of many cuts gains where there is nothing to find.
double LeastGain(const RegionTargets& targets) {
  const auto free = static_cast<double>(std::max<std::size_t>(targets.free, 1));
  return targets.variance * (free + 3.5 * std::sqrt(2 * free) + 4);
}

}  // namespace

std::string ThresholdText(float threshold) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", static_cast<double>(threshold));
  return text;
}

float RegionPoints::At(std::size_t row, std::uint32_t feature) const {
  if (feature < dense) return values[row * dense + feature];
  for (const Feature& cell : cells[row]) {
    if (cell.bucket == feature - dense) return cell.value;
  }
  return 0;
}

// Grows one tree, depth first. Sums of targets are kept per feature and interval between cuts, so
// that a node costs one pass over its rows.
class RegionGrower {
 public:
  RegionGrower(const RegionPoints& points, const RegionTargets& targets, const RegionLimits& limits)
      : points_(points), targets_(targets), limits_(limits), width_(targets.outputs + 1) {
    for (std::uint32_t f = 0; f < points.dense; ++f) cuts_.push_back(CutsOf(points, f));
    for (std::size_t f = 0; f < points.sparse; ++f) {
      cuts_.emplace_back(std::begin(kShares), std::end(kShares));
    }
    for (const auto& cuts : cuts_) {
      begin_.push_back(bins_);
      bins_ += cuts.size() + 1;
    }
  }

  RegionTree Run() {
    std::vector<std::uint32_t> rows(points_.rows());
    std::iota(rows.begin(), rows.end(), 0u);
    Grow(std::move(rows), 0);
    return std::move(tree_);
  }

 private:
  struct Cut {
    double gain = 0;
    std::uint32_t feature = RegionNode::kLeaf;
    float threshold = 0;
  };
  using Sums = std::vector<double>;  // of the targets, then the count

  void AddRow(std::uint32_t row, double* to) const {
    const float* from = &targets_.values[row * targets_.outputs];
    for (std::size_t i = 0; i < targets_.outputs; ++i) to[i] += static_cast<double>(from[i]);
    to[targets_.outputs] += 1;
  }

  double* Bin(std::size_t feature, float value) {
    const auto& cuts = cuts_[feature];
    const auto at = std::lower_bound(cuts.begin(), cuts.end(), value) - cuts.begin();
    return &histogram_[(begin_[feature] + static_cast<std::size_t>(at)) * width_];
  }

  Sums Fill(const std::vector<std::uint32_t>& rows) {
    histogram_.assign(bins_ * width_, 0);
    Sums all(width_, 0);
    for (const std::uint32_t row : rows) {
      AddRow(row, all.data());
      for (std::uint32_t f = 0; f < points_.dense; ++f) {
        AddRow(row, Bin(f, points_.values[row * points_.dense + f]));
      }
      for (const Feature& cell : points_.cells[row]) {
        if (cell.value > kShares[0]) AddRow(row, Bin(points_.dense + cell.bucket, cell.value));
      }
    }
    // A sparse feature's first interval has all rows that are in none of its others.
    for (std::size_t f = points_.dense; f < cuts_.size(); ++f) {
      double* first = &histogram_[begin_[f] * width_];
      for (std::size_t i = 0; i < width_; ++i) {
        first[i] = all[i];
        for (std::size_t b = 1; b <= cuts_[f].size(); ++b) first[i] -= first[b * width_ + i];
      }
    }
    return all;
  }

  double Score(const double* sums) const {
    double score = 0;
    for (std::size_t i = 0; i < targets_.outputs; ++i) score += sums[i] * sums[i];
    return score / (sums[targets_.outputs] + kDraw);
  }

  Cut Best(const Sums& all) const {
    Cut best{LeastGain(targets_), RegionNode::kLeaf, 0};
    const double whole = Score(all.data());
    const auto least = static_cast<double>(limits_.rows);
    Sums left(width_);
    Sums right(width_);
    for (std::uint32_t f = 0; f < cuts_.size(); ++f) {
      std::fill(left.begin(), left.end(), 0);
      for (std::size_t cut = 0; cut < cuts_[f].size(); ++cut) {
        const double* bin = &histogram_[(begin_[f] + cut) * width_];
        for (std::size_t i = 0; i < width_; ++i) {
          left[i] += bin[i];
          right[i] = all[i] - left[i];
        }
        if (left.back() < least || right.back() < least) continue;
        const double gain = Score(left.data()) + Score(right.data()) - whole;
        if (gain > best.gain) best = {gain, f, cuts_[f][cut]};
      }
    }
    return best;
  }

  std::uint32_t Grow(std::vector<std::uint32_t> rows, std::size_t depth) {
    const auto index = static_cast<std::uint32_t>(tree_.nodes_.size());
    tree_.nodes_.emplace_back();
    Cut cut;
    if (depth < limits_.depth && rows.size() >= 2 * limits_.rows) cut = Best(Fill(rows));
    if (cut.feature == RegionNode::kLeaf) {
      tree_.nodes_[index].left = static_cast<std::uint32_t>(tree_.regions_++);
      return index;
    }
    const auto middle = std::stable_partition(rows.begin(), rows.end(), [&](std::uint32_t row) {
      return points_.At(row, cut.feature) <= cut.threshold;
    });
    std::vector<std::uint32_t> right(middle, rows.end());
    rows.erase(middle, rows.end());
    const std::uint32_t left_child = Grow(std::move(rows), depth + 1);
    const std::uint32_t right_child = Grow(std::move(right), depth + 1);
    tree_.nodes_[index] = {cut.feature, cut.threshold, left_child, right_child};
    return index;
  }

  const RegionPoints& points_;
  const RegionTargets& targets_;
  const RegionLimits& limits_;
  std::size_t width_;
  std::vector<std::vector<float>> cuts_;  // by feature, ascending
  std::vector<std::size_t> begin_;        // by feature: its first interval
  std::size_t bins_ = 0;
  std::vector<double> histogram_;  // by interval: Sums
  RegionTree tree_;
};

RegionTree RegionTree::Grow(const RegionPoints& points, const RegionTargets& targets,
                            const RegionLimits& limits) {
  return RegionGrower(points, targets, limits).Run();
}

void RegionTree::Write(ByteWriter* out) const {
  out->PutAll(nodes_);
  out->Put<std::uint64_t>(regions_);
}

std::optional<RegionTree> RegionTree::Read(ByteReader* in, std::size_t features) {
  RegionTree tree;
  tree.nodes_ = in->GetAll<RegionNode>();
  tree.regions_ = in->Get<std::uint64_t>();
  if (!in->ok() || tree.nodes_.empty()) return std::nullopt;
  for (std::uint32_t i = 0; i < tree.nodes_.size(); ++i) {
    const RegionNode& node = tree.nodes_[i];
    const bool leaf = node.feature == RegionNode::kLeaf;
    // Children come behind their parent: no path goes round in circles.
    const bool sound = leaf ? node.left < tree.regions_
                            : node.feature < features && node.left > i && node.right > i &&
                                  node.left < tree.nodes_.size() && node.right < tree.nodes_.size();
    if (!sound) return std::nullopt;
  }
  return tree;
}

}  // namespace moerge
