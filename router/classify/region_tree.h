// A request's space cut into regions: a binary tree of conditions on its traits and on the
// probabilities of its skills. Grown so that what is to be told (which expert does better than
// usual, or which skill it is) differs most between regions. Plain values; any thread may read.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "router/learn/bytes.h"
#include "router/learn/documents.h"

namespace moerge {

struct RegionNode {
  static constexpr std::uint32_t kLeaf = UINT32_MAX;
  std::uint32_t feature = kLeaf;  // a leaf: there is no condition
  float threshold = 0;            // up to it: left; above: right
  std::uint32_t left = 0;         // a leaf: the number of its region
  std::uint32_t right = 0;
};

// Points in feature space. Dense features first, sparse ones behind; what is not listed is 0.
struct RegionPoints {
  std::size_t dense = 0;
  std::size_t sparse = 0;
  std::vector<float> values;  // by row, then dense feature
  SparseRows cells;           // by row: sparse features, counted from 0

  float At(std::size_t row, std::uint32_t feature) const;
  std::size_t rows() const { return cells.size(); }
};

// What is to be told, by row then output: how far above the usual; 0 where unknown.
struct RegionTargets {
  std::size_t outputs = 0;
  std::size_t free = 0;  // outputs that are not determined by the others
  double variance = 0;   // of one number about its region's mean, as if there were one region
  std::vector<float> values;
};

struct RegionLimits {
  std::size_t depth = 6;
  std::size_t rows = 40;  // at least, in a region
};

class RegionTree {
 public:
  static RegionTree Grow(const RegionPoints& points, const RegionTargets& targets,
                         const RegionLimits& limits);

  std::size_t regions() const { return regions_; }
  // `value` gives a feature's value. `path`, if given, gets the nodes that were passed.
  template <class Value>
  std::uint32_t Find(const Value& value, std::vector<std::uint32_t>* path = nullptr) const {
    std::uint32_t at = 0;
    while (nodes_[at].feature != RegionNode::kLeaf) {
      if (path != nullptr) path->push_back(at);
      const RegionNode& node = nodes_[at];
      at = value(node.feature) <= node.threshold ? node.left : node.right;
    }
    return nodes_[at].left;
  }
  const RegionNode& node(std::uint32_t index) const { return nodes_[index]; }

  void Write(ByteWriter* out) const;
  static std::optional<RegionTree> Read(ByteReader* in, std::size_t features);

 private:
  friend class RegionGrower;
  std::vector<RegionNode> nodes_;
  std::size_t regions_ = 0;
};

// A threshold as it is printed: reading it back gives the same number.
std::string ThresholdText(float threshold);

}  // namespace moerge
