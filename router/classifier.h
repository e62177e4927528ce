// Step 1: request -> demand. Implementations are immutable once trained and shared by all threads.
// Never fails: whatever the text, there is a demand, if need be an even one with confidence 0.
#pragma once

#include <memory>
#include <string_view>

#include "router/demand.h"

namespace moerge {

class Classifier {
 public:
  virtual ~Classifier() = default;
  virtual std::string_view name() const = 0;
  virtual Demand Classify(const RequestText& text) const = 0;
};

using ClassifierPtr = std::shared_ptr<const Classifier>;

}  // namespace moerge
