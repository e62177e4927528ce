#include "config/base/turns.h"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <string>

namespace moerge {
namespace {

// Writes its letter, lets others run while it has the turn, and writes it again.
Task<void> Twice(Turns& turns, Event& go_on, char letter, std::string& trace) {
  co_await turns.Take();
  trace += letter;
  co_await go_on.Wait();
  trace += letter;
  turns.Give();
}

TEST(Turns, WhoHasTheTurnIsNotInterleaved) {
  boost::asio::io_context loop(1);
  Turns turns;
  Event go_on(loop.get_executor());
  std::string trace;
  for (const char letter : {'a', 'b', 'c'}) {
    Spawn(loop.get_executor(), "writer", Twice(turns, go_on, letter, trace));
  }
  boost::asio::post(loop, [&] {
    EXPECT_EQ(trace, "a");
    EXPECT_TRUE(turns.taken());
    go_on.Set();
  });
  loop.run();
  ASSERT_EQ(trace.size(), 6u);
  for (std::size_t i = 0; i < 6; i += 2) EXPECT_EQ(trace[i], trace[i + 1]) << trace;
  EXPECT_FALSE(turns.taken());
}

TEST(Turns, WhatIsFreeIsTakenWithoutWaiting) {
  Turns turns;
  EXPECT_TRUE(turns.TryTake());
  EXPECT_FALSE(turns.TryTake());
  turns.Give();
  EXPECT_TRUE(turns.TryTake());
}

}  // namespace
}  // namespace moerge
