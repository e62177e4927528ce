// `centroid`: the mean tf-idf vector of each skill's examples; a request belongs to the skills
// whose mean it is nearest to, by cosine. The classifier of Rocchio as in Han and Karypis 2000,
// "Centroid-Based Document Classification". Learnt in one pass; calibrated on held-out folds.
// Immutable; any thread may classify. About 10 microseconds for a prompt of 100 words.
#pragma once

#include "router/classify/catalogue.h"

namespace moerge {

ClassifierPtr TrainCentroid(const ClassifierTask& task);
ClassifierPtr RestoreCentroid(std::string_view bytes, const ClassifierTask& task);

}  // namespace moerge
