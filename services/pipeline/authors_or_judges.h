// Which experts may write one answer of several, or judge others' answers.
//
// Owner: an aggregator's coroutine. Threads: its event loop.
#pragma once

#include <string>
#include <vector>

#include "services/pipeline/ensemble.h"

namespace moerge {

// An option of a policy that names experts, separated by commas.
using ExpertsOption = std::string PolicyValues::*;

// Those that the policy's option names, then all candidates, highest expected first. Where some
// were measured as authors (`author.expert`) or judges (`judge.experts`) for what the request
// needs, these come before the others, the best first (services/roles/election.h), and judges below
// `judge.agreement` are missing; the notes say which author was elected, and which may not judge.
std::vector<const ExpertEntry*> AuthorsOrJudges(const Ensemble& ensemble, ExpertsOption option);

// Notes that `expert` was elected from the line of this option, if it was.
void NoteElected(const Ensemble& ensemble, ExpertsOption option, const ExpertEntry& expert);

}  // namespace moerge
