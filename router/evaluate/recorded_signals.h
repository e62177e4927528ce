// Signals of questions, recorded beforehand (`moerge record`), so that policies that need them are
// judged without a server. Built once, then immutable: any thread may read.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

#include "config/base/result.h"
#include "router/recruit/auction.h"
#include "router/signals.h"

namespace moerge {

class RecordedSignals {
 public:
  // A line {"id", "signals"}: the question's id and an object as decisions bring it (signals_json),
  // of which `embedding` may also be an array of numbers. A bid without `z` is measured by the same
  // expert's bids in the lines before. Blank lines are left. Error: kInvalid, what is wrong.
  Status Add(std::string_view line);

  // Null: nothing was recorded of that question.
  const Signals* Find(const std::string& id) const;
  // Questions with what this classifier asks for ("embedding", "llm", "auction").
  std::size_t CountFor(std::string_view classifier) const;
  std::size_t size() const { return by_id_.size(); }

 private:
  Status Take(const std::string& id, json::Value signals);
  Status TakeVector(json::Value embedding, Signals* signals);
  void Measure(json::Value bids, Signals* signals);

  std::unordered_map<std::string, Signals> by_id_;
  std::unordered_map<std::string, BidStatistics> bidders_;  // of bids without `z`
  std::size_t dimensions_ = 0;                              // of every embedding; 0: none yet
};

// Whether these hold what the classifier asks for.
bool HasSignalFor(const Signals& signals, std::string_view classifier);

}  // namespace moerge
