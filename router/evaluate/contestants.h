// Which policies stand on the leaderboard: every classifier with the default recruiter, every
// recruiter with the default classifier, votes of several experts, single options, and what is
// asked for by name. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "config/base/result.h"
#include "config/entities.h"
#include "registry/table_parser.h"
#include "router/evaluate/recorded_signals.h"

namespace moerge {

struct Contestant {
  std::string name;
  std::string kind;         // "baseline", "default", "classifier", "recruiter", "vote", "cascade",
                            // "option", "aggregate", "policy"
  Policy policy;            // of a baseline: only the name
  std::string note;         // what its figures rest on, where the name does not say it
  std::string lacks;        // what the table has too little of to judge it; empty: nothing
  std::string series = {};  // the curve that it is a point of; empty: none
  double at = 0;            // where on it
};

// What a table says that rows depend on.
struct TableTraits {
  std::vector<std::string> categories;         // ascending
  bool answers = false;                        // some row has two or more
  bool vectors = false;                        // embeddings of its questions were recorded
  double lowest_price = 0, highest_price = 0;  // mean prices of experts, USD per million tokens
};
TableTraits TraitsOf(const std::vector<TableRow>& rows, const std::vector<std::string>& experts);

// The default policy; its name on the leaderboard is "auto".
Contestant DefaultContestant();
// The default first. `counts`: sizes of votes, those over 1 are used; empty: no votes.
std::vector<Contestant> StandardContestants(const std::vector<std::size_t>& counts,
                                            const TableTraits& traits = {});

// The standard one of that name, vote-SIZE, or CLASSIFIER+RECRUITER; each with changes behind it,
// NAME=VALUE after a blank (ApplySetting). The error lists what there is.
Result<Contestant> FindContestant(const std::string& name, const std::vector<Contestant>& standard);

// What it lacks to be judged on a table, in words: signals from outside, options that it cannot do
// without, what the table does not tell. Empty: nothing.
std::string Lacks(const Contestant& contestant, const RecordedSignals& signals);

// For a policy that needs signals, if they were recorded: fills in the encoder or expert that the
// policy does not name (any will do then) and notes what its figures rest on.
void UseRecorded(const RecordedSignals& signals, Contestant* contestant);

// The names of the baselines, in the order they are shown.
const std::vector<std::string>& BaselineNames();

}  // namespace moerge
