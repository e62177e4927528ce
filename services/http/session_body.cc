// How a session reads the bodies of requests: whole, or piece by piece as their handler asks.
#include <algorithm>

#include "services/http/session.h"

namespace moerge::http {

Error Session::ClientLeft() {
  return Error{ErrorCode::kCancelled, "the client closed its connection"};
}

bool Session::HasBody() const {
  return parser_.chunked() || (parser_.has_length() && parser_.length() > 0);
}

Task<bool> Session::ReadBody() {
  if (!HasBody()) co_return true;
  if (parser_.length() > host_.options->max_body_bytes) {
    co_await Refuse(413, "the request's body is larger than this server reads");
    co_return false;
  }
  const bool sent = co_await SendContinue();
  if (!sent) co_return false;
  if (parser_.chunked()) co_return co_await ReadChunkedBody();
  co_return co_await ReadSizedBody();
}

Task<bool> Session::SendContinue() {
  if (!parser_.expects_continue() || !in_.empty()) co_return true;
  co_return co_await WriteAll("HTTP/1.1 100 Continue\r\n\r\n", std::string_view());
}

Task<bool> Session::ReadSizedBody() {
  const std::size_t length = parser_.length();
  const std::size_t buffered = std::min(length, in_.size());
  std::string& body = request_.body;
  body.assign(in_, 0, buffered);
  in_.erase(0, buffered);
  while (body.size() < length) {
    // Memory follows what has arrived, not what was announced.
    const Read read = co_await ReadSome(&body, length - body.size());
    if (read == Read::kTimeout) {
      co_await Refuse(408, "the request's body took too long to arrive");
    }
    if (read != Read::kOk) co_return false;
    const bool room = co_await GrowBody();
    if (!room) co_return false;
  }
  co_return true;
}

Task<bool> Session::ReadChunkedBody() {
  while (true) {
    std::size_t used = 0;
    const auto state = parser_.DecodeChunks(in_, &request_.body, &used);
    in_.erase(0, used);
    if (state == RequestParser::State::kFailed) {
      const HttpFault failure = parser_.failure();
      co_await Refuse(failure.status, failure.why);
      co_return false;
    }
    if (request_.body.size() > host_.options->max_body_bytes) {
      co_await Refuse(413, "the request's body is larger than this server reads");
      co_return false;
    }
    const bool room = co_await GrowBody();
    if (!room) co_return false;
    if (state == RequestParser::State::kDone) co_return true;
    const Read read = co_await ReadSome(&in_, kReadSize);
    if (read == Read::kTimeout) {
      co_await Refuse(408, "the request's body took too long to arrive");
    }
    if (read != Read::kOk) co_return false;
  }
}

// After more of the body has come. False: the request was refused.
Task<bool> Session::GrowBody() {
  if (body_share_.GrowTo(request_.body.size())) co_return true;
  std::string().swap(request_.body);
  co_await Refuse(503, kNoBodyRoom);
  co_return false;
}

Task<Result<std::string>> Session::ReadBodyPiece() {
  std::string piece;
  if (!streams_body_ || body_ended_) co_return piece;
  if (!std::exchange(body_begun_, true)) {
    const bool sent = co_await SendContinue();
    if (!sent) co_return ClientLeft();
  }
  Status filled = Ok{};
  while (filled && piece.empty() && !body_ended_) filled = co_await FillPiece(&piece);
  if (!filled) co_return std::move(filled).error();
  co_return piece;
}

// More of the body, or its end.
Task<Status> Session::FillPiece(std::string* piece) {
  if (parser_.chunked()) {
    std::size_t used = 0;
    const auto state = parser_.DecodeChunks(in_, piece, &used);
    in_.erase(0, used);
    body_ended_ = state == RequestParser::State::kDone;
    if (state == RequestParser::State::kFailed) {
      const HttpFault failure = parser_.failure();
      co_return Error{.code = ErrorCode::kInvalid,
                      .message = std::string(failure.why),
                      .status = failure.status};
    }
    if (body_ended_ || !piece->empty()) co_return Ok{};
    co_return co_await ReadPiece(&in_, kReadSize);
  }
  const std::size_t most = std::min<std::uint64_t>(body_left_, host_.scratch.size());
  if (in_.empty()) {
    Status read = co_await ReadPiece(piece, most);
    if (!read) co_return read;
  } else {
    piece->assign(in_, 0, most);
    in_.erase(0, piece->size());
  }
  body_left_ -= piece->size();
  body_ended_ = body_left_ == 0;
  co_return Ok{};
}

Task<Status> Session::ReadPiece(std::string* into, std::size_t limit) {
  ExpireIn(host_.options->body_timeout);
  const Read read = co_await ReadSome(into, limit);
  expires_ = Clock::time_point::max();
  if (read == Read::kOk) co_return Ok{};
  keep_alive_ = false;
  if (read == Read::kClosed) co_return ClientLeft();
  timed_out_ = false;  // the reply can be written
  co_return Error{.code = ErrorCode::kTimeout,
                  .message = "the request's body took too long to arrive",
                  .status = 408};
}

}  // namespace moerge::http
