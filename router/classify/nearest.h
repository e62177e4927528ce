// `knn`: the stored prompts most similar to a request vote for its skill, each by its similarity;
// and if they have scores, they say how experts did on prompts like it. The opponent that systems
// with regions of expertise are compared with, and the strongest one without training.
//
// Stanfill and Waltz 1986, "Toward Memory-Based Reasoning" (votes over stored cases); probabilities
// are calibrated on prompts that are kept out of their own vote. Immutable; any thread may
// classify. Under a millisecond with 20,000 prompts.
#pragma once

#include "router/classify/catalogue.h"

namespace moerge {

ClassifierPtr TrainNearest(const ClassifierTask& task);
ClassifierPtr RestoreNearest(std::string_view bytes, const ClassifierTask& task);

}  // namespace moerge
