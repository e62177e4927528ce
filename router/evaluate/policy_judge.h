// Asks one trained router about questions under a policy and looks up what the answers were worth.
// Not thread-safe; what it refers to must outlive it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "router/evaluate/category_table.h"
#include "router/evaluate/outcome.h"
#include "router/evaluate/signal_replay.h"
#include "router/offline/table_router.h"

namespace moerge {

// CPU time of this thread in microseconds; time comes in as a parameter.
using CpuClock = double (*)();

struct ExpertPair {  // indices into Questions::experts
  std::uint32_t strong = 0;
  std::uint32_t weak = 0;
};

struct JudgeOptions {
  std::uint64_t seed = 0;
  double typo_rate = 0.02;
  CpuClock clock = nullptr;  // null: decisions are not timed
  std::optional<ExpertPair> pair;
  SignalReplay* signals = nullptr;  // null: nothing was recorded
};

class PolicyJudge {
 public:
  PolicyJudge(const Questions& questions, const TableRouter& router, const CategoryTable& table,
              const JudgeOptions& options);

  // With the decisions under typos and in capitals, unless the policy needs signals: none
  // were recorded for the changed texts.
  Outcome Judge(std::size_t row, const Policy& policy);
  // The votes alone: by the seats' weights, and with every answer counting the same.
  struct Votes {
    Outcome weighted;
    Outcome equal;
  };
  Votes JudgeVotes(std::size_t row, const Policy& policy);

  // What the last decision expects of each expert, less its price; NaN: not a candidate.
  const std::vector<float>& expected() const { return expected_; }

 private:
  // `prompt` refers to text that outlives the request.
  RouteRequest RequestOf(std::size_t row, const std::string& prompt, const Policy& policy);
  void ReadCandidates(const Decision& decision);
  std::vector<Called> CalledBy(std::size_t row, const Decision& decision, const Policy& policy);
  std::vector<Called> InCascade(std::size_t row, const Decision& decision, const CascadeRule& rule,
                                double* adequate);
  struct Played {
    Outcome outcome;
    std::vector<std::uint32_t> asked;  // ascending; of a vote all that might have been
  };
  Played Play(std::size_t row, const Decision& decision, const Policy& policy);
  Played PlayCascade(std::size_t row, const Decision& decision, const Policy& policy);
  std::vector<std::uint32_t> AskedFor(const std::string& prompt, std::size_t row,
                                      const Policy& policy);
  struct Disturbed {  // the experts asked under
    std::vector<std::uint32_t> typos;
    std::vector<std::uint32_t> capitals;
  };
  std::optional<Disturbed> Disturb(std::size_t row, const Policy& policy);
  void AddPrediction(Outcome* outcome) const;
  void AddCategory(std::size_t row, const Decision& decision, Outcome* outcome) const;

  const Questions& questions_;
  const TableRouter& router_;
  const CategoryTable& table_;
  JudgeOptions options_;
  std::unordered_map<std::uint32_t, std::uint32_t> index_;  // by ExpertId
  std::vector<float> expected_;
  std::vector<double> predicted_;     // the same, whatever the price; unknown: not a candidate
  std::vector<std::uint32_t> order_;  // candidates that may be asked, best first
};

}  // namespace moerge
