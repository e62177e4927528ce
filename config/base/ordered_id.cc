#include "config/base/ordered_id.h"

#include <cstdint>

#include "config/base/random.h"

namespace moerge {

std::string OrderedId(std::chrono::system_clock::time_point time) {
  constexpr int kTimeDigits = 12;
  constexpr const char* kDigits = "0123456789abcdef";
  auto left = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count());
  std::string id = RandomId();
  for (int i = kTimeDigits - 1; i >= 0; --i, left >>= 4) {
    id[static_cast<std::size_t>(i)] = kDigits[left & 0xF];
  }
  return id;
}

}  // namespace moerge
