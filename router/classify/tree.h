// `tree`: regions of differing expertise. A decision tree over the request's traits (length,
// numbers, questions, code and formula marks, script) and its skills by `lexical` cuts requests
// into regions in which other experts do better than usual; each region keeps every expert's wins
// and trials, shrunk toward the expert's mean, and they speak for it in step 2. Where no scores are
// known, regions tell skills apart. The path that led to a region is printed as it was taken.
//
// Skills' probabilities are those of `lexical`, mixed with the region's own by a weight fitted on
// the labelled prompts.
//
// Abels et al. 2023, "Expertise Trees Resolve Knowledge Limitations in Collective Decision-Making";
// grown at once from stored scores here, by least squares as in Breiman et al. 1984,
// "Classification and Regression Trees". Immutable; any thread may classify.
#pragma once

#include "router/classify/catalogue.h"

namespace moerge {

ClassifierPtr TrainTree(const ClassifierTask& task);
ClassifierPtr RestoreTree(std::string_view bytes, const ClassifierTask& task);

}  // namespace moerge
