#include "config/base/send_queue.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>

namespace moerge {
namespace {

// A socket of the loop and its other end, non-blocking both.
struct Pair {
  explicit Pair(const Executor& loop) : near(loop) {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    near.assign(boost::asio::ip::tcp::v4(), ends[0]);
    far = ends[1];
  }
  ~Pair() { ::close(far); }
  Pair(const Pair&) = delete;

  std::string Received() const {
    char bytes[4096];
    const ssize_t n = ::recv(far, bytes, sizeof bytes, 0);
    return n <= 0 ? std::string() : std::string(bytes, static_cast<std::size_t>(n));
  }

  TcpSocket near;
  int far;
};

iovec PieceOf(std::string_view text) { return {const_cast<char*>(text.data()), text.size()}; }

struct Sends : testing::Test {
  // Sends until the loop counts as busy.
  void MakeBusy() {
    const Pair other(loop.get_executor());
    while (!queue.busy()) {
      const iovec piece = PieceOf("x");
      ASSERT_EQ(queue.SendNow(const_cast<TcpSocket&>(other.near), {&piece, 1}), 1);
      (void)other.Received();
    }
  }

  Task<void> Gather(Pair& pair, std::string text, ssize_t* result) {
    const iovec pieces[2] = {PieceOf(text), PieceOf("!")};
    queue.Add(pair.near, pieces);
    const ssize_t sent = co_await queue.Sent();
    *result = sent;
  }

  void Start(Pair& pair, std::string text, ssize_t* result) {
    Spawn(loop.get_executor(), "gather", Gather(pair, std::move(text), result));
  }

  boost::asio::io_context loop{1};
  SendQueue& queue = SendQueue::Of(loop.get_executor());
};

TEST_F(Sends, AQuietLoopSendsAtOnce) {
  Pair pair(loop.get_executor());
  EXPECT_FALSE(queue.busy());
  const iovec pieces[2] = {PieceOf("ab"), PieceOf("c")};
  EXPECT_EQ(queue.SendNow(pair.near, pieces), 3);
  EXPECT_EQ(pair.Received(), "abc");
}

TEST_F(Sends, GatheredOnesAllArriveWithTheirResults) {
  MakeBusy();
  Pair first(loop.get_executor());
  Pair second(loop.get_executor());
  ssize_t results[2] = {};
  Start(first, "one", &results[0]);
  Start(second, "three", &results[1]);
  loop.run();
  EXPECT_EQ(first.Received(), "one!");
  EXPECT_EQ(second.Received(), "three!");
  EXPECT_EQ(results[0], 4);
  EXPECT_EQ(results[1], 6);
}

TEST_F(Sends, NobodyWaitsForMoreThanKMost) {
  MakeBusy();
  Pair pair(loop.get_executor());
  const iovec piece = PieceOf("x");
  for (std::size_t i = 0; i + 1 < SendQueue::kMost; ++i) queue.Add(pair.near, {&piece, 1});
  EXPECT_EQ(pair.Received(), "");
  queue.Add(pair.near, {&piece, 1});
  EXPECT_EQ(pair.Received(), std::string(SendQueue::kMost, 'x'));
}

TEST_F(Sends, ASocketClosedMeanwhileGetsNothing) {
  MakeBusy();
  Pair pair(loop.get_executor());
  ssize_t result = 0;
  Start(pair, "late", &result);
  loop.run_one();  // the coroutine has added its send
  pair.near.close();
  const Pair heir(loop.get_executor());  // takes over the number of the closed socket
  loop.run();
  EXPECT_EQ(result, -ECANCELED);
  EXPECT_EQ(heir.Received(), "");
}

TEST_F(Sends, AFullSocketSaysSo) {
  MakeBusy();
  Pair pair(loop.get_executor());
  const std::string much(1 << 20, 'x');
  const iovec piece = PieceOf(much);
  while (queue.SendNow(pair.near, {&piece, 1}) > 0) {
  }
  ssize_t result = 0;
  Start(pair, "more", &result);
  loop.run();
  EXPECT_EQ(result, -EAGAIN);
}

TEST_F(Sends, ALoopWhereNothingIsGatheredIsNoLongerBusy) {
  MakeBusy();
  Pair pair(loop.get_executor());
  for (int i = 0; i < SendQueue::kLonely; ++i) {
    EXPECT_TRUE(queue.busy());
    ssize_t result = 0;
    Start(pair, "alone", &result);
    loop.run();
    loop.restart();
    EXPECT_EQ(result, 6);
  }
  EXPECT_FALSE(queue.busy());
}

TEST(SendsOfALoopThatEnds, AreGivenUp) {
  ssize_t result = -1;
  {
    boost::asio::io_context loop(1);
    Pair pair(loop.get_executor());
    SendQueue& queue = SendQueue::Of(loop.get_executor());
    const auto gather = [&]() -> Task<void> {
      const iovec piece = PieceOf("never");
      queue.Add(pair.near, {&piece, 1});
      const ssize_t sent = co_await queue.Sent();
      result = sent;
    };
    Spawn(loop.get_executor(), "gather", gather());
    loop.run_one();
  }
  EXPECT_EQ(result, -1);
}

}  // namespace
}  // namespace moerge
