#include "services/pipeline/trial_arm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>

namespace moerge {
namespace {

class Arms : public ::testing::Test {
 protected:
  void Begin(double share, int since = 0) {
    snapshot_ = {};
    for (const char* name : {"auto", "other"}) {
      snapshot_.policies.emplace_back();
      snapshot_.policies.back().name = name;
    }
    Policy& candidate = snapshot_.policies.emplace_back();
    candidate.name = CandidateName("auto");
    candidate.trial = PolicyTrial{"auto", share, WallTime(std::chrono::seconds(since))};
    snapshot_.Seal();
  }
  bool OnTrial(const ChatRequest& request, const char* policy = "auto") const {
    return ArmOf(snapshot_, *snapshot_.FindPolicy(policy), request).trial.has_value();
  }
  static ChatRequest Turn(const std::string& session, std::string_view user,
                          std::string_view first = {}) {
    ChatRequest request;
    const auto origin = std::make_shared<RequestOrigin>();
    origin->client = "app";
    origin->session = session;
    request.origin = origin;
    request.route.text.user = user;
    request.route.text.first = first;
    return request;
  }
  // Sessions 0 to 1,999 on trial.
  std::set<int> Chosen() const {
    std::set<int> chosen;
    for (int i = 0; i < 2'000; ++i) {
      if (OnTrial(Turn(std::to_string(i), "hello"))) chosen.insert(i);
    }
    return chosen;
  }

  Snapshot snapshot_;
};

TEST_F(Arms, TheShareIsAboutWhatWasAskedFor) {
  Begin(0.1);
  EXPECT_NEAR(static_cast<double>(Chosen().size()), 200, 45);
  Begin(0);
  EXPECT_TRUE(Chosen().empty());
  Begin(1);
  EXPECT_EQ(Chosen().size(), 2'000u);
}

TEST_F(Arms, AConversationKeepsItsVersion) {
  Begin(0.5);
  for (int i = 0; i < 50; ++i) {
    const std::string session = std::to_string(i);
    const bool by_session = OnTrial(Turn(session, "one"));
    EXPECT_EQ(OnTrial(Turn(session, "two", "one")), by_session);
    const std::string first = "question " + session;
    const bool by_turn = OnTrial(Turn("", first));
    EXPECT_EQ(OnTrial(Turn("", "and then?", first)), by_turn);
  }
}

TEST_F(Arms, AGrowingShareTakesNobodyBack) {
  Begin(0.1);
  const std::set<int> few = Chosen();
  Begin(0.3);
  const std::set<int> more = Chosen();
  EXPECT_TRUE(std::ranges::includes(more, few));
  EXPECT_GT(more.size(), few.size());
}

TEST_F(Arms, AnotherTrialDrawsOthers) {
  Begin(0.1, 1);
  const std::set<int> one = Chosen();
  Begin(0.1, 2);
  EXPECT_NE(Chosen(), one);
}

TEST_F(Arms, OtherPoliciesAndEmptyRequests) {
  Begin(1);
  EXPECT_FALSE(OnTrial(Turn("1", "hello"), "other"));
  Begin(0.5);
  int on_trial = 0;
  for (std::uint64_t i = 0; i < 64; ++i) {
    ChatRequest request = Turn("", "");
    request.route.seed = i << 58;
    on_trial += OnTrial(request);
  }
  EXPECT_EQ(on_trial, 32);
}

}  // namespace
}  // namespace moerge
