// A device with room for one model that says which models were asked, and in which turns.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "tests/integration/harness.h"
#include "tests/integration/scripted_model.h"

namespace moerge::test {

// A policy that asks three experts, and for how many turns of models all its requests take.
struct GroupedCase {
  const char* policy;
  int calls;  // a request takes
  std::size_t most_turns;
};
// Whoever writes may be one of those that were asked before, and is loaded again then.
inline constexpr GroupedCase kGroupedCases[] = {{"moerge/polled", 3, 3}, {"moerge/written", 4, 4}};

class TurnTakingModel {
 public:
  std::string Config(const std::vector<std::string>& models) const {
    std::string yaml = "backends:\n  - {name: gpu, base_url: \"" + model_.Url() +
                       "\", max_concurrency: 4, residency: {kind: llama_swap}}\nexperts:\n";
    for (const std::string& model : models) {
      yaml +=
          "  - {name: " + model + ", backend: gpu, model: " + model + ", skills: {general: 0.5}}\n";
    }
    return yaml +
           "policies:\n"
           "  - {name: polled, experts: 3, aggregate: vote, options: {vote.numbers: median}}\n"
           "  - {name: written, experts: 3, aggregate: synthesize}\n" +
           kSmallSkills;
  }

  void Forget() const {
    const std::lock_guard lock(mutex_);
    asked_.clear();
  }

  // Every call of `requests` was made, all of one model before the next one's.
  void ExpectTurns(const GroupedCase& of, int requests) const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> turns;
    std::map<std::string, int> counts;
    for (const std::string& model : asked_) {
      if (turns.empty() || turns.back() != model) turns.push_back(model);
      ++counts[model];
    }
    EXPECT_EQ(asked_.size(), static_cast<std::size_t>(of.calls * requests)) << of.policy;
    EXPECT_EQ(counts.size(), 3u) << of.policy;
    EXPECT_LE(turns.size(), of.most_turns) << of.policy << ": " << ::testing::PrintToString(turns);
    const std::set<std::string> first(
        turns.begin(),
        turns.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(3, turns.size())));
    EXPECT_EQ(first.size(), 3u) << of.policy << ": " << ::testing::PrintToString(turns);
  }

 private:
  mutable std::mutex mutex_;
  mutable std::vector<std::string> asked_;  // models, in the order of their calls
  ScriptedModel model_{[this](const std::string& request) {
    const std::lock_guard lock(mutex_);
    asked_.push_back(JsonAt(BodyIn(request), "model"));
    return std::optional(Completion("The answer is 42"));
  }};
};

}  // namespace moerge::test
