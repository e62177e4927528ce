// What the kinds of entries are called in error texts, and which built-in ones may be replaced.
// Thread-safe, pure.
#pragma once

#include <string_view>

#include "config/entities.h"

namespace moerge {

inline std::string_view KindName(const Backend&) { return "backend"; }
inline std::string_view KindName(const Expert&) { return "expert"; }
inline std::string_view KindName(const Skill&) { return "skill"; }
inline std::string_view KindName(const Policy&) { return "policy"; }
inline std::string_view KindName(const ApiKey&) { return "key"; }

inline constexpr std::string_view kDefaultPolicy = "auto";

// Whether the configuration file may put its own entry in place of this built-in one.
inline bool FileMayReplace(const Skill&) { return true; }
inline bool FileMayReplace(const Policy&) { return true; }
template <class T>
bool FileMayReplace(const T&) {
  return false;
}

// Whether the store may: policies, so that they can be tuned over the API.
inline bool StoreMayReplace(const Policy&) { return true; }
template <class T>
bool StoreMayReplace(const T&) {
  return false;
}

}  // namespace moerge
