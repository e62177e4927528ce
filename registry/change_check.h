// Whether a change may be made: names, ranges, references, who owns what. Thread-safe, pure.
#pragma once

#include <string>

#include "config/base/result.h"
#include "registry/snapshot.h"
#include "registry/store.h"

namespace moerge {

// Against the state at `current`. `file` is the configuration file's name for texts, or empty.
// Errors: kInvalid with `param`; kNotFound for removing what is not there; kConflict for an entry
// that belongs to the file or is built in, and for a backend that is still in use.
Status CheckChange(const StoreChange& change, const Snapshot& current, const std::string& file);

}  // namespace moerge
