#include "services/http/session.h"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <cerrno>

#include "config/base/log.h"

namespace moerge::http {
namespace {

constexpr std::size_t kMaxPipelined = 64 << 10;  // read ahead while a request is handled
constexpr std::chrono::milliseconds kLingerTime{2'000};
constexpr std::string_view kNoConnectionRoom =
    "this server has as many connections open as it may have (server.max_connections, or the limit "
    "of open files); try again later";
constexpr std::chrono::milliseconds kKeepBuffers{250};  // an idle connection gives them back then

std::string PeerName(const TcpSocket& socket) {
  boost::system::error_code error;
  const auto peer = socket.remote_endpoint(error);
  if (error) return "?";
  return peer.address().to_string() + ":" + std::to_string(peer.port());
}

}  // namespace

Session::Session(TcpSocket socket, SessionHost& host, Admission admission)
    : host_(host),
      executor_(socket.get_executor()),
      socket_(std::move(socket)),
      admission_(admission),
      body_share_(host.bodies) {
  place_ = host_.sessions.insert(host_.sessions.end(), this);
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
  request_.peer = PeerName(socket_);
}

Session::~Session() {
  host_.sessions.erase(place_);
  if (host_.ended) host_.ended();
}

void Session::Start(std::shared_ptr<Session> session) {
  const Executor executor = session->executor_;
  Spawn(executor, "session", session->Run());
}

Task<void> Session::Run() {
  const auto self = shared_from_this();
  bool more = true;
  while (more && !closed_) {
    more = co_await ServeOne();
    body_share_.Release();
  }
  boost::system::error_code ignored;
  closed_ = true;
  socket_.close(ignored);
}

// Waits for a request and serves it. False: the connection is done.
Task<bool> Session::ServeOne() {
  if (in_.empty()) {
    phase_ = Phase::kIdle;
    if (host_.draining) co_return false;
    idle_since_ = Clock::now();
    expires_ = idle_since_ + (admission_ == Admission::kServed ? host_.options->idle_timeout
                                                               : host_.options->header_timeout);
    Arm();
    co_await readable_.Wait();
    if (closed_ || timed_out_) co_return false;
  }
  phase_ = Phase::kHead;
  released_ = false;
  parser_.Reset(host_.options->max_header_bytes);
  request_.received = Clock::now();
  expires_ = request_.received + host_.options->header_timeout;
  const bool head = co_await ReadHead();
  if (!head) co_return false;
  StartRequest();
  if (!FillRequest()) {
    co_await Refuse(400, "the request target holds a malformed percent escape");
    co_return false;
  }
  if (admission_ == Admission::kTurnedAway) {
    phase_ = Phase::kBody;
    co_await Refuse(503, kNoConnectionRoom);
    co_return false;
  }
  streams_body_ = HasBody() && host_.handler->StreamsBody(request_);
  if (!streams_body_) {
    phase_ = Phase::kBody;
    expires_ = request_.received + host_.options->body_timeout;
    const bool body = co_await ReadBody();
    if (!body) co_return false;
  }
  co_return co_await Serve();
}

void Session::StartRequest() {
  head_.assign(in_, 0, parser_.head_size());
  in_.erase(0, parser_.head_size());
  cancellation_ = std::make_unique<Cancellation>();
  extra_headers_.clear();
  status_ = 0;
  bytes_sent_ = 0;
  keep_alive_ = parser_.keep_alive();
  streaming_ = stream_ended_ = chunked_reply_ = aborted_ = false;
  streams_body_ = body_begun_ = body_ended_ = false;
  body_left_ = parser_.length();
}

bool Session::FillRequest() {
  request_.method = parser_.method().In(head_);
  request_.target = parser_.target().In(head_);
  request_.headers.clear();
  for (const auto& field : parser_.fields()) {
    request_.headers.push_back({field.name.In(head_), field.value.In(head_)});
  }
  request_.body.clear();
  std::string_view path = request_.target;
  if (const std::size_t scheme = path.find("://"); !path.starts_with('/') && scheme != path.npos) {
    const std::size_t slash = path.find('/', scheme + 3);
    path = slash == path.npos ? std::string_view("/") : path.substr(slash);
  }
  const std::size_t mark = path.find('?');
  request_.query = mark == path.npos ? std::string_view() : path.substr(mark + 1);
  return PercentDecode(path.substr(0, mark), false, &request_.path);
}

Task<bool> Session::Serve() {
  phase_ = Phase::kHandling;
  expires_ = Clock::time_point::max();
  Arm();
  try {
    co_await host_.handler->Handle(*this);
  } catch (const std::exception& error) {
    LogError("a handler threw", {{"path", request_.path}, {"error", error.what()}});
  }
  phase_ = Phase::kWriting;
  if (!closed_ && status_ == 0 && !aborted_) {
    const Status sent =
        co_await Send(host_.handler->ErrorReply(500, "the server failed to answer this request"));
    if (!sent) co_return false;
  }
  if (aborted_ || (streaming_ && !stream_ended_)) co_return false;
  if (BodyIsUnread() && !closed_ && !left_) {
    co_await Linger();
    co_return false;
  }
  if (host_.draining) co_return false;
  co_return keep_alive_ && !closed_;
}

Task<bool> Session::ReadHead() {
  while (true) {
    const auto state = parser_.Parse(in_);
    if (state == RequestParser::State::kDone) co_return true;
    if (state == RequestParser::State::kFailed) {
      const HttpFault failure = parser_.failure();
      co_await Refuse(failure.status, failure.why);
      co_return false;
    }
    const Read read = co_await ReadSome(&in_, kReadSize);
    if (read == Read::kTimeout && parser_.started()) {
      co_await Refuse(408, "the request's head took too long to arrive");
    }
    if (read != Read::kOk) co_return false;
  }
}

// Answers a request that cannot be served and gives the client time to read the answer.
Task<void> Session::Refuse(int status, std::string_view why) {
  timed_out_ = false;
  keep_alive_ = false;
  streaming_ = false;
  status_ = 0;
  extra_headers_.clear();
  if (phase_ == Phase::kBody) host_.handler->BeginReply(*this);
  phase_ = Phase::kWriting;
  Reply reply = host_.handler->ErrorReply(status, why);
  if (status == 503) reply.headers.emplace_back("retry-after", "1");
  const Status sent = co_await Send(std::move(reply));
  if (sent) co_await Linger();
}

// Closing with unread bytes resets the connection and may take the reply with it.
Task<void> Session::Linger() {
  phase_ = Phase::kLingering;
  boost::system::error_code ignored;
  socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
  ExpireIn(kLingerTime);
  Read read = Read::kOk;
  while (read == Read::kOk) {
    in_.clear();
    read = co_await ReadSome(&in_, kReadSize);
  }
}

void Session::ReleaseBuffers() {
  released_ = true;
  std::string().swap(in_);
  std::string().swap(head_);
  std::string().swap(out_);
  std::string().swap(request_.body);
  std::string().swap(request_.path);
  std::vector<Header>().swap(request_.headers);
  parser_.Release();
  cancellation_.reset();
}

void Session::CheckExpiry(Clock::time_point now) {
  if (phase_ == Phase::kIdle && now - idle_since_ > kKeepBuffers && !released_) ReleaseBuffers();
  if (now < expires_) return;
  const auto self = shared_from_this();  // waking may end the session
  expires_ = Clock::time_point::max();
  timed_out_ = true;
  if (cancellation_ != nullptr) cancellation_->Cancel();
  readable_.Wake();
  writable_.Wake();
}

void Session::CloseIfIdle() {
  if (phase_ == Phase::kIdle) Kill();
}

void Session::Kill() {
  const auto self = shared_from_this();  // waking may end the session
  closed_ = true;
  if (cancellation_ != nullptr) cancellation_->Cancel();
  boost::system::error_code ignored;
  socket_.close(ignored);
  readable_.Wake();
  writable_.Wake();
}

Task<Session::Read> Session::ReadSome(std::string* into, std::size_t limit) {
  std::vector<char>& scratch = host_.scratch;
  const std::size_t size = std::min(limit, scratch.size());
  while (true) {
    if (closed_) co_return Read::kClosed;
    if (timed_out_) co_return Read::kTimeout;
    const ssize_t n = ::recv(socket_.native_handle(), scratch.data(), size, MSG_DONTWAIT);
    if (n > 0) {
      into->append(scratch.data(), static_cast<std::size_t>(n));
      co_return Read::kOk;
    }
    if (n == 0) co_return Read::kClosed;
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) co_return Read::kClosed;
    Arm();
    co_await readable_.Wait();
  }
}

void Session::Arm() {
  if (armed_ || closed_) return;
  armed_ = true;
  socket_.async_wait(TcpSocket::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       self->OnReadable(error);
                     });
}

