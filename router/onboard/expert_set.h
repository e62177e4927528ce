// Picks a set of experts for a task of which only K labelled samples are known, from what experts
// did on them. Pure; any thread; equal input gives an equal set.
//
// After "Leveraging Open Knowledge for Advancing Task Expertise in Large Language Models" (Yang et
// al. 2024): experts that truly solve the K samples, not blind guessers, in a set that stays
// diverse. Here abidance is the share of samples solved, shrunk toward what is known of the expert
// from elsewhere (K samples alone order experts hardly better than chance); diversity is bought by
// a small charge for wrong answers shared with those already in the set; an expert that gives one
// answer whatever is asked is rejected, however often that answer happens to be right.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

namespace moerge {

// One expert on the K samples. NaN and empty answers: not known.
struct KShotRecord {
  std::string expert;
  std::vector<double> scores;        // by sample, 0..1
  std::vector<std::string> answers;  // by sample; empty vector: none are known
  double prior = std::numeric_limits<double>::quiet_NaN();  // expected score from elsewhere, 0..1
};

struct KShotOptions {
  std::size_t size = 3;         // experts wanted, 1..64
  double prior_trials = 20;     // what the prior counts as; plateau 20..40
  double overlap_charge = 0.1;  // per share of samples that two get wrong alike
};

struct ChosenExpert {
  std::size_t record = 0;  // index into the records
  double abidance = 0;     // shrunk share of samples solved
  double solved = 0;       // sum of scores
  std::size_t trials = 0;
  double overlap = 0;  // share of samples got wrong alike, summed over those chosen before
  std::string reason;
};

struct RejectedExpert {
  std::size_t record = 0;
  std::string reason;
};

struct ExpertSet {
  std::vector<ChosenExpert> chosen;      // in order
  std::vector<RejectedExpert> rejected;  // by order of the records
};

// `references`: by sample, the right answer; empty: not known.
// REQUIRES: every `scores` is as long as `references`, every `answers` too or empty.
ExpertSet ChooseExperts(const std::vector<KShotRecord>& records,
                        const std::vector<std::string>& references, const KShotOptions& options);

}  // namespace moerge
