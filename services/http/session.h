// One client connection: reads requests, has each handled, writes the replies, in order.
//
// Owner: itself, while its coroutine runs; its Worker lists it. Threads: its loop only.
// One wait for readability stays armed all the time: between requests it wakes the reader, during a
// request it notices that the client has left, also while the reply cannot be written: that ends
// the wait for room. Timeouts are a time in `expires_` that the Worker's tick compares, so that no
// request pays for timers.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/base/send_queue.h"
#include "config/base/task.h"
#include "config/base/waker.h"
#include "services/http/body_room.h"
#include "services/http/exchange.h"
#include "services/http/request_parser.h"
#include "services/http/server.h"

namespace moerge::http {

class Session;

// What a session needs of the loop it lives on.
struct SessionHost {
  SessionHost(const Executor& loop, BodyRoom& room) : sends(SendQueue::Of(loop)), bodies(room) {}

  SendQueue& sends;
  BodyRoom& bodies;
  const ServerOptions* options = nullptr;
  Handler* handler = nullptr;
  std::vector<char> scratch = std::vector<char>(64 << 10);  // what is read lands here first
  bool draining = false;  // replies close their connections, idle ones are closed
  std::list<Session*> sessions;
  // Called when a session has ended.
  std::function<void()> ended;
};

class Session final : public std::enable_shared_from_this<Session>, private Exchange {
 public:
  using Clock = std::chrono::steady_clock;
  // A connection over max_connections is turned away: its first request gets 503.
  enum class Admission { kServed, kTurnedAway };

  Session(TcpSocket socket, SessionHost& host, Admission admission);
  ~Session() override;

  static void Start(std::shared_ptr<Session> session);

  // From the host's tick.
  void CheckExpiry(Clock::time_point now);
  // Closes it if no request is under way.
  void CloseIfIdle();
  // Cancels what is under way and closes.
  void Kill();

 private:
  static constexpr std::size_t kReadSize = 16 << 10;

  enum class Read { kOk, kClosed, kTimeout };
  enum class Phase { kIdle, kHead, kBody, kHandling, kWriting, kLingering };

  Task<void> Run();
  Task<bool> ServeOne();
  Task<bool> Serve();
  Task<bool> ReadHead();
  bool HasBody() const;
  Task<bool> ReadBody();
  Task<bool> ReadSizedBody();
  Task<bool> ReadChunkedBody();
  Task<bool> SendContinue();
  Task<bool> GrowBody();
  Task<Status> FillPiece(std::string* piece);
  Task<Status> ReadPiece(std::string* into, std::size_t limit);
  bool BodyIsUnread() const { return streams_body_ && !body_ended_; }
  static Error ClientLeft();
  Task<void> Refuse(int status, std::string_view why);
  Task<void> Linger();
  bool FillRequest();
  void StartRequest();
  void ReleaseBuffers();

  // Appends what the kernel has, at least one byte and at most `limit`, waiting if need be.
  Task<Read> ReadSome(std::string* into, std::size_t limit);
  Task<bool> WriteAll(std::string_view head, std::string_view body);
  Task<bool> WaitWritable();
  void Arm();
  void OnReadable(const boost::system::error_code& error);
  void DetectDisconnect();
  void AwaitError();
  void Leave();
  void ExpireIn(std::chrono::milliseconds time) { expires_ = Clock::now() + time; }
  void AppendHead(int status, std::string_view content_type, std::string* out);

  // Exchange.
  const Request& request() const override { return request_; }
  std::string TakeBody() override { return std::move(request_.body); }
  Task<Result<std::string>> ReadBodyPiece() override;
  bool HoldBody(std::size_t size) override { return body_share_.GrowTo(size); }
  const Executor& executor() const override { return executor_; }
  Cancellation& cancellation() override { return *cancellation_; }
  void SetHeader(std::string_view name, std::string value) override;
  Task<Status> Send(Reply reply) override;
  Task<Status> BeginStream(int status, std::string_view content_type) override;
  Task<Status> BeginSized(int status, std::string_view content_type, std::uint64_t size) override;
  Task<Status> Write(std::string_view bytes) override;
  Task<Status> EndStream() override;
  Task<Status> WriteUnframed(std::string_view bytes) override;
  void Abort(bool reset) override;
  bool replied() const override { return status_ != 0; }
  int status() const override { return status_; }
  std::size_t bytes_sent() const override { return bytes_sent_; }

  SessionHost& host_;
  Executor executor_;
  TcpSocket socket_;
  const Admission admission_;
  std::list<Session*>::iterator place_;

  Phase phase_ = Phase::kIdle;
  Clock::time_point expires_ = Clock::time_point::max();
  bool timed_out_ = false;
  bool closed_ = false;
  bool armed_ = false;
  bool left_ = false;  // the client has closed its end
  bool awaits_error_ = false;
  bool released_ = false;  // the buffers are given back
  Clock::time_point idle_since_{};
  Waker readable_;
  Waker writable_;

  std::string in_;  // bytes read and not yet used
  BodyRoom::Share body_share_;
  std::string out_;
  RequestParser parser_;

  // Of the request under way.
  Request request_;
  std::string head_;  // the request's head, which request_ points into
  std::unique_ptr<Cancellation> cancellation_;
  bool streams_body_ = false;    // its handler reads the body
  bool body_begun_ = false;      // it has
  bool body_ended_ = false;      // all of it was read
  std::uint64_t body_left_ = 0;  // of a body whose size is known
  std::string extra_headers_;
  int status_ = 0;
  std::size_t bytes_sent_ = 0;
  bool keep_alive_ = true;
  bool streaming_ = false;
  bool stream_ended_ = false;
  bool chunked_reply_ = false;
  bool aborted_ = false;
};

// "OK", "Bad Request", ...
std::string_view StatusText(int status);
// Percent-decodes; false on a malformed escape or an encoded NUL.
bool PercentDecode(std::string_view text, bool plus_is_space, std::string* out);

}  // namespace moerge::http
