#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "registry/registry.h"

namespace moerge {
namespace {

// Names by number and numbers by name. Names stand in blocks that double in size and never move, so
// reading one needs no lock.
class NameTable {
 public:
  std::uint32_t Intern(std::string_view name) {
    {
      const std::shared_lock lock(mutex_);
      if (const auto at = ids_.find(name); at != ids_.end()) return at->second;
    }
    const std::unique_lock lock(mutex_);
    if (const auto at = ids_.find(name); at != ids_.end()) return at->second;
    return Add(name);
  }

  std::string_view NameOf(std::uint32_t id) const {
    if (id >= size_.load(std::memory_order_acquire)) return {};
    const Place place = Locate(id);
    return blocks_[place.block].load(std::memory_order_relaxed)[place.offset];
  }

 private:
  static constexpr int kFirstBits = 10;
  struct Place {
    std::size_t block;
    std::size_t offset;
  };

  static Place Locate(std::uint32_t id) {
    const std::uint64_t n = std::uint64_t{id} + (1u << kFirstBits);
    const int bits = std::bit_width(n) - 1;
    return {static_cast<std::size_t>(bits - kFirstBits), n - (std::uint64_t{1} << bits)};
  }

  std::uint32_t Add(std::string_view name) {
    const std::uint32_t id = size_.load(std::memory_order_relaxed);
    const Place place = Locate(id);
    if (place.offset == 0) {
      blocks_[place.block].store(new std::string[std::size_t{1} << (place.block + kFirstBits)],
                                 std::memory_order_relaxed);
    }
    std::string& kept = blocks_[place.block].load(std::memory_order_relaxed)[place.offset];
    kept = name;
    ids_.emplace(kept, id);
    size_.store(id + 1, std::memory_order_release);
    return id;
  }

  std::array<std::atomic<std::string*>, 33 - kFirstBits> blocks_{};
  std::atomic<std::uint32_t> size_{0};
  std::shared_mutex mutex_;
  std::unordered_map<std::string_view, std::uint32_t> ids_;  // guarded by mutex_
};

// Never destroyed: names are valid for ever, in destructors at exit too.
NameTable& Experts() {
  static NameTable& table = *new NameTable;
  return table;
}
NameTable& Skills() {
  static NameTable& table = *new NameTable;
  return table;
}

}  // namespace

ExpertId InternExpert(std::string_view name) { return ExpertId{Experts().Intern(name)}; }
SkillId InternSkill(std::string_view name) { return SkillId{Skills().Intern(name)}; }
std::vector<SkillId> InternSkills(std::span<const std::string> names) {
  std::vector<SkillId> skills;
  for (const std::string& name : names) skills.push_back(InternSkill(name));
  return skills;
}
std::string_view NameOf(ExpertId id) { return Experts().NameOf(Raw(id)); }
std::string_view NameOf(SkillId id) { return Skills().NameOf(Raw(id)); }

}  // namespace moerge
