// The sends of one event loop. While the loop is busy they are gathered and made one after another:
// the kernel wakes a receiver that sleeps, on another core, for the first of them and finds it
// awake for the rest. A loop that is not busy sends at once.
//
// Owner: the loop's io_context, as a service. Threads: the loop's. Netty calls the same flush
// consolidation.
#pragma once

#include <sys/types.h>
#include <sys/uio.h>

#include <boost/asio/execution_context.hpp>
#include <chrono>
#include <cstddef>
#include <span>
#include <vector>

#include "config/base/task.h"
#include "config/base/waker.h"

namespace moerge {

// Whether a connected socket has nothing to read: neither an end, nor an error, nor bytes.
bool IsQuiet(int socket);

class SendQueue : public boost::asio::execution_context::service {
 public:
  using key_type = SendQueue;
  static boost::asio::execution_context::id id;
  static constexpr std::size_t kMost = 16;  // that wait for each other
  // So many sends within this time make a loop busy, so many in a row that found nothing to wait
  // for end it.
  static constexpr int kSeveral = 8;
  static constexpr std::chrono::microseconds kBusy{500};
  static constexpr int kLonely = 4;

  static SendQueue& Of(const Executor& executor);
  explicit SendQueue(boost::asio::execution_context& context);

  // Whether to Add and await Sent; else SendNow.
  bool busy() const { return busy_; }

  // kIfQuiet: nothing is sent if the peer has ended the connection, or has sent what was not yet
  // read; the result is -ESTALE.
  enum class When { kAlways, kIfQuiet };

  // sendmsg that does not wait for room: how many bytes were taken, or an errno below zero.
  ssize_t SendNow(TcpSocket& socket, std::span<const iovec> pieces, When when = When::kAlways);

  // Gathers a send; what the pieces point at, and the socket, must live until it is done.
  void Add(TcpSocket& socket, std::span<const iovec> pieces, When when = When::kAlways);
  // What SendNow would have given; -ECANCELED if the socket was closed meanwhile. REQUIRES: it is
  // awaited by who called Add last, at once.
  class SentAwaiter;
  SentAwaiter Sent();

 private:
  using Clock = std::chrono::steady_clock;
  struct Entry {
    TcpSocket* socket;
    std::size_t first_piece;
    std::size_t pieces;
    When when;
    ssize_t result = 0;
    Waker done = {};  // may move while somebody waits
  };

  void shutdown() override;
  void SendWaiting();
  void Flush();

  boost::asio::io_context& loop_;
  std::vector<Entry> waiting_;
  std::vector<Entry> done_;
  std::vector<iovec> pieces_;
  std::size_t sent_ = 0;  // of those that wait
  ssize_t result_ = 0;    // of who goes on now
  bool busy_ = false;
  int recent_ = 0;  // sends since since_; while busy, lonely ones in a row
  Clock::time_point since_{};
};

class SendQueue::SentAwaiter : public Suspend<Waker> {
 public:
  SentAwaiter(Waker& done, const ssize_t& result) : Suspend(done), result_(result) {}
  ssize_t await_resume() const noexcept { return result_; }

 private:
  const ssize_t& result_;
};

inline SendQueue::SentAwaiter SendQueue::Sent() {
  return SentAwaiter(waiting_.back().done, result_);
}

}  // namespace moerge
