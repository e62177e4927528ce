#include "config/base/async_mutex.h"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <string>

namespace moerge {
namespace {

// Writes its letter, lets others run while it holds the mutex, and writes it again.
Task<void> Twice(AsyncMutex& mutex, Event& go_on, char letter, std::string& trace) {
  co_await mutex.Lock();
  trace += letter;
  co_await go_on.Wait();
  trace += letter;
  mutex.Unlock();
}

TEST(AsyncMutex, WhatTheHolderDoesIsNotInterleaved) {
  boost::asio::io_context loop(1);
  AsyncMutex mutex;
  Event go_on(loop.get_executor());
  std::string trace;
  for (const char letter : {'a', 'b', 'c'}) {
    Spawn(loop.get_executor(), "writer", Twice(mutex, go_on, letter, trace));
  }
  boost::asio::post(loop, [&] {
    EXPECT_EQ(trace, "a");
    EXPECT_TRUE(mutex.locked());
    go_on.Set();
  });
  loop.run();
  ASSERT_EQ(trace.size(), 6u);
  for (std::size_t i = 0; i < 6; i += 2) EXPECT_EQ(trace[i], trace[i + 1]) << trace;
  EXPECT_FALSE(mutex.locked());
}

TEST(AsyncMutex, WhatIsFreeIsLockedWithoutWaiting) {
  AsyncMutex mutex;
  EXPECT_TRUE(mutex.TryLock());
  EXPECT_FALSE(mutex.TryLock());
  mutex.Unlock();
  EXPECT_TRUE(mutex.TryLock());
}

}  // namespace
}  // namespace moerge
