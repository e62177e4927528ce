// Cheap experts first, expensive ones only if the answer so far is not good enough: the order of a
// cascade and when it stops. After Chen, Zaharia and Zou 2023, "FrugalGPT" (a chain by price, an
// answer is kept when its score passes a threshold), Madaan et al. 2024, "AutoMix" (the small
// model's answer is checked before the large one is asked) and Yue et al. 2024, "Large Language
// Model Cascades with Mixture of Thoughts Representations" (agreement indicates a right answer).
// Pure; any thread. What calls experts asks Step after every reply.
//
// An answer is good enough when the probability that it is right (CalibratedVoteConfidence) reaches
// `target` times what the strongest expert of the cascade alone is expected to do on this very
// request: a hopeless request is not sent through every expert, an easy one stays cheap.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "router/decision.h"

namespace moerge {

struct CascadeExpert {
  ExpertId id;
  double expected = 0;  // probability of a right answer, 0..1
  double price = 0;     // USD per million tokens, blended; 0: free, or not known
  double size = 0;      // billions of active parameters; 0: not declared
};

struct CascadeRule {
  double target = 0.9;        // share of the strongest one's expected score, 0..2
  double logprob_weight = 0;  // what a reply's own token probabilities count, 0..5
  std::size_t most = 4;       // calls, at least 1
};
CascadeRule CascadeRuleOf(const Policy& policy);  // the options `cascade.*`

// The models that a decision names, roster and fallbacks. Tools are not among them: they answer
// before a cascade, or decline.
std::vector<CascadeExpert> CascadeExperts(const Decision& decision, const Snapshot& snapshot);

struct CascadePlan {
  std::vector<CascadeExpert> order = {};  // to be asked one after another
  double adequate = 0;                    // the confidence from which an answer is good enough
};

// By price ascending, equal prices by size; by size if no price is known and all sizes are; else in
// the order given. Experts that are neither cheaper than nor expected to beat an earlier one are
// dropped (unless neither price nor size is known), and so are those too weak to matter. Of more
// than `most` the strongest stays.
//
// `replies_tell`: whether anything about a reply says if it is right: its answer can be compared, a
// verifier judges it, its tokens' probabilities count. Else only those are asked whose expected
// score is good enough by itself, and the strongest.
CascadePlan PlanCascade(std::vector<CascadeExpert> experts, const CascadeRule& rule,
                        bool replies_tell = true);

struct CascadeBallot {
  // An answer that cannot be compared with others, as a free text: it neither agrees nor
  // contradicts.
  static constexpr std::int32_t kOpen = -2;

  enum class Check { kNone, kPassed, kFailed };

  std::int32_t answer = -1;  // equal numbers are equal answers; -1: the reply has none
  double expected = 0;       // of the expert that gave it
  std::optional<double> token_probability = {};  // mean of the reply's tokens, 0..1, if it told
  Check check = Check::kNone;                    // of a verifier that the request brings
};

struct CascadeStep {
  enum class Kind {
    kAccept,     // the answer is good enough, or a verifier passed it
    kNext,       // ask the next one
    kExhausted,  // no expert is left to ask: the best there is
  };
  Kind kind = Kind::kNext;
  std::size_t ballot = 0;  // whose reply is returned: the strongest one of those with the answer
  double confidence = 0;   // that it is right, 0..1; a verifier's check does not change it
};

// `ballots`: the replies so far, in the order of the calls; calls that failed have none. `waiting`:
// how many can still be asked. What a verifier failed is never accepted and counts for nothing;
// if all failed, the strongest expert's stands at the end. REQUIRES: a ballot, or waiting > 0.
CascadeStep Step(std::span<const CascadeBallot> ballots, std::size_t waiting, double adequate,
                 const CascadeRule& rule);

}  // namespace moerge
