// Whom a failure speaks against: the model, its backend, or both. The clock is the tests' own.
#include "adapters/backend_health.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace moerge::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = BackendHealth::Clock;
using Trial = BackendHealth::Trial;

class BackendHealthTest : public ::testing::Test {
 protected:
  void After(milliseconds time) { now_ += time; }
  bool Fail(std::string_view model, std::uint64_t client = 1) {
    return Report(model, {.client = client, .reason = "status 500", .sent = now_});
  }
  bool Succeed(std::string_view model) {
    return Report(model, {.success = true, .client = 1, .sent = now_});
  }
  bool Report(std::string_view model, const BackendHealth::Outcome& outcome) {
    return health_.Report({model, among_others_}, outcome, now_);
  }
  // Fails until something opens.
  void Break(std::string_view model) {
    for (int i = 0; i < 100; ++i) {
      if (Fail(model)) return;
    }
    FAIL() << "nothing opened";
  }
  bool Avoided(std::string_view model) const { return !health_.Healthy(model, now_); }
  // A call that is let through, as the trial that it is.
  Trial Pass(std::string_view model) {
    const BackendHealth::Admission admission = health_.Admit(model, now_);
    EXPECT_FALSE(admission.avoid) << model;
    health_.EndTrial(admission.trial, model);
    return admission.trial;
  }

