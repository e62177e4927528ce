// Strong ids. Within one process an id means one name for ever: the registry hands out the next
// number when it first sees a name and never reuses it, so an id may be kept across snapshots.
#pragma once

#include <cstdint>

namespace moerge {

enum class ExpertId : std::uint32_t {};
enum class SkillId : std::uint32_t {};

constexpr std::uint32_t Raw(ExpertId id) { return static_cast<std::uint32_t>(id); }
constexpr std::uint32_t Raw(SkillId id) { return static_cast<std::uint32_t>(id); }

}  // namespace moerge
