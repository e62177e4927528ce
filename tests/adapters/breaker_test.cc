#include "adapters/breaker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "adapters/retry_budget.h"

namespace moerge::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = Breaker::Clock;

class BreakerTest : public ::testing::Test {
 protected:
  void After(milliseconds time) { now_ += time; }
  bool Fail(std::uint64_t client = 1) { return breaker_.Report(false, client, "500", now_, now_); }
  void Succeed(std::uint64_t client = 1) { breaker_.Report(true, client, {}, now_, now_); }
  void Open() {
    while (!breaker_.open()) Fail();
  }
  Breaker::Answer Admit() { return breaker_.Admit(now_); }

  Breaker breaker_;
  Clock::time_point now_{seconds(1'000)};
};

TEST_F(BreakerTest, OpensAtTheFifthFailureOfRequests) {
  for (int i = 1; i < Breaker::kLeastOutcomes; ++i) EXPECT_FALSE(Fail()) << i;
  EXPECT_TRUE(Fail());
  EXPECT_TRUE(breaker_.open());
  EXPECT_EQ(breaker_.reason(), "500");
  EXPECT_EQ(breaker_.since(), now_);
  EXPECT_EQ(Admit(), Breaker::Answer::kAvoid);
}

TEST_F(BreakerTest, StaysClosedWhileMostRequestsAreAnswered) {
  for (int i = 0; i < 100; ++i) {
    Succeed();
    Fail();
    Succeed();
    ASSERT_FALSE(breaker_.open()) << i;
  }
}

TEST_F(BreakerTest, OldFailuresAreForgotten) {
  for (int i = 1; i < Breaker::kLeastOutcomes; ++i) Fail();
  After(Breaker::kMemory + milliseconds(1));
  EXPECT_FALSE(Fail());
}

TEST_F(BreakerTest, SuccessesBeforeTheFirstFailureCount) {
  breaker_.Credit(1'000);
  int failures = 0;
  while (!breaker_.open()) {
    Fail();
    ++failures;
  }
  EXPECT_GT(failures, Breaker::kLeastOutcomes);
  EXPECT_LE(failures, 12);
}

TEST_F(BreakerTest, OneClientDoesNotSpeakForTheOthers) {
  breaker_.Credit(6);
  for (int second = 0; second < 60; ++second) {
    for (int i = 0; i < 6; ++i) Fail(1);
    Succeed(2);
    Succeed(3);
    ASSERT_FALSE(breaker_.open()) << second;
    After(seconds(1));
  }
}

TEST_F(BreakerTest, ManyClientsThatFailOpenItWhoeverTheyAre) {
  for (std::uint64_t client = 0; client < 100 && !breaker_.open(); ++client) Fail(client);
  EXPECT_TRUE(breaker_.open());
}

TEST_F(BreakerTest, OneTrialAfterThePauseThenTwiceAsManyWithEachSuccess) {
  Open();
  EXPECT_FALSE(breaker_.Healthy(now_));
  After(Breaker::kFirstPause);
  EXPECT_TRUE(breaker_.Healthy(now_));
  EXPECT_EQ(Admit(), Breaker::Answer::kTrial);
  EXPECT_EQ(Admit(), Breaker::Answer::kAvoid);
  Succeed();
  breaker_.EndTrial();
  EXPECT_EQ(Admit(), Breaker::Answer::kTrial);
  EXPECT_EQ(Admit(), Breaker::Answer::kTrial);
  EXPECT_EQ(Admit(), Breaker::Answer::kAvoid);
  Succeed();
  Succeed();
  EXPECT_FALSE(breaker_.open());
  EXPECT_EQ(Admit(), Breaker::Answer::kPass);
}

TEST_F(BreakerTest, AFailedTrialStartsOverAfterALongerPause) {
  Open();
  milliseconds pause = Breaker::kFirstPause;
  for (int i = 0; i < 8; ++i) {
    After(pause - milliseconds(1));
    EXPECT_EQ(Admit(), Breaker::Answer::kAvoid) << i;
    After(milliseconds(1));
    ASSERT_EQ(Admit(), Breaker::Answer::kTrial) << i;
    Fail();
    breaker_.EndTrial();
    pause = std::min(pause * 2, Breaker::kLongestPause);
  }
  EXPECT_EQ(pause, Breaker::kLongestPause);
}

TEST_F(BreakerTest, FailuresOfCallsThatBeganBeforeSayNothingNew) {
  Open();
  for (int i = 0; i < 50; ++i) Fail();
  After(Breaker::kFirstPause);
  EXPECT_EQ(Admit(), Breaker::Answer::kTrial);
}

TEST_F(BreakerTest, ATrialThatWasNotReportedMakesRoomForAnother) {
  Open();
  After(Breaker::kFirstPause);
  ASSERT_EQ(Admit(), Breaker::Answer::kTrial);
  breaker_.EndTrial();
  EXPECT_EQ(Admit(), Breaker::Answer::kTrial);
}

TEST_F(BreakerTest, SuspicionOpensAtOnce) {
  EXPECT_TRUE(breaker_.Suspect("silent", now_));
  EXPECT_FALSE(breaker_.Suspect("silent", now_));
  EXPECT_EQ(breaker_.reason(), "silent");
  EXPECT_EQ(Admit(), Breaker::Answer::kAvoid);
}

TEST(RetryBudget, EndsWhereNothingIsAnsweredAndLastsWhereSomeAre) {
  RetryBudget budget;
  int extra = 0;
  while (budget.Take()) ++extra;
  EXPECT_EQ(extra, RetryBudget::kMost);
  budget.Answered();
  for (int i = 0; i < RetryBudget::kPerAnswer; ++i) EXPECT_TRUE(budget.Take());
  EXPECT_FALSE(budget.Take());
  for (int i = 0; i < 1'000; ++i) budget.Answered();
  EXPECT_EQ(budget.left(), RetryBudget::kMost);
}

TEST_F(BreakerTest, AHangingTrialDoesNotKeepTheNextFromBeingMade) {
  Open();
  After(Breaker::kFirstPause);
  ASSERT_EQ(Admit(), Breaker::Answer::kTrial);
  EXPECT_EQ(Admit(), Breaker::Answer::kAvoid);
  After(Breaker::kLongestPause);
  EXPECT_EQ(Admit(), Breaker::Answer::kTrial);
  EXPECT_EQ(Admit(), Breaker::Answer::kAvoid);
}

TEST_F(BreakerTest, AFailureFromBeforeASuccessSaysNothingNew) {
  Open();
  const Clock::time_point before = now_;
  After(Breaker::kFirstPause);
  ASSERT_EQ(Admit(), Breaker::Answer::kTrial);
  Succeed();
  After(milliseconds(100));
  breaker_.Report(false, 1, "timeout", now_, before);
  EXPECT_TRUE(breaker_.Healthy(now_));
}

// One backend of several that is down for a while and well again. What it is asked, and what
// becomes of it, on a clock of its own.
struct Outage {
  const char* name;
  milliseconds failing;   // how long a call takes to fail
  milliseconds interval;  // between two requests
};

class BreakerOutage : public ::testing::TestWithParam<Outage> {
 protected:
  static constexpr seconds kLength{70};
  static constexpr milliseconds kAnswering{300};

  // How long after the outage the first request is answered, and all later ones are.
  milliseconds Return() {
    const Clock::time_point well = now_ + kLength;
    Clock::time_point used = well + seconds(1'000);
    for (const Clock::time_point end = well + seconds(60); now_ < end;
         now_ += GetParam().interval) {
      EndCalls();
      const Breaker::Answer answer = breaker_.Admit(now_);
      if (answer == Breaker::Answer::kAvoid) {
        used = well + seconds(1'000);
        continue;
      }
      const bool answered = now_ >= well;
      const Clock::time_point ended = now_ + (answered ? kAnswering : GetParam().failing);
      calls_.insert({ended, {now_, answered, answer == Breaker::Answer::kTrial}});
      if (answered) used = std::min(used, ended);
    }
    return std::chrono::duration_cast<milliseconds>(used - well);
  }

 private:
  struct Call {
    Clock::time_point sent;
    bool answered;
    bool trial;
  };

  void EndCalls() {
    while (!calls_.empty() && calls_.begin()->first <= now_) {
      const auto [ended, call] = *calls_.begin();
      calls_.erase(calls_.begin());
      breaker_.Report(call.answered, 1, "down", ended, call.sent);
      if (call.trial) breaker_.EndTrial();
    }
  }

  Breaker breaker_;
  Clock::time_point now_{seconds(1'000)};
  std::multimap<Clock::time_point, Call> calls_;  // by when they end
};

INSTANTIATE_TEST_SUITE_P(
    Cases, BreakerOutage,
    ::testing::Values(Outage{"refused_rare", milliseconds(1), milliseconds(1'000)},
                      Outage{"refused", milliseconds(1), milliseconds(100)},
                      Outage{"refused_often", milliseconds(1), milliseconds(5)},
                      Outage{"slow_to_connect", milliseconds(3'000), milliseconds(100)},
                      Outage{"slow_to_connect_rare", milliseconds(3'000), milliseconds(700)},
                      Outage{"black_hole_of_10_s", milliseconds(10'000), milliseconds(100)},
                      Outage{"black_hole", milliseconds(60'000), milliseconds(50)},
                      Outage{"black_hole_rare", milliseconds(60'000), milliseconds(1'000)}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_P(BreakerOutage, ItIsUsedAgainWithinFiveSeconds) { EXPECT_LE(Return(), milliseconds(5'000)); }

// Requests to backends of which each call fails with a given probability. With breakers those that
// are closed are asked first, the rest as a last resort; each is tried up to three times.
class Backends {
 public:
  Backends(std::size_t count, double failing, bool breakers)
      : breakers_(breakers ? count : 0), count_(count), failing_(failing) {}

  // Whether the request is answered.
  bool Ask(std::uint64_t client) {
    now_ += milliseconds(20);
    std::vector<std::size_t> line;
    for (const bool last_resort : {false, true}) {
      for (std::size_t backend = 0; backend < count_; ++backend) {
        if (Avoided(backend) == last_resort) line.push_back(backend);
      }
    }
    for (std::size_t place = 0; place < line.size(); ++place) {
      if (place > 0 && !budget_.Take()) return false;
      if (Try(line[place], client)) return true;
    }
    return false;
  }

  double calls_per_request() const { return static_cast<double>(calls_) / requests_; }
  double Failing(int requests) {
    int failed = 0;
    for (requests_ = 0; requests_ < requests; ++requests_) failed += Ask(requests_ % 5) ? 0 : 1;
    return static_cast<double>(failed) / requests;
  }

 private:
  bool Avoided(std::size_t backend) {
    return !breakers_.empty() && !breakers_[backend].Healthy(now_);
  }

  bool Try(std::size_t backend, std::uint64_t client) {
    bool answered = false;
    for (int retry = 0; retry < 3 && !answered; ++retry) {
      if (retry > 0 && !budget_.Take()) break;
      ++calls_;
      answered = chance_(random_) >= failing_;
    }
    if (answered) budget_.Answered();
    if (!breakers_.empty()) breakers_[backend].Report(answered, client, "500", now_, now_);
    return answered;
  }

  std::vector<Breaker> breakers_;
  std::size_t count_;
  double failing_;
  RetryBudget budget_;
  std::mt19937_64 random_{1};
  std::uniform_real_distribution<double> chance_;
  Clock::time_point now_{seconds(1'000)};
  int calls_ = 0;
  int requests_ = 0;
};

// The draws are the same with and without breakers, so that equal is equal.
TEST(BreakerSimulation, ClientsNeverFailMoreOftenThanWithoutABreaker) {
  constexpr int kRequests = 2'000;
  for (const std::size_t count : {1, 2, 3}) {
    for (int percent = 1; percent <= 99; ++percent) {
      Backends with(count, percent / 100.0, true);
      Backends without(count, percent / 100.0, false);
      const double failed = with.Failing(kRequests);
      EXPECT_LE(failed, without.Failing(kRequests)) << count << " backends, " << percent << " %";
    }
  }
}

TEST(BreakerSimulation, WhereNothingAnswersAtMostAFifthOfTheCallsAreRepeated) {
  for (const std::size_t count : {1, 2, 3}) {
    Backends backends(count, 1, true);
    backends.Failing(2'000);
    EXPECT_LE(backends.calls_per_request(), 1.2) << count;
  }
}

TEST(BreakerSimulation, ShareOfFailedRequestsIsThatOfThreeTriesUpToNineTenths) {
  for (const int percent : {20, 35, 50, 70, 85}) {
    const double each = percent / 100.0;
    Backends one(1, each, true);
    EXPECT_NEAR(one.Failing(4'000), each * each * each, 0.03) << percent;
  }
}

}  // namespace
}  // namespace moerge::test
