// Entries of one kind out of the three places they come from. Thread-safe, pure.
#pragma once

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "config/base/result.h"
#include "registry/kinds.h"

namespace moerge {

// Built-in entries first, then the file's, then the store's; origins are set by where an entry came
// from. Errors: kConflict, a name in two places of which neither gives way.
template <class T>
class Merge {
 public:
  Result<std::vector<T>> Run(const std::vector<T>& declared, const std::vector<T>& stored) && {
    entries_.reserve(declared.size() + stored.size());
    for (const T& entry : declared) {
      if (entry.origin == Origin::kBuiltIn) Take(entry, Origin::kBuiltIn);
    }
    for (const T& entry : declared) {
      if (entry.origin != Origin::kBuiltIn) Take(entry, Origin::kFile);
    }
    for (const T& entry : stored) Take(entry, Origin::kStore);
    if (!clash_.empty()) return Error{ErrorCode::kConflict, clash_};
    return std::move(entries_);
  }

 private:
  void Take(const T& entry, Origin origin) {
    const auto [at, fresh] = index_.try_emplace(entry.name, entries_.size());
    if (fresh) entries_.emplace_back();
    T& place = entries_[at->second];
    if (!fresh && !GivesWay(place, origin)) {
      if (clash_.empty()) clash_ = Clash(place, origin);
      return;
    }
    place = entry;
    place.origin = origin;
  }

  static bool GivesWay(const T& present, Origin to) {
    if (present.origin != Origin::kBuiltIn) return false;
    return to == Origin::kStore || (to == Origin::kFile && FileMayReplace(present));
  }

  static std::string Clash(const T& present, Origin other) {
    const std::string what = std::string(KindName(present)) + " `" + present.name + "` ";
    if (present.origin == Origin::kBuiltIn) {
      return what + "is built in; choose another name in the configuration file";
    }
    if (other == Origin::kStore) {
      return what +
             "is both in the configuration file and in the store; rename or remove one of them";
    }
    return what + "is declared twice";
  }

  std::vector<T> entries_;
  std::unordered_map<std::string, std::size_t> index_;
  std::string clash_;
};

}  // namespace moerge
