#include "services/live/live_feed.h"

#include <gtest/gtest.h>

namespace moerge {
namespace {

using Ended = LiveFeed::Counts::Ended;

constexpr LiveFeed::Clock::time_point kNow(std::chrono::hours(1000));

std::vector<std::string> Texts(const std::vector<LiveFeed::Row>& rows) {
  std::vector<std::string> texts;
  for (const LiveFeed::Row& row : rows) texts.push_back(*row);
  return texts;
}

TEST(LiveFeed, WantsNothingWhileNobodyWatches) {
  LiveFeed feed;
  EXPECT_FALSE(feed.WantsRow(kNow));
  {
    const auto listener = feed.Listen();
    EXPECT_TRUE(feed.WantsRow(kNow));
  }
  EXPECT_FALSE(feed.WantsRow(kNow));
  EXPECT_EQ(feed.Sum().left_out, 0);
}

TEST(LiveFeed, EachListenerGetsTheRowsSinceItCame) {
  LiveFeed feed;
  const auto early = feed.Listen();
  feed.Add("a");
  const auto late = feed.Listen();
  feed.Add("b");
  std::vector<LiveFeed::Row> rows;
  EXPECT_EQ(early->Take(&rows), 0);
  EXPECT_EQ(Texts(rows), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(late->Take(&rows), 0);
  EXPECT_EQ(Texts(rows), (std::vector<std::string>{"b"}));
  EXPECT_EQ(late->Take(&rows), 0);
  EXPECT_TRUE(rows.empty());
}

TEST(LiveFeed, AListenerThatIsTooSlowIsToldWhatItMissed) {
  LiveFeed feed;
  const auto listener = feed.Listen();
  for (std::size_t i = 0; i < LiveFeed::kKept + 7; ++i) feed.Add(std::to_string(i));
  std::vector<LiveFeed::Row> rows;
  EXPECT_EQ(listener->Take(&rows), 7);
  ASSERT_EQ(rows.size(), LiveFeed::kKept);
  EXPECT_EQ(*rows.front(), "7");
}

TEST(LiveFeed, RowsBeyondTheWindowsShareAreCounted) {
  LiveFeed feed;
  const auto listener = feed.Listen();
  int wanted = 0;
  for (int i = 0; i < LiveFeed::kRowsPerWindow + 5; ++i) wanted += feed.WantsRow(kNow);
  EXPECT_EQ(wanted, LiveFeed::kRowsPerWindow);
  EXPECT_EQ(feed.Sum().left_out, 5);
  EXPECT_TRUE(feed.WantsRow(kNow + LiveFeed::kWindow));
}

TEST(LiveFeed, ListenersAreBoundedAndNoneComesToAClosedOne) {
  LiveFeed feed;
  std::vector<std::unique_ptr<LiveFeed::Listener>> listeners;
  for (int i = 0; i < LiveFeed::kListeners; ++i) listeners.push_back(feed.Listen());
  EXPECT_NE(listeners.back(), nullptr);
  EXPECT_EQ(feed.Listen(), nullptr);
  listeners.pop_back();
  EXPECT_NE(feed.Listen(), nullptr);
  feed.Close();
  EXPECT_TRUE(feed.closed());
  EXPECT_EQ(feed.Listen(), nullptr);
}

TEST(LiveFeed, SumsAreThoseOfAllLoops) {
  LiveFeed feed;
  const auto one = feed.AddLoop();
  const auto two = feed.AddLoop();
  one->Begin();
  two->Begin();
  two->Begin();
  two->End();
  one->Count(Ended::kOk, 10, 0.5);
  two->Count(Ended::kError, 0, 0);
  two->Count(Ended::kCancelled, 1, 0.25);
  const LiveFeed::Totals sum = feed.Sum();
  EXPECT_EQ(sum.requests, 3);
  EXPECT_EQ(sum.errors, 1);
  EXPECT_EQ(sum.cancelled, 1);
  EXPECT_EQ(sum.in_flight, 2);
  EXPECT_EQ(sum.tokens, 11);
  EXPECT_DOUBLE_EQ(sum.cost_usd, 0.75);
}

}  // namespace
}  // namespace moerge
