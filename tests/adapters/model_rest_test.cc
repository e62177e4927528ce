#include "adapters/model_rest.h"

#include <gtest/gtest.h>

#include <vector>

namespace moerge {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using Clock = ModelRest::Clock;

constexpr Clock::time_point kNoon{std::chrono::hours(12)};

TEST(ModelRest, LastsAsLongAsTheBackendSays) {
  ModelRest rest;
  EXPECT_LE(rest.until(), kNoon);
  rest.Begin(7s, kNoon);
  EXPECT_EQ(rest.until(), kNoon + 7s);
  rest.Begin(3s, kNoon + 1s);
  EXPECT_EQ(rest.until(), kNoon + 7s) << "the longer holds";
  rest.Begin(90s, kNoon + 2s);
  EXPECT_EQ(rest.until(), kNoon + 92s);
}

TEST(ModelRest, GrowsToSomeSecondsWhereNothingIsSaid) {
  ModelRest rest;
  std::vector<Clock::duration> lengths;
  Clock::time_point now = kNoon;
  for (int i = 0; i < 8; ++i) {
    rest.Begin(0s, now);
    rest.Begin(0s, now + 1ms);  // of a call that was sent before
    lengths.push_back(rest.until() - now);
    now = rest.until();
    rest.Admit(now);
  }
  EXPECT_EQ(lengths, (std::vector<Clock::duration>{250ms, 500ms, 1s, 2s, 4s, 4s, 4s, 4s}));
}

// Calls come every 10 ms for two minutes, and each is refused 100 ms later.
TEST(ModelRest, ALimitThatHoldsIsMetByOneCallAtATime) {
  ModelRest rest;
  int made = 0;
  std::vector<Clock::time_point> refusals;
  for (Clock::time_point now = kNoon; now < kNoon + 120s; now += 10ms) {
    while (!refusals.empty() && refusals.front() <= now) {
      rest.Begin(0s, refusals.front());
      refusals.erase(refusals.begin());
    }
    if (rest.until() > now) continue;
    rest.Admit(now);
    ++made;
    refusals.push_back(now + 100ms);
  }
  // Three times all that come within 100 ms, then one every four seconds.
  EXPECT_LE(made, 3 * 11 + 120 / 4 + 2);
}

// An answer takes longer than a refusal: the others do not wait for it.
TEST(ModelRest, ATrialThatIsNotRefusedSoonLetsTheOthersGo) {
  ModelRest rest;
  Clock::time_point over = kNoon;
  for (int i = 0; i < 3; ++i) {
    rest.Begin(0s, over);
    over = rest.until();
  }
  rest.Begin(0s, over);
  over = rest.until();
  rest.Admit(over);
  EXPECT_EQ(rest.until(), over + ModelRest::kTrial);
  rest.Admit(over + ModelRest::kTrial);
  EXPECT_EQ(rest.until(), over + ModelRest::kTrial) << "there is one trial";
}

}  // namespace
}  // namespace moerge
