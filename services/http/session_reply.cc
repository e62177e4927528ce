// The reply side of a session: heads, whole replies, streams.
#include <charconv>

#include "services/http/session.h"

namespace moerge::http {
namespace {

void AppendNumber(std::uint64_t number, int base, std::string* out) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number, base).ptr;
  out->append(digits, end - digits);
}

bool MayHaveBody(int status) { return status != 204 && status != 304 && status >= 200; }

}  // namespace

void Session::SetHeader(std::string_view name, std::string value) {
  // A line break in a value would let its author add headers.
  for (char& c : value) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  extra_headers_.append(name).append(": ").append(value).append("\r\n");
}

void Session::AppendHead(int status, std::string_view content_type, std::string* out) {
  out->append("HTTP/1.1 ");
  AppendNumber(static_cast<std::uint64_t>(status), 10, out);
  out->append(" ").append(StatusText(status)).append("\r\n");
  if (!content_type.empty()) out->append("content-type: ").append(content_type).append("\r\n");
  out->append(extra_headers_);
  if (BodyIsUnread()) keep_alive_ = false;
  if (!keep_alive_ || host_.draining) {
    keep_alive_ = false;
    out->append("connection: close\r\n");
  }
}

Task<Status> Session::Send(Reply reply) {
  if (status_ != 0) co_return Error{ErrorCode::kInternal, "a reply was sent twice"};
  status_ = reply.status;
  for (auto& [name, value] : reply.headers) SetHeader(name, std::move(value));
  out_.clear();
  AppendHead(reply.status, reply.content_type, &out_);
  if (MayHaveBody(reply.status)) {
    out_.append("content-length: ");
    AppendNumber(reply.body.size(), 10, &out_);
    out_.append("\r\n");
  }
  out_.append("\r\n");
  const bool with_body = MayHaveBody(reply.status) && request_.method != "HEAD";
  std::string_view body;
  if (with_body) body = reply.body;
  const bool sent = co_await WriteAll(out_, body);
  if (!sent) co_return ClientLeft();
  co_return Ok{};
}

Task<Status> Session::BeginStream(int status, std::string_view content_type) {
  if (status_ != 0) co_return Error{ErrorCode::kInternal, "a reply was sent twice"};
  status_ = status;
  streaming_ = true;
  chunked_reply_ = !parser_.http_1_0();
  if (!chunked_reply_) keep_alive_ = false;
  out_.clear();
  AppendHead(status, content_type, &out_);
  if (chunked_reply_) out_.append("transfer-encoding: chunked\r\n");
  out_.append("\r\n");
  // The head waits in out_ for the first piece: one packet instead of two.
  co_return Ok{};
}

Task<Status> Session::BeginSized(int status, std::string_view content_type, std::uint64_t size) {
  if (status_ != 0) co_return Error{ErrorCode::kInternal, "a reply was sent twice"};
  status_ = status;
  streaming_ = true;
  out_.clear();
  AppendHead(status, content_type, &out_);
  out_.append("content-length: ");
  AppendNumber(size, 10, &out_);
  out_.append("\r\n\r\n");
  co_return Ok{};
}

Task<Status> Session::Write(std::string_view bytes) {
  if (bytes.empty() || request_.method == "HEAD") co_return Ok{};
  if (closed_ || (cancellation_ != nullptr && cancellation_->cancelled())) co_return ClientLeft();
  if (chunked_reply_) {
    AppendNumber(bytes.size(), 16, &out_);
    out_.append("\r\n");
  }
  bool sent = false;
  if (bytes.size() <= 8 << 10) {
    out_.append(bytes);
    if (chunked_reply_) out_.append("\r\n");
    sent = co_await WriteAll(out_, std::string_view());
    out_.clear();
  } else {
    sent = co_await WriteAll(out_, bytes);
    out_.clear();
    if (chunked_reply_) out_.append("\r\n");  // goes with the next piece or the end
  }
  if (!sent) co_return ClientLeft();
  co_return Ok{};
}

Task<Status> Session::EndStream() {
  if (chunked_reply_ && request_.method != "HEAD") out_.append("0\r\n\r\n");
  const bool sent = co_await WriteAll(out_, std::string_view());
  out_.clear();
  if (!sent) co_return ClientLeft();
  stream_ended_ = true;
  co_return Ok{};
}

Task<Status> Session::WriteUnframed(std::string_view bytes) {
  if (status_ == 0) status_ = 200;
  const bool sent = co_await WriteAll(out_, bytes);
  out_.clear();
  if (!sent) co_return ClientLeft();
  co_return Ok{};
}

void Session::Abort(bool reset) {
  aborted_ = true;
  if (!reset) return;
  boost::system::error_code ignored;
  socket_.set_option(boost::asio::socket_base::linger(true, 0), ignored);
}

}  // namespace moerge::http
