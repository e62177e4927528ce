// Judgements of answers become evidence: each counts once per decision and key, spread over the
// skills that the request needed. Owner: one change of the registry; store thread.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "config/base/result.h"
#include "registry/store.h"

namespace moerge {

class FeedbackLedger {
 public:
  // Texts of feedback that are kept to learn from; the oldest go.
  static constexpr std::int64_t kMaxLessons = 20'000;

  // Both must outlive the object.
  FeedbackLedger(Store& store, const StoredState& state) : store_(store), state_(state) {}

  // Counts how correct it says the answer was, in place of what the same key said of the same
  // decision before; what it does not say of the same expert stays as it was said. `observation`
  // trains classifiers and expectations; one without a prompt is left out. `counted`: gets what is
  // kept. True: something was replaced. Errors: of the store.
  Result<bool> Add(Feedback feedback, Observation observation, Feedback* counted = nullptr);
  StoreChange Take() &&;

 private:
  using Cell = std::tuple<std::string, std::string, std::string>;  // expert, source, skill
  struct Sum {
    double wins = 0;
    double trials = 0;
    WallTime updated;
  };

  Result<std::optional<Feedback>> Before(const Feedback& feedback);
  void Count(const Feedback& feedback, double sign);

  Store& store_;
  const StoredState& state_;
  std::map<Cell, Sum> cells_;
  std::map<std::pair<std::string, std::string>, Feedback> put_;  // by (decision, key)
  std::vector<Observation> observations_;
  std::vector<ObservationKey> forgotten_;
};

}  // namespace moerge
