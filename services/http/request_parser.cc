#include "services/http/request_parser.h"

#include <algorithm>

namespace moerge::http {
namespace {

constexpr std::size_t kMaxChunkLine = 16 << 10;  // and all trailers together

}  // namespace

void RequestParser::Reset(std::size_t max_head) {
  parser_.Reset();
  failure_ = {};
  max_head_ = max_head;
  begin_ = end_ = scanned_ = 0;
  started_ = first_line_read_ = false;
}

RequestParser::State RequestParser::Fail(int status, std::string_view why) {
  failure_ = {status, why};
  return State::kFailed;
}

RequestParser::State RequestParser::Parse(std::string_view buffer) {
  while (true) {
    const std::size_t newline = buffer.find('\n', scanned_);
    const std::size_t end = newline == buffer.npos ? buffer.size() : newline + 1;
    if (end > max_head_) return Fail(431, "the request's head is larger than this server reads");
    if (newline == buffer.npos) return AwaitLine(buffer);
    if (newline == end_ || buffer[newline - 1] != '\r') {
      return Fail(400, "a line does not end in CR LF");
    }
    const bool empty = newline - 1 == end_;
    end_ = scanned_ = end;
    if (empty && started_) return Finish(buffer.substr(0, end_));
    if (empty) begin_ = end_;  // let pass before the first line (RFC 9112, 2.2)
    started_ = started_ || !empty;
  }
}

// A first line that is wrong is refused without waiting for the rest, or for its own end.
RequestParser::State RequestParser::AwaitLine(std::string_view buffer) {
  scanned_ = buffer.size();
  const bool line_seen = started_ && end_ > begin_;
  const std::string_view seen = buffer.substr(begin_, line_seen ? end_ - begin_ : buffer.npos);
  started_ = started_ || (!seen.empty() && seen != "\r");
  if (!started_ || first_line_read_) return State::kMore;
  if (!line_seen) {
    // Beast reads no part of a line twice: only its first byte is looked at here.
    const char first = seen.front();
    const bool may_be_method = (first >= 'A' && first <= 'Z') || (first >= 'a' && first <= 'z') ||
                               (first >= '0' && first <= '9') ||
                               std::string_view("!#$%&'*+-.^_`|~").find(first) != seen.npos;
    if (!may_be_method) return Fail(400, "the first line does not begin with a method");
    return State::kMore;
  }
  first_line_read_ = true;
  const std::size_t line = seen.find('\n') + 1;
  if (parser_.ReadFirstLine(buffer.substr(0, begin_ + line), begin_)) return State::kMore;
  failure_ = parser_.fault();
  return State::kFailed;
}

RequestParser::State RequestParser::Finish(std::string_view head) {
  if (parser_.ReadHead(head, begin_)) return State::kDone;
  failure_ = parser_.fault();
  return State::kFailed;
}

RequestParser::State RequestParser::DecodeChunks(std::string_view input, std::string* body,
                                                 std::size_t* used) {
  std::string_view rest = input;
  std::string_view piece;
  while (true) {
    const std::size_t before = rest.size();
    const HttpParser::Step step = parser_.ReadBody(&rest, &piece);
    *used = input.size() - rest.size();
    if (step == HttpParser::Step::kFailed) return Fail(parser_.fault().status, parser_.fault().why);
    if (step == HttpParser::Step::kBody) {
      body->append(piece);
      continue;
    }
    const bool more = step == HttpParser::Step::kMore;
    if ((more ? before : before - rest.size()) > kMaxChunkLine) {
      return Fail(400, "a chunk's line or the trailers are too long");
    }
    if (more) return State::kMore;
    if (step == HttpParser::Step::kEnd) return State::kDone;
  }
}

}  // namespace moerge::http
