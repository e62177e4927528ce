// Which texts were seen, by 128 bits of each: 16 bytes a text and as many free, where a set of
// strings takes a hundred (measured with a million: 32 MB to 97). Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "config/base/hash.h"

namespace moerge {

class IdSet {
 public:
  // False: it was there.
  bool Add(std::string_view text) {
    if (2 * (size_ + 1) > slots_.size()) Grow();
    const Key key{Hash64(text, 1) | 1, Hash64(text, 2)};  // a free slot is all zeros
    Key& slot = Find(&slots_, key);
    if (slot == key) return false;
    slot = key;
    ++size_;
    return true;
  }
  std::size_t size() const { return size_; }

 private:
  using Key = std::pair<std::uint64_t, std::uint64_t>;

  static Key& Find(std::vector<Key>* slots, const Key& key) {
    const std::size_t mask = slots->size() - 1;
    std::size_t at = key.second & mask;
    while ((*slots)[at].first != 0 && (*slots)[at] != key) at = (at + 1) & mask;
    return (*slots)[at];
  }

  void Grow() {
    std::vector<Key> more(slots_.empty() ? 1024 : 2 * slots_.size());
    for (const Key& key : slots_) {
      if (key.first != 0) Find(&more, key) = key;
    }
    slots_.swap(more);
  }

  std::vector<Key> slots_;
  std::size_t size_ = 0;
};

}  // namespace moerge
