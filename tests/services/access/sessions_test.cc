#include "services/access/sessions.h"

#include <gtest/gtest.h>

#include "config/base/hash.h"

namespace moerge {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

ApiKey SomeKey(const std::string& text) {
  ApiKey key;
  key.name = text;
  key.sha256 = Sha256Hex(text);
  return key;
}

TEST(Sessions, AnIdLeadsToItsKeyUntilItIsClosed) {
  Sessions sessions;
  const Sessions::Clock::time_point now(hours(1000));
  const std::string one = sessions.Open(SomeKey("one"), now);
  const std::string two = sessions.Open(SomeKey("two"), now);
  EXPECT_EQ(one.size(), 64u);
  EXPECT_NE(one, two);
  EXPECT_EQ(sessions.KeyOf(one, now), Sha256Hex("one"));
  EXPECT_EQ(sessions.KeyOf(two, now), Sha256Hex("two"));
  EXPECT_EQ(sessions.KeyOf("", now), std::nullopt);
  EXPECT_EQ(sessions.KeyOf(Sha256Hex(one), now), std::nullopt);  // what is kept opens nothing
  sessions.Close(one);
  EXPECT_EQ(sessions.KeyOf(one, now), std::nullopt);
  EXPECT_EQ(sessions.KeyOf(two, now), Sha256Hex("two"));
}

TEST(Sessions, EndAfterIdleTimeAndAfterTheLongestTime) {
  Sessions sessions;
  Sessions::Clock::time_point now(hours(1000));
  const auto begin = now;
  const std::string idle = sessions.Open(SomeKey("idle"), now);
  const std::string busy = sessions.Open(SomeKey("busy"), now);
  while (now + hours(6) < begin + Sessions::kLongest) {
    now += hours(6);
    EXPECT_TRUE(sessions.KeyOf(busy, now).has_value());
  }
  EXPECT_FALSE(sessions.KeyOf(idle, begin + Sessions::kIdle).has_value());
  EXPECT_FALSE(sessions.KeyOf(busy, begin + Sessions::kLongest).has_value());
  EXPECT_EQ(sessions.size(), 0u);
}

TEST(Sessions, AreBoundedAndTheOneIdleTheLongestGoesFirst) {
  Sessions sessions;
  Sessions::Clock::time_point now(hours(1000));
  const std::string first = sessions.Open(SomeKey("k"), now);
  const std::string second = sessions.Open(SomeKey("k"), now += seconds(1));
  EXPECT_TRUE(sessions.KeyOf(first, now += seconds(1)).has_value());
  for (std::size_t i = 0; i < Sessions::kMost; ++i) sessions.Open(SomeKey("k"), now += seconds(1));
  EXPECT_EQ(sessions.size(), Sessions::kMost);
  const std::string last = sessions.Open(SomeKey("k"), now);
  EXPECT_FALSE(sessions.KeyOf(second, now).has_value());
  EXPECT_TRUE(sessions.KeyOf(last, now).has_value());
}

TEST(Sessions, ATokenIsTheSessionsAndDoesNotShowItsId) {
  const std::string token = Sessions::CsrfTokenOf("an-id");
  EXPECT_EQ(token, Sessions::CsrfTokenOf("an-id"));
  EXPECT_NE(token, Sessions::CsrfTokenOf("another"));
  EXPECT_NE(token, Sha256Hex("an-id"));  // what the table keeps
}

}  // namespace
}  // namespace moerge
