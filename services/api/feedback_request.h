// What a client says about an answer, and what that counts for. Thread-safe, pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/result.h"
#include "registry/decision_log.h"
#include "registry/store.h"
#include "router/router.h"

namespace moerge::api {

struct FeedbackRequest {
  std::string decision;               // id; or
  std::string request_id;             // of one of the newest kNewest decisions
  std::optional<double> score;        // how correct the answer was, 0..1
  std::optional<double> helpfulness;  // 0..1; at least one of the two
  std::string expert;                 // empty: the one that answered
  std::string skill;                  // empty: what the decision's demand says
  std::string key;                    // name of the caller's key

  static constexpr int kNewest = 1000;
};

// Errors: kInvalid with `param`.
Result<FeedbackRequest> ParseFeedback(std::string_view body);

// The kept decision that it speaks of. Error: kNotFound; of the store.
Result<DecisionRecord> FindDecision(Store& store, const FeedbackRequest& request);

struct Judgement {
  Feedback feedback;
  // Without a prompt if the decision was kept without its text, or nothing was said of correctness.
  Observation observation;
};

// `record` as AppendDecision wrote it; `router` is asked what the text needs where the decision
// does not say (requests that named their expert). Errors: kInvalid with `param`: an expert that
// was not asked, a skill that does not exist, an unknown demand (where it says how correct the
// answer was); kConflict: no expert answered; kInternal: damaged.
Result<Judgement> Judge(const FeedbackRequest& request, const DecisionRecord& record,
                        const Router& router, WallTime now);

}  // namespace moerge::api
