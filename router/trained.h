// Everything that was learnt for a set of skills, in one immutable bundle that Routers share.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "router/classify/lexical.h"
#include "router/profile/instance_model.h"
#include "router/profile/joint_errors.h"

namespace moerge {

struct Trained {
  std::string fingerprint;  // of the training set
  std::shared_ptr<const LexicalClassifier> lexical;
  std::map<std::string, ClassifierPtr> classifiers;  // the other ones in use, by ClassifierKey
  std::shared_ptr<const InstanceModel> instance;     // null without scores to learn from
  std::shared_ptr<const JointErrors> joint;          // likewise
};
using TrainedPtr = std::shared_ptr<const Trained>;

}  // namespace moerge
