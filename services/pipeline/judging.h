// Judges: experts that say which of others' answers is better. They see the request and the answers
// as data, without names. An expert judges its own answer only if there is no other judge, which
// the reply's notes say then.
//
// Owner: an aggregator's coroutine; refers to its Ensemble. Threads: its event loop.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "services/answers/quoting.h"
#include "services/pipeline/ensemble.h"

namespace moerge {

// What lines around quoted answers carry: no outsider knows it.
std::string QuoteNonce(const Round& round);

class Judging {
 public:
  explicit Judging(Ensemble& ensemble);

  // How good each answer is, 0..1, the mean over its judges; nothing where none said anything.
  Task<std::vector<std::optional<double>>> Rate(const std::vector<Member*>& members);
  // Whether `b` is better than `a`: each judge is asked twice, with positions swapped, and counts
  // only if it says the same twice. Nothing: the judges do not agree, or say nothing.
  Task<std::optional<bool>> SecondIsBetter(const Member& a, const Member& b);
  // The place of the best of several texts, shown in an order of its own to every judge; nothing:
  // no judge said one.
  Task<std::optional<std::size_t>> Best(const std::vector<std::string>& texts,
                                        const std::vector<const ExpertEntry*>& authors);

  // What one judge is asked about these answers.
  Ensemble::FollowUpCall FollowUpCallOf(const ExpertEntry* judge, std::string_view instructions,
                                        const std::vector<Quote>& answers,
                                        std::string_view role = "verdict") const;

 private:
  // The judges of answers that these wrote.
  std::vector<const ExpertEntry*> JudgesFor(const std::vector<const ExpertEntry*>& authors);

  Ensemble& ensemble_;
  const std::string nonce_;
  const int max_tokens_;
  const std::size_t count_;
};

}  // namespace moerge
