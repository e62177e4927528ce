#include "services/calls/call_queue.h"

#include <gtest/gtest.h>

#include <vector>

namespace moerge {
namespace {

CallQueue::Time After(int seconds) {
  return CallQueue::Time{} + std::chrono::seconds(1000 + seconds);
}

std::vector<std::uint64_t> TakeAll(CallQueue* queue) {
  std::vector<std::uint64_t> order;
  while (queue->size() > 0) order.push_back(queue->TakeNext());
  return order;
}

TEST(CallQueueTest, ClientsTakeTurnsAndEachKeepsItsOrder) {
  CallQueue queue;
  for (std::uint64_t id = 1; id <= 4; ++id) queue.Add(id, 7, After(0));
  queue.Add(5, 8, After(1));
  queue.Add(6, 8, After(1));
  EXPECT_EQ(TakeAll(&queue), (std::vector<std::uint64_t>{1, 5, 2, 6, 3, 4}));
}

TEST(CallQueueTest, KnowsHowLongItsCallsHaveWaited) {
  CallQueue queue;
  EXPECT_EQ(queue.Waited(After(9)), 0);
  EXPECT_EQ(queue.oldest(), CallQueue::Time::max());
  queue.Add(1, 0, After(0));
  queue.Add(2, 1, After(3));
  queue.Add(3, 0, After(4));
  EXPECT_DOUBLE_EQ(queue.Waited(After(10)), 10 + 7 + 6);
  EXPECT_EQ(queue.oldest(), After(0));
  queue.Remove(1, 0);
  EXPECT_EQ(queue.oldest(), After(3));
  EXPECT_DOUBLE_EQ(queue.Waited(After(10)), 7 + 6);
  queue.Remove(2, 1);
  EXPECT_EQ(queue.oldest(), After(4));
  EXPECT_EQ(TakeAll(&queue), std::vector<std::uint64_t>{3});
  EXPECT_EQ(queue.Waited(After(10)), 0);
  EXPECT_EQ(queue.oldest(), CallQueue::Time::max());
}

}  // namespace
}  // namespace moerge
