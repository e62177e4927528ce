// One policy of each aggregate of several experts, and what it makes of the cast's answers.
#pragma once

#include <string>

#include "tests/integration/aggregate_cast.h"
#include "tests/integration/harness.h"

namespace moerge::test {

struct AggregateCase {
  const char* name;     // of the aggregate and its policy
  int experts;          // its seats
  const char* options;  // members of the policy's options
  const char* content;  // what the client gets
  const char* expert;   // who gave it
  int calls;
  const char* answers;  // "expert:role" of what the decision keeps, sorted
};

inline constexpr AggregateCase kAggregateCases[] = {
    {"best_of", 3, "best_of.scorer: judge, judge.experts: j", "I say: the answer is (B).", "b", 6,
     "a:answer b:answer c:answer j:verdict j:verdict j:verdict"},
    {"synthesize", 3, "author.expert: w", "Of all: (B).", "w", 4, "a:answer b:answer c:answer"},
    {"panel", 3, "author.expert: w, judge.experts: j", "Merged: (B).", "w", 5,
     "a:answer b:answer c:answer j:verdict w:viewpoints"},
    {"debate", 2, "debate.rounds: \"1\", judge.experts: j", "I say: the answer is (B).", "b", 6,
     "a:answer a:rebuttal b:answer b:rebuttal j:verdict j:verdict"},
    {"layers", 3, "author.expert: w", "Of all: (B).", "w", 7,
     "a:answer a:layer 2 b:answer b:layer 2 c:answer c:layer 2"},
    {"race", 2, "race.hedge: \"0\"", "I say: the answer is (B).", "b", 2, "b:answer"},
    {"refine", 2, "author.expert: w, refine.drafts: \"3\"", "Of all: (B).", "w", 4,
     "a:answer a:answer b:answer"},
    {"consult", 3, "author.expert: w", "Of all: (B).", "w", 4, "a:answer b:answer c:answer"},
};

// All of them. `more`: further options of each.
inline std::string AggregatePolicies(const std::string& more = "") {
  std::string yaml = "policies:\n";
  for (const AggregateCase& each : kAggregateCases) {
    yaml += std::string("  - {name: ") + each.name + ", classifier: none, aggregate: " + each.name +
            ", experts: " + std::to_string(each.experts) + ", max_fallbacks: 0, options: {" +
            each.options + more + "}}\n";
  }
  return yaml;
}

inline std::string ModelOf(const AggregateCase& each) { return std::string("moerge/") + each.name; }

// The winner of a race: whoever was asked with it hangs.
inline void Begin(const AggregateCase& each, Cast* cast) {
  cast->Rehearse();
  if (each.name == std::string_view("race")) cast->Hangs("a", "");
}

// The decision of a reply, once it is kept.
inline HttpReply KeptDecision(const TestServer& server, const std::string& id) {
  HttpReply kept;
  EXPECT_TRUE(Eventually([&] {
    kept = server.Get("/api/v1/decisions/" + id);
    return kept.status == 200;
  })) << kept.raw;
  return kept;
}

}  // namespace moerge::test
