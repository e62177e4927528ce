#include "services/pipeline/no_expert.h"

#include <gtest/gtest.h>

namespace moerge {
namespace {

struct Case {
  Decision decision;
  ErrorCode code;
  std::string reason;
  std::string param;
};

Decision Abstaining(Abstention::What what) {
  Decision decision;
  decision.reasons = {"whatever words the router finds"};
  decision.abstention = {what, "because of this"};
  return decision;
}

Decision Blocked(Exclusion what) {
  Decision decision;
  decision.reasons = {"abstained, as an expert named itself"};
  decision.blocker = {what, "because of this"};
  return decision;
}

// The words of reasons are for people: none of them decides what the client is told.
TEST(NoExpertError, IsChosenByTheDecisionsCodes) {
  Decision nothing;
  nothing.reasons = {"abstained: only in words"};
  using What = Abstention::What;
  const std::vector<Case> cases = {
      {Abstaining(What::kUnlikely), ErrorCode::kNoExpert, "abstained", "model"},
      {Abstaining(What::kMappedToNobody), ErrorCode::kNoExpert, "abstained", "model"},
      {Abstaining(What::kNoMapping), ErrorCode::kNoExpert, "abstained", "model"},
      {Blocked(Exclusion::kLatencyLimit), ErrorCode::kNoExpert, "latency_limit",
       "moerge.max_latency_ms"},
      {Blocked(Exclusion::kCostLimit), ErrorCode::kNoExpert, "cost_limit", "moerge.max_cost_usd"},
  };
  for (const Case& item : cases) {
    const Error error = NoExpertError(item.decision);
    EXPECT_EQ(error.code, item.code) << item.reason;
    EXPECT_EQ(error.reason, item.reason);
    EXPECT_EQ(error.param, item.param);
    EXPECT_NE(error.message.find("because of this"), std::string::npos) << error.message;
  }
  EXPECT_EQ(NoExpertError(nothing).reason, "no_expert");
}

}  // namespace
}  // namespace moerge
