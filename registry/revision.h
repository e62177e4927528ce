// What stores and the registry say when the revision is not the one that was expected. Thread-safe,
// pure.
#pragma once

#include <cstdint>
#include <string>

#include "config/base/result.h"

namespace moerge {

// Of RegistryStore::Apply. A client sees it only if others keep winning the race.
inline Error RevisionMoved(std::uint64_t found, std::uint64_t expected) {
  return Error{.code = ErrorCode::kConflict,
               .message = "the store is at revision " + std::to_string(found) + ", not at " +
                          std::to_string(expected) +
                          ": another process changed it; look again and repeat the change"};
}

// Of the registry, when the store has less than what is in force.
inline Error RevisionWentBack(std::uint64_t found, std::uint64_t in_force) {
  return Error{.code = ErrorCode::kInternal,
               .message = "the store went back from revision " + std::to_string(in_force) + " to " +
                          std::to_string(found) +
                          ": was an older copy put in its place? Routing goes on with revision " +
                          std::to_string(in_force) +
                          " and changes are refused; restart moerge to take over what is there",
               .param = "store"};
}

}  // namespace moerge
