#include "services/watch/expert_watch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace moerge {
namespace {

class Stream {
 public:
  void Add(const std::string& expert, double score) {
    Feedback one;
    one.decision = "d" + std::to_string(all_.size());
    one.expert = expert;
    one.score = score;
    one.time = WallTime(std::chrono::seconds(1'800'000'000 + static_cast<int>(all_.size())));
    all_.push_back(std::move(one));
  }
  const std::vector<Feedback>& all() const { return all_; }

 private:
  std::vector<Feedback> all_;
};

TEST(FindFalls, AnExpertThatGetsWorseIsNamedWithTheTime) {
  Stream stream;
  for (int i = 0; i < 300; ++i) {
    stream.Add("steady", i % 10 == 0 ? 0 : 1);
    stream.Add("falling", i % 10 == 0 ? 0 : 1);
  }
  EXPECT_TRUE(FindFalls(stream.all()).empty());
  const WallTime begin = stream.all().back().time;
  for (int i = 0; i < 60; ++i) {
    stream.Add("steady", i % 10 == 0 ? 0 : 1);
    stream.Add("falling", i % 2);
  }
  std::vector<Feedback> shuffled = stream.all();
  std::shuffle(shuffled.begin(), shuffled.end(), std::mt19937(1));
  const auto falls = FindFalls(shuffled);
  ASSERT_EQ(falls.size(), 1u);
  EXPECT_EQ(falls[0].expert, "falling");
  EXPECT_EQ(falls[0].after.count, 60);
  EXPECT_DOUBLE_EQ(falls[0].after.mean(), 0.5);
  EXPECT_DOUBLE_EQ(falls[0].before.mean(), 0.9);
  EXPECT_GT(falls[0].since, begin);
  EXPECT_LT(falls[0].p, kFallLevel);
}

TEST(FindFalls, FewJudgementsTellNothing) {
  Stream stream;
  for (int i = 0; i < 29; ++i) stream.Add("short", 1);
  for (int i = 0; i < 200; ++i) stream.Add("always", 0);
  for (int i = 0; i < 29; ++i) stream.Add("short", 0);
  EXPECT_TRUE(FindFalls(stream.all()).empty());
  EXPECT_TRUE(FindFalls({}).empty());
}

// Experts that stay as they are, looked at after every tenth judgement.
TEST(FindFalls, LookingOftenRaisesFewFalseAlarms) {
  std::mt19937 random(11);
  std::bernoulli_distribution good(0.8);
  constexpr int kStreams = 100;
  int alarms = 0;
  for (int i = 0; i < kStreams; ++i) {
    Stream stream;
    bool alarm = false;
    for (int j = 1; j <= 1'000 && !alarm; ++j) {
      stream.Add("one", good(random) ? 1 : 0);
      alarm = j % 10 == 0 && !FindFalls(stream.all()).empty();
    }
    alarms += alarm;
  }
  RecordProperty("alarms_of_100", alarms);
  EXPECT_LE(alarms, kStreams / 20);
}

}  // namespace
}  // namespace moerge
