#include "adapters/lean_exchange.h"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

#include "adapters/lean_drain.h"
#include "config/base/event.h"

namespace moerge {
namespace {

using Step = ResponseParser::Step;

constexpr std::size_t kMaxGather = 64;

std::string Milliseconds(std::chrono::milliseconds time) {
  return std::to_string(time.count()) + " ms";
}

}  // namespace

LeanExchange::LeanExchange(std::shared_ptr<LeanPool> pool, LeanOrigin& origin,
                           const OutboundRequest& request, const CallScope& scope)
    : pool_(std::move(pool)),
      origin_(origin),
      request_(request),
      deadline_(scope.deadline),
      idle_timeout_(request.idle_timeout),
      workspace_(pool_->TakeWorkspace()) {
  if (scope.cancellation == nullptr) return;
  registration_ = scope.cancellation->OnCancel([this] {
    Abort(Error{ErrorCode::kCancelled, "the call was cancelled"});
  });
}

LeanExchange::~LeanExchange() {
  if (connection_ && Complete()) Release();
  Leave();
  pool_->GiveWorkspace(std::move(workspace_));
}

void LeanExchange::Finish() {
  if (!connection_ || failure_) return;
  if (Complete()) return Release();
  if (failure_) return;
  const bool sent = piece_ > request_.body.size();
  registration_.Release();
  Leave();
  if (sent && !closed_) {
    StartDrain(pool_, origin_, std::move(connection_), std::move(workspace_));
    workspace_ = pool_->TakeWorkspace();
  }
  connection_.reset();
}

Task<Status> LeanExchange::Run(const Url& url) {
  if (failure_) co_return *failure_;
  if (deadline_.Passed()) co_return Error{ErrorCode::kTimeout, "the request's deadline has passed"};
  if (Status head = WriteHead(url); !head) co_return head;
  while ((connection_ = pool_->TakeIdle(origin_))) {
    Status done = co_await Exchange(true);
    if (done.ok() || !MayRetry()) co_return done;
    if (AnythingSent() && !request_.resend) co_return done;
    failure_.reset();
    if (AnythingSent()) break;
  }
  Status connected = co_await Connect();
  if (!connected) co_return connected;
  Status fresh = co_await Exchange(false);
  co_return fresh;
}

Status LeanExchange::WriteHead(const Url& url) {
  std::string& head = workspace_->head;
  head.assign(request_.method);
  head.append(url.target.starts_with('/') ? " " : " /").append(url.target);
  head.append(" HTTP/1.1\r\nHost: ").append(url.authority).append("\r\n");
  for (const auto& [name, value] : request_.headers) {
    if (HasControl(name) || HasControl(value)) {
      return Error{ErrorCode::kInvalid,
                   "the value of the header " + name + " holds a control character"};
    }
    head.append(name).append(": ").append(value).append("\r\n");
  }
  std::size_t size = 0;
  for (const std::string_view piece : request_.body) size += piece.size();
  if (size > 0 || request_.method == "POST" || request_.method == "PUT") {
    head.append("Content-Length: ").append(std::to_string(size)).append("\r\n");
  }
  head.append("\r\n");
  return Ok{};
}

Task<Status> LeanExchange::Exchange(bool kept) {
  ResponseParser& parser = workspace_->parser;
  kept_ = kept;
  parser.Reset(request_.method == "HEAD");
  piece_ = offset_ = 0;
  send_failed_ = has_head_ = closed_ = false;
  input_ = {};
  Status sent = co_await SendAll();
  if (!sent) co_return sent;
  if (!has_head_) Watch(Phase::kHead, request_.first_byte_timeout);
  while (!has_head_) {
    Status more = co_await Fill();
    if (!more) co_return more;
    auto head = ParseHead();
    if (!head) co_return std::move(head).error();
  }
  phase_ = Phase::kIdle;
  co_return Ok{};
}

Result<bool> LeanExchange::ParseHead() {
  std::string_view piece;
  auto step = workspace_->parser.Next(&input_, &piece);
  if (!step) return Fail(std::move(step).error());
  has_head_ = *step == Step::kHead;
  if (closed_ && !has_head_) return Fail(std::move(workspace_->parser.EndOfStream()).error());
  return has_head_;
}

// A server may answer before it has read everything: then the rest is not sent.
Task<Status> LeanExchange::SendAll() {
  if (pool_->sends().busy()) {
    SendWithOthers();
    const ssize_t taken = co_await pool_->sends().Sent();
    if (failure_) co_return *failure_;
    Took(taken);
    if (failure_) co_return *failure_;
  }
  while (!SendSome() && !send_failed_) {
    Watch(Phase::kSend, request_.first_byte_timeout);
    const bool readable = co_await WaitForRoom();
    if (failure_) co_return *failure_;
    if (!readable) continue;
    Status more = co_await Fill();
    if (!more) co_return more;
    auto head = ParseHead();
    if (!head) co_return std::move(head).error();
    if (*head) break;
  }
  if (failure_) co_return *failure_;
  co_return Ok{};
}

// What is there to read before a request begins cannot be its answer: it may be another's.
SendQueue::When LeanExchange::WhenToSend() const {
  return kept_ && !AnythingSent() ? SendQueue::When::kIfQuiet : SendQueue::When::kAlways;
}

// Apart from the coroutine, whose frame has no room for the pieces.
void LeanExchange::SendWithOthers() {
  iovec pieces[kMaxGather];
  const std::size_t count = Gather(pieces, kMaxGather);
  pool_->sends().Add(connection_->socket, {pieces, count}, WhenToSend());
}

// Sends what the kernel takes now; true once everything is sent.
bool LeanExchange::SendSome() {
  while (piece_ <= request_.body.size()) {
    iovec pieces[kMaxGather];
    const std::size_t count = Gather(pieces, kMaxGather);
    if (!Took(pool_->sends().SendNow(connection_->socket, {pieces, count}, WhenToSend()))) {
      return false;
    }
  }
  return true;
}

// What a send has given. False: the kernel takes no more, for now or at all.
bool LeanExchange::Took(ssize_t taken) {
  if (taken == -EINTR) return true;
  if (taken == -ESTALE) {
    LeanPool::DoubtIfUnasked(origin_, *connection_);
    Fail(Error{ErrorCode::kUnavailable, "the expert had ended a kept connection, or sent on it"});
  }
  send_failed_ = taken < 0 && taken != -EAGAIN && taken != -EWOULDBLOCK;
  if (taken < 0) return false;
  Sent(static_cast<std::size_t>(taken));
  return true;
}

std::size_t LeanExchange::Gather(iovec* out, std::size_t room) const {
  std::size_t count = 0;
  std::size_t offset = offset_;
  for (std::size_t i = piece_; i <= request_.body.size() && count < room; ++i) {
    const std::string_view piece = i == 0 ? workspace_->head : request_.body[i - 1];
    out[count++] = iovec{const_cast<char*>(piece.data()) + offset, piece.size() - offset};
    offset = 0;
  }
  return count;
}

void LeanExchange::Sent(std::size_t bytes) {
  while (piece_ <= request_.body.size()) {
    const std::size_t size =
        piece_ == 0 ? workspace_->head.size() : request_.body[piece_ - 1].size();
    if (size - offset_ > bytes) {
      offset_ += bytes;
      return;
    }
    bytes -= size - offset_;
    offset_ = 0;
    ++piece_;
  }
}

// Waits until more can be sent, or something can be read, which is what it returns.
Task<bool> LeanExchange::WaitForRoom() {
  struct Either {
    explicit Either(const Executor& executor) : event(executor) {}
    Event event;
    bool readable = false;
  };
  const auto either = std::make_shared<Either>(pool_->executor());
  connection_->socket.async_wait(
      TcpSocket::wait_write, [either](const boost::system::error_code&) { either->event.Set(); });
  connection_->socket.async_wait(TcpSocket::wait_read,
                                 [either](const boost::system::error_code& error) {
                                   either->readable = !error;
                                   either->event.Set();
                                 });
  co_await either->event.Wait();
  boost::system::error_code ignored;
  connection_->socket.cancel(ignored);
  co_return either->readable;
}

// Reads once. REQUIRES: input_ is used up.
Task<Status> LeanExchange::Fill() {
  boost::system::error_code error;
  std::size_t size = 0;
  auto read = [&](Resumption done) {
    connection_->socket.async_read_some(
        boost::asio::buffer(workspace_->input.get(), LeanWorkspace::kInput),
        [&error, &size, done = std::move(done)](const boost::system::error_code& result,
                                                std::size_t bytes) mutable {
          error = result;
          size = bytes;
          done();
        });
  };
  co_await Suspend(read);
  if (failure_) co_return *failure_;
  input_ = std::string_view(workspace_->input.get(), size);
  if (!error) co_return Ok{};
  closed_ = true;
  Status end = workspace_->parser.EndOfStream();
  if (end.ok() && error == boost::asio::error::eof) co_return end;
  if (end.ok()) end = Error{ErrorCode::kUpstream, "the connection to the expert broke"};
  co_return Fail(std::move(end).error());
}

Task<Result<std::string_view>> LeanExchange::Read() {
  for (;;) {
    if (failure_) co_return *failure_;
    std::string_view piece;
    auto step = workspace_->parser.Next(&input_, &piece);
    if (!step) co_return Fail(std::move(step).error());
    if (*step == Step::kBody) co_return piece;
    if (*step == Step::kEnd || closed_) {
      Release();
      co_return std::string_view();
    }
    Watch(Phase::kBody, idle_timeout_);
    Status more = co_await Fill();
    phase_ = Phase::kIdle;
    if (!more) co_return std::move(more).error();
  }
}

// A kept connection that ended without a byte was closed before the server saw the request.
bool LeanExchange::MayRetry() const {
  return failure_ && failure_->code == ErrorCode::kUnavailable && !workspace_->parser.started();
}

void LeanExchange::Watch(Phase phase, std::chrono::milliseconds limit) {
  phase_ = phase;
  const Deadline due = limit.count() > 0 ? deadline_.Within(limit) : deadline_;
  pool_->watch().Set(*this, due.when());
}

void LeanExchange::OnDue() {
  if (deadline_.Passed()) {
    return Abort(
        Error{ErrorCode::kTimeout, "the request's deadline passed before the expert was done"});
  }
  switch (phase_) {
    case Phase::kIdle: return pool_->watch().Set(*this, deadline_.when());
    case Phase::kConnect: {
      boost::system::error_code ignored;
      if (connection_) connection_->socket.close(ignored);  // the next address gets its turn
      return;
    }
    case Phase::kSend:
    case Phase::kHead:
      return Abort(Error{ErrorCode::kTimeout, "the expert did not answer within " +
                                                  Milliseconds(request_.first_byte_timeout)});
    case Phase::kBody:
      return Abort(Error{ErrorCode::kTimeout,
                         "the expert sent nothing more for " + Milliseconds(idle_timeout_)});
  }
}

// Ends the exchange from outside its coroutine, which wakes up and finds the failure.
void LeanExchange::Abort(Error error) {
  if (!failure_) failure_ = std::move(error);
  boost::system::error_code ignored;
  if (connection_) connection_->socket.close(ignored);
  WakeLookup();
}

Error LeanExchange::Fail(Error error) {
  failure_ = error;
  boost::system::error_code ignored;
  if (connection_) connection_->socket.close(ignored);
  return error;
}

// Whether what was received reaches the response's end.
bool LeanExchange::Complete() {
  if (failure_ || !has_head_) return false;
  std::string_view piece;
  for (;;) {
    auto step = workspace_->parser.Next(&input_, &piece);
    if (!step) Fail(std::move(step).error());
    if (failure_ || *step == Step::kNeedMore) return false;
    if (*step == Step::kEnd) return true;
  }
}

void LeanExchange::Release() {
  if (!connection_) return;
  const bool sent = piece_ > request_.body.size();
  LeanPool::DoubtIfUnasked(origin_, input_);
  if (sent && !closed_ && input_.empty() && workspace_->parser.keep_alive()) {
    pool_->GiveIdle(origin_, std::move(connection_));
  }
  connection_.reset();
  registration_.Release();
  Leave();
}

}  // namespace moerge
