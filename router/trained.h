// Everything that was learnt for a set of skills, in one immutable bundle that Routers share.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "router/classify/text_classifier.h"
#include "router/profile/instance_model.h"

namespace moerge {

using TextClassifierPtr = std::shared_ptr<const TextClassifier>;

struct Trained {
  std::string fingerprint;                                            // of the training set
  std::map<std::string, TextClassifierPtr, std::less<>> classifiers;  // by policy value
  std::shared_ptr<const InstanceModel> instance;  // null without scores to learn from
};
using TrainedPtr = std::shared_ptr<const Trained>;

}  // namespace moerge