void Session::OnReadable(const boost::system::error_code& error) {
  armed_ = false;
  if (closed_) return;
  if (readable_.waiting()) {
    readable_.Wake();
  } else if (!error) {
    DetectDisconnect();
  }
}

// Data means a pipelined request, which waits its turn; an end means that the client has left.
void Session::DetectDisconnect() {
  std::vector<char>& scratch = host_.scratch;
  const ssize_t n = ::recv(socket_.native_handle(), scratch.data(), kReadSize, MSG_DONTWAIT);
  if (n > 0) {
    in_.append(scratch.data(), static_cast<std::size_t>(n));
    return in_.size() < kMaxPipelined ? Arm() : AwaitError();
  }
  if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return Arm();
  Leave();
}

// For a client that has sent so much ahead that no more is read: a reset is still noticed.
void Session::AwaitError() {
  if (std::exchange(awaits_error_, true)) return;
  socket_.async_wait(TcpSocket::wait_error,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       self->awaits_error_ = false;
                       if (!error && !self->closed_) self->Leave();
                     });
}

void Session::Leave() {
  left_ = true;
  keep_alive_ = false;
  if (cancellation_ != nullptr) cancellation_->Cancel();
  writable_.Wake();
}

// False: there will be no room.
Task<bool> Session::WaitWritable() {
  if (left_) co_return false;
  socket_.async_wait(
      TcpSocket::wait_write,
      [self = shared_from_this()](const boost::system::error_code&) { self->writable_.Wake(); });
  ExpireIn(host_.options->write_timeout);
  co_await writable_.Wait();
  if (timed_out_) Kill();
  co_return !closed_ && !left_;
}

