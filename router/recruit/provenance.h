// Where an expert's numbers for a skill come from, in plain words. Pure; any thread.
#pragma once

#include <string>

#include "registry/snapshot.h"

namespace moerge {

// " (import:mmlu.jsonl 120 on 2026-01-31, feedback 4.5 on 2026-02-10)": counts as measured, before
// aging; what was kept day by day is one entry with its latest date. Empty without evidence.
std::string ProvenanceInWords(const ExpertEntry& expert, SkillId skill);

}  // namespace moerge
