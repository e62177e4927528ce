// `gaussian`: each skill a normal distribution of its own mean and of one covariance shared by all,
// where a request's coordinates are its cosines with the mean tf-idf vectors of all skills. Linear
// discriminant analysis, its covariance drawn toward its diagonal: Friedman 1989, "Regularized
// Discriminant Analysis". A stored prompt's own part is left out of its skill's mean, so that the
// densities fit prompts never seen.
//
// Learnt in one pass and one factorisation per fold; calibrated on held-out folds. Immutable; any
// thread may classify. About 20 microseconds for a prompt of 100 words and a few dozen skills.
#pragma once

#include "router/classify/catalogue.h"

namespace moerge {

ClassifierPtr TrainGaussian(const ClassifierTask& task);
ClassifierPtr RestoreGaussian(std::string_view bytes, const ClassifierTask& task);

}  // namespace moerge