Task<bool> Session::WriteAll(std::string_view head, std::string_view body) {
  while (!head.empty() || !body.empty()) {
    if (closed_) co_return false;
    const iovec pieces[2] = {{const_cast<char*>(head.data()), head.size()},
                             {const_cast<char*>(body.data()), body.size()}};
    const std::span<const iovec> all(head.empty() ? pieces + 1 : pieces,
                                     head.empty() || body.empty() ? 1 : 2);
    ssize_t n = 0;
    if (host_.sends.busy()) {
      host_.sends.Add(socket_, all);
      n = co_await host_.sends.Sent();
    } else {
      n = host_.sends.SendNow(socket_, all);
    }
    if (n >= 0) {
      const std::size_t of_head = std::min(head.size(), static_cast<std::size_t>(n));
      head.remove_prefix(of_head);
      body.remove_prefix(static_cast<std::size_t>(n) - of_head);
      bytes_sent_ += static_cast<std::size_t>(n);
    } else if (n == -EAGAIN || n == -EWOULDBLOCK) {
      const bool writable = co_await WaitWritable();
      if (!writable) co_return false;
    } else if (n != -EINTR) {
      if (cancellation_ != nullptr) cancellation_->Cancel();
      co_return false;
    }
  }
  expires_ = Clock::time_point::max();
  co_return true;
}

}  // namespace moerge::http