  BackendHealth health_;
  bool among_others_ = true;
  Clock::time_point now_{seconds(1'000)};
};

TEST_F(BackendHealthTest, AModelThatAlwaysFailsIsAvoidedAndItsNeighbourIsNot) {
  for (int i = 1; i < Breaker::kLeastOutcomes; ++i) EXPECT_FALSE(Fail("broken")) << i;
  EXPECT_FALSE(health_.open("broken"));
  EXPECT_TRUE(Fail("broken"));
  EXPECT_TRUE(health_.open("broken"));
  EXPECT_EQ(health_.BreakerOver("broken").reason(), "status 500");
  EXPECT_EQ(health_.BreakerOver("broken").since(), now_);
  EXPECT_TRUE(health_.Admit("broken", now_).avoid);
  EXPECT_FALSE(health_.Healthy(now_)) << "not all of its models can be called";
  for (int minute = 0; minute < 60; ++minute) {
    for (int i = 0; i < 20; ++i) {
      Fail("broken");
      ASSERT_FALSE(health_.backend().open()) << minute;
      ASSERT_EQ(Pass("sound"), Trial::kNone) << minute;
      if (i % 3 == 0) Succeed("sound");
      After(seconds(3));
    }
  }
}

TEST_F(BackendHealthTest, NeitherDoesANeighbourThatNobodyAsks) {
  for (int i = 0; i < 1'000; ++i) {
    Fail("broken", i % 7);
    After(milliseconds(100));
  }
  EXPECT_TRUE(health_.open("broken"));
  EXPECT_FALSE(health_.backend().open());
  EXPECT_EQ(Pass("sound"), Trial::kNone);
}

TEST_F(BackendHealthTest, FailuresOfANeighbourNowAndThenAreItsOwn) {
  for (int i = 0; i < 2'000; ++i) {
    if (i % 2 == 0) Fail("broken");
    if (i % 5 == 0) {
      Fail("sound");
    } else {
      Succeed("sound");
    }
    After(milliseconds(50));
    ASSERT_FALSE(health_.open("sound")) << i;
  }
  EXPECT_TRUE(health_.open("broken"));
}

TEST_F(BackendHealthTest, ABackendThatIsGoneIsAvoidedOnceTwoOfItsModelsHaveFailed) {
  const std::vector<std::string> models{"a", "b", "c", "d"};
  int failures = 0;
  while (!health_.backend().open() && failures < 100) {
    Fail(models[static_cast<std::size_t>(failures++) % models.size()]);
    After(milliseconds(200));
  }
  EXPECT_EQ(failures, Breaker::kLeastOutcomes + 1) << "the first speaks against its model alone";
  EXPECT_TRUE(Avoided("never asked"));
}

TEST_F(BackendHealthTest, AfterOneModelIsAvoidedTheNextThatFailsTakesTheBackendWithIt) {
  Break("a");
  for (int i = 0; i < Breaker::kLeastOutcomes; ++i) {
    EXPECT_FALSE(health_.backend().open()) << i;
    Fail("b");
  }
  EXPECT_TRUE(health_.backend().open());
}

// What failed long ago is no witness.
TEST_F(BackendHealthTest, AnOldFailureOfAnotherModelDoesNotCount) {
  Break("a");
  After(Breaker::kMemory + milliseconds(1));
  Break("b");
  EXPECT_TRUE(health_.open("b"));
  EXPECT_FALSE(health_.backend().open());
}

TEST_F(BackendHealthTest, AModelAloneIsItsBackend) {
  among_others_ = false;
  for (int i = 1; i < Breaker::kLeastOutcomes; ++i) EXPECT_FALSE(Fail("only")) << i;
  EXPECT_TRUE(Fail("only"));
  EXPECT_TRUE(health_.backend().open());
  EXPECT_TRUE(health_.models().empty()) << "nothing is said twice";
}

// A change of the configuration took the others away.
TEST_F(BackendHealthTest, AModelThatHasBecomeTheOnlyOneIsItsBackend) {
  Break("a");
  among_others_ = false;
  EXPECT_FALSE(Fail("a"));
  EXPECT_FALSE(health_.open("a")) << "it begins again";
  Break("a");
  EXPECT_TRUE(health_.backend().open());
}

TEST_F(BackendHealthTest, AModelIsTriedAfterAPauseAndReturnsAfterThreeAnswers) {
  Break("a");
  After(Breaker::kFirstPause);
  BackendHealth::Admission trial = health_.Admit("a", now_);
  EXPECT_EQ(trial.trial, Trial::kModels);
  EXPECT_TRUE(health_.Admit("a", now_).avoid) << "one at a time";
  EXPECT_EQ(Pass("b"), Trial::kNone);
  Fail("a");
  health_.EndTrial(trial.trial, "a");
  After(Breaker::kFirstPause);
  EXPECT_TRUE(health_.Admit("a", now_).avoid) << "the pause has doubled";
  After(Breaker::kFirstPause);
  for (int i = 0; i < Breaker::kTrialsToClose; ++i) {
    EXPECT_TRUE(health_.open("a")) << i;
    EXPECT_EQ(Pass("a"), Trial::kModels) << i;
    Succeed("a");
  }
  EXPECT_FALSE(health_.open("a"));
  EXPECT_EQ(Pass("a"), Trial::kNone);
}

// B is well again, A is not.
TEST_F(BackendHealthTest, ABackendReturnsThoughOneOfItsModelsStaysBroken) {
  Break("a");
  for (int i = 0; i < Breaker::kLeastOutcomes; ++i) Fail("b");
  ASSERT_TRUE(health_.backend().open());
  int round = 0;
  for (; health_.backend().open() && round < 50; ++round) {
    After(Breaker::kLongestPause);
    if (!Avoided("b")) {
      EXPECT_EQ(Pass("b"), Trial::kModels);
      Succeed("b");
    }
    Fail("a");
  }
  EXPECT_EQ(round, Breaker::kTrialsToClose);
  EXPECT_TRUE(health_.open("a"));
  EXPECT_EQ(Pass("b"), Trial::kNone);
}

// The one that stays broken is asked far more often.
TEST_F(BackendHealthTest, AModelThatStaysBrokenDoesNotTakeTheTurnsOfTheOthers) {
  Break("a");
  for (int i = 0; i < Breaker::kLeastOutcomes; ++i) Fail("b");
  ASSERT_TRUE(health_.backend().open());
  const Clock::time_point begin = now_;
  int tried = 0;
  for (int i = 0; health_.backend().open() && i < 2'000; ++i) {
    After(milliseconds(20));
    const std::string_view model = i % 20 == 0 ? "b" : "a";
    if (Avoided(model)) continue;
    Pass(model);
    if (model == "b") Succeed("b");
    if (model == "a") ++tried, Fail("a");
  }
  EXPECT_FALSE(health_.backend().open());
  EXPECT_LE(now_ - begin, seconds(3));
  EXPECT_LE(tried, 4) << "its own pauses hold";
}

// Its neighbours are not asked any more.
TEST_F(BackendHealthTest, ABackendThatStaysGoneIsTriedAtItsPace) {
  Break("a");
  for (int i = 0; i < Breaker::kLeastOutcomes; ++i) Fail("b");
  ASSERT_TRUE(health_.backend().open());
  int tried = 0;
  for (int i = 0; i < 3'000; ++i) {
    After(milliseconds(20));
    if (Avoided("c")) continue;
    EXPECT_NE(Pass("c"), Trial::kNone);
    ++tried;
    Fail("c");
  }
  EXPECT_TRUE(health_.backend().open());
  EXPECT_LE(tried, 34) << "one every two seconds of a minute, and the first";
  EXPECT_GE(tried, 25);
}

TEST_F(BackendHealthTest, NothingIsRememberedOnceAllIsWell) {
  EXPECT_TRUE(health_.quiet());
  Fail("a");
  EXPECT_FALSE(health_.quiet());
  for (int i = 0; i < 16; ++i) Succeed("a");
  EXPECT_TRUE(health_.quiet());
  Break("a");
  for (int i = 0; i < Breaker::kTrialsToClose; ++i) Succeed("a");
  for (int i = 0; i < Breaker::kLeastOutcomes; ++i) {
    EXPECT_FALSE(health_.Report({"a", true}, {.sent = now_ - seconds(1)}, now_)) << i;
  }
  EXPECT_FALSE(health_.open("a")) << "that it was sent before is remembered for a while";
  After(Breaker::kMemory + milliseconds(1));
  Succeed("a");
  EXPECT_TRUE(health_.quiet());
}

TEST_F(BackendHealthTest, OnlyTheModelsOwnSuccessesSpeakForIt) {
  EXPECT_FALSE(Report("a", {.reason = "x", .unreported = 0, .unreported_of_all = 8}));
  for (int i = 2; i < Breaker::kLeastOutcomes; ++i) EXPECT_FALSE(Fail("a"));
  EXPECT_TRUE(Fail("a"));
  Report("b", {.reason = "x", .unreported = 8});
  for (int i = 1; i < Breaker::kLeastOutcomes; ++i) EXPECT_FALSE(Fail("b"));
  EXPECT_FALSE(health_.open("b"));
}

TEST_F(BackendHealthTest, SilencesOfOneModelSpeakAgainstIt) {
  const auto silent = [&](std::string_view model) {
    return health_.ReportSilence({model, true}, now_);
  };
  for (int i = 1; i < BackendHealth::kSilencesToOpen; ++i) {
    EXPECT_FALSE(silent("a")) << i;
    Succeed("b");
  }
  EXPECT_TRUE(silent("a")) << "what another model answers is no answer of this one";
  EXPECT_TRUE(health_.open("a"));
  EXPECT_FALSE(health_.backend().open());
  EXPECT_NE(health_.BreakerOver("a").reason().find("without a byte"), std::string::npos);
}

TEST_F(BackendHealthTest, SilencesOfSeveralModelsSpeakAgainstTheBackend) {
  for (const std::string_view model : {"a", "b", "c", "a"}) {
    EXPECT_FALSE(health_.ReportSilence({model, true}, now_));
  }
  EXPECT_TRUE(health_.ReportSilence({"b", true}, now_));
  EXPECT_TRUE(health_.backend().open());
}

TEST_F(BackendHealthTest, AModelThatHangsIsSuspectedAlone) {
  EXPECT_TRUE(health_.Suspect({"a", true}, "silent", now_));
  EXPECT_FALSE(health_.Suspect({"a", true}, "silent", now_));
  EXPECT_TRUE(health_.open("a"));
  EXPECT_FALSE(health_.backend().open());
  EXPECT_TRUE(health_.Suspect({"b", true}, "silent", now_));
  EXPECT_TRUE(health_.backend().open()) << "two of them do";
}

}  // namespace
}  // namespace moerge::test
