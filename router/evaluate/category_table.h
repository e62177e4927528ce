// The table of categories: for each the experts in the order of what they did there in training,
// shrunk toward overall strength as profiles are. Immutable; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "registry/snapshot.h"
#include "router/evaluate/questions.h"

namespace moerge {

class CategoryTable {
 public:
  // From profiles; every expert of `experts` is in the snapshot.
  CategoryTable(const Snapshot& snapshot, const std::vector<std::string>& experts);
  // Best first. A category that training had not: by overall strength.
  const std::vector<std::uint32_t>& Order(std::string_view category) const;

 private:
  std::vector<std::uint32_t> overall_;
  std::map<std::string, std::vector<std::uint32_t>, std::less<>> by_category_;
};

}  // namespace moerge
