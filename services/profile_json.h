// An expert's profile as JSON, for the API and the command line. Thread-safe, pure.
#pragma once

#include "config/base/json.h"
#include "registry/snapshot.h"

namespace moerge {

// {"expert", "provisional", "measured": [{"skill", "wins", "trials", "mean", "sources": [{"source",
// "wins", "trials", "updated"}]}], "roles": [{"role", "category", and as skills have it}],
// "declared": {skill: strength}, "declared_by", "wins", "trials"}; the last two are of skills
// alone. Wins and trials are as they count now; those of sources as they were measured. They differ
// where evidence ages. Days of one source are one entry, with the latest date; null: not known.
void WriteProfile(const Snapshot& snapshot, const ExpertEntry& expert, json::Writer& writer);

}  // namespace moerge
