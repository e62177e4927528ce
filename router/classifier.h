// Step 1: request -> demand. Implementations are immutable once trained and shared by all threads.
// Never fails: whatever the text, there is a demand, if need be a uniform one with confidence 0.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "router/demand.h"
#include "router/features/reading.h"

namespace moerge {

class Classifier {
 public:
  virtual ~Classifier() = default;
  virtual std::string_view name() const = 0;
  virtual Demand Classify(const Reading& reading) const = 0;
  // What it has learnt, for the cache; its kind's `restore` takes it back. Empty: it is trained
  // at every start.
  virtual std::string Bytes() const { return {}; }
};

using ClassifierPtr = std::shared_ptr<const Classifier>;

}  // namespace moerge
