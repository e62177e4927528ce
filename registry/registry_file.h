// The registry as one file of JSON Lines, to carry it from one moerge to another:
//
//   {"moerge":"registry","version":1,"revision":17}
//   {"backend":"gpu1","spec":{...}}    and likewise expert, skill, policy
//   {"expert":"ada","skill":"algebra","source":...}    evidence and observations: evidence_file.h
//
// Holds what came over the API or the command line: the file's entries travel with the file. Keys
// are left out. Equal registries give equal bytes. Thread-safe, pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "config/base/result.h"
#include "registry/store.h"

namespace moerge {

inline constexpr int kRegistryFileVersion = 1;

// All but evidence and observations, whose lines follow.
std::string RegistryFileHead(const StoredState& state);

struct RegistryFile {
  StoreChange change;         // puts every entry that the file holds
  std::string_view profiles;  // the lines of evidence and observations, in the text; may be empty
};

// `text` must outlive the result. Errors: kInvalid, no such file, of a newer version, "line 7:
// ...".
Result<RegistryFile> ReadRegistryFile(std::string_view text);

// Also removes what the file does not hold: afterwards the store's entries are the file's.
void RemoveOthers(const StoredState& state, StoreChange* change);

}  // namespace moerge
