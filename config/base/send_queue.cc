#include "config/base/send_queue.h"

#include <sys/socket.h>

#include <boost/asio/post.hpp>
#include <cerrno>
#include <utility>

namespace moerge {

boost::asio::execution_context::id SendQueue::id;

namespace {

ssize_t SendPieces(int socket, std::span<const iovec> pieces, SendQueue::When when) {
  if (when == SendQueue::When::kIfQuiet && !IsQuiet(socket)) return -ESTALE;
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());
  message.msg_iovlen = pieces.size();
  const ssize_t taken = ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  return taken >= 0 ? taken : -errno;
}

}  // namespace

bool IsQuiet(int socket) {
  char byte = 0;
  const ssize_t got = recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

SendQueue& SendQueue::Of(const Executor& executor) {
  return boost::asio::use_service<SendQueue>(executor.context());
}

SendQueue::SendQueue(boost::asio::execution_context& context)
    : service(context), loop_(static_cast<boost::asio::io_context&>(context)) {}

// Whoever waits is destroyed with its coroutine, which may touch other services of the loop.
void SendQueue::shutdown() {
  std::exchange(waiting_, {}).clear();
  std::exchange(done_, {}).clear();
}

ssize_t SendQueue::SendNow(TcpSocket& socket, std::span<const iovec> pieces, When when) {
  if (++recent_ >= kSeveral) {
    const Clock::time_point now = Clock::now();
    busy_ = now - std::exchange(since_, now) < kBusy;
    recent_ = 0;
  }
  return SendPieces(socket.native_handle(), pieces, when);
}

void SendQueue::Add(TcpSocket& socket, std::span<const iovec> pieces, When when) {
  if (waiting_.empty()) {
    boost::asio::post(loop_, [this] { Flush(); });
  }
  waiting_.push_back(Entry{&socket, pieces_.size(), pieces.size(), when});
  pieces_.insert(pieces_.end(), pieces.begin(), pieces.end());
  if (waiting_.size() - sent_ >= kMost) SendWaiting();
}

void SendQueue::SendWaiting() {
  for (; sent_ < waiting_.size(); ++sent_) {
    Entry& entry = waiting_[sent_];
    const std::span<const iovec> pieces(pieces_.data() + entry.first_piece, entry.pieces);
    entry.result = entry.socket->is_open()
                       ? SendPieces(entry.socket->native_handle(), pieces, entry.when)
                       : -ECANCELED;
  }
}

// First all that is left is sent, then everybody goes on: what they do next takes its time.
void SendQueue::Flush() {
  SendWaiting();
  std::swap(waiting_, done_);
  pieces_.clear();
  sent_ = 0;
  recent_ = done_.size() == 1 ? recent_ + 1 : 0;
  if (recent_ >= kLonely) {
    busy_ = false;
    recent_ = 0;
    since_ = Clock::now();
  }
  for (Entry& entry : done_) {
    result_ = entry.result;
    entry.done.Wake();
  }
  done_.clear();
}

}  // namespace moerge
