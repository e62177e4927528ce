#include "adapters/response_parser.h"

#include <algorithm>

#include "config/base/text.h"

namespace moerge {
namespace {

constexpr int kMaxInterim = 1'000;  // some servers send one every few seconds, as a sign of life
Error MalformedReply(std::string_view what) {
  return Error{ErrorCode::kUpstream, "the expert's HTTP reply is malformed: " + std::string(what)};
}

bool IsBlankAt(std::string_view text, std::size_t at) {
  return at < text.size() && (text[at] == ' ' || text[at] == '\t');
}

// Takes the blanks out that fill a whole chunk's line up behind its size.
void TrimPadding(std::string* line) {
  const std::size_t begin = HttpParser::ChunkSizeEnd(*line);
  std::size_t end = begin;
  while (IsBlankAt(*line, end)) ++end;
  if (end + 2 == line->size()) line->erase(begin, end - begin);
}

}  // namespace

void ResponseParser::Reset(bool head_request) {
  parser_.Reset(head_request);
  state_ = State::kHead;
  head_request_ = head_request;
  started_ = keep_alive_ = false;
  interim_ = 0;
  head_.clear();
  scanned_ = 0;
  line_.clear();
}

std::string_view ResponseParser::Header(std::string_view name) const {
  const std::string_view head = head_;
  for (const HttpField& field : parser_.head().fields) {
    if (field.name.size == name.size() && EqualsIgnoreCase(field.name.In(head), name)) {
      return field.value.In(head);
    }
  }
  return {};
}

Result<ResponseParser::Step> ResponseParser::Next(std::string_view* input,
                                                  std::string_view* piece) {
  if (state_ != State::kHead) return NextBody(input, piece);
  if (input->empty()) return Step::kNeedMore;
  started_ = true;
  while (!input->empty()) {
    auto complete = TakeHead(input);
    if (!complete) return std::move(complete).error();
    if (!*complete) return Step::kNeedMore;
    if (Status head = ReadHead(); !head) return std::move(head).error();
    if (status() >= 200) return Step::kHead;
    if (status() == 101) return MalformedReply("it switches protocols unasked");
    if (++interim_ > kMaxInterim) return MalformedReply("it has too many interim responses");
    parser_.Reset(head_request_);
    head_.clear();
    scanned_ = 0;
  }
  return Step::kNeedMore;
}

// Moves bytes to head_ up to its end, the first empty line.
Result<bool> ResponseParser::TakeHead(std::string_view* input) {
  const std::size_t before = head_.size();
  const std::size_t room = kMaxHead - before;
  head_.append(input->substr(0, room));
  // A server that speaks something else is told apart at once, not after 64 KiB or a timeout.
  const std::string_view start = "HTTP/1.";
  const std::size_t known = std::min(start.size(), head_.size());
  if (head_.compare(0, known, start, 0, known) != 0) {
    return MalformedReply("it does not begin with HTTP/1.x");
  }
  const std::size_t end = head_.find("\r\n\r\n", scanned_);
  if (end == head_.npos) {
    if (input->size() >= room) {
      return Error{ErrorCode::kUpstream, "the head of the expert's HTTP reply is over 64 KiB"};
    }
    if (HasBareLineFeed(head_, scanned_)) return MalformedReply("a line does not end in CR LF");
    scanned_ = head_.size() < 3 ? 0 : head_.size() - 3;
    *input = {};
    return false;
  }
  input->remove_prefix(end + 4 - before);
  head_.resize(end + 4);
  return true;
}

Status ResponseParser::ReadHead() {
  constexpr std::size_t kCodeEnd = std::string_view("HTTP/1.1 200").size();
  if (head_.size() > kCodeEnd && head_[kCodeEnd] == '\r') head_.insert(kCodeEnd, 1, ' ');
  if (!parser_.ReadHead(head_, 0)) return MalformedReply(parser_.fault().why);
  if (status() < 200) return Ok{};
  keep_alive_ = parser_.head().keep_alive;
  state_ = parser_.complete() ? State::kEnd : State::kBody;
  return Ok{};
}

Result<ResponseParser::Step> ResponseParser::NextBody(std::string_view* input,
                                                      std::string_view* piece) {
  while (state_ == State::kBody) {
    auto step = Continue(input, piece);
    if (!step) return std::move(step).error();
    switch (*step) {
      case HttpParser::Step::kMore: return Step::kNeedMore;
      case HttpParser::Step::kSkip: break;
      case HttpParser::Step::kBody:
        if (parser_.complete()) state_ = State::kEnd;
        return Step::kBody;
      case HttpParser::Step::kEnd: state_ = State::kEnd; break;
      case HttpParser::Step::kFailed: return MalformedReply(parser_.fault().why);
    }
  }
  return Step::kEnd;
}

// One step of the body. A chunk's line is read where it lies, unless it was cut or is padded: then
// it is put together in line_.
Result<HttpParser::Step> ResponseParser::Continue(std::string_view* input,
                                                  std::string_view* piece) {
  if (input->empty()) return HttpParser::Step::kMore;
  const bool at_line = parser_.at_chunk_line();
  std::string_view rest = *input;
  const bool in_place =
      line_.empty() && !(at_line && IsBlankAt(*input, HttpParser::ChunkSizeEnd(*input)));
  if (!in_place) {
    TakeLine(input);
    if (!line_.ends_with('\n') && line_.size() <= kMaxChunkLine) return HttpParser::Step::kMore;
    rest = line_;
  }
  const std::size_t size = rest.size();
  const HttpParser::Step step = parser_.ReadBody(&rest, piece);
  const bool more = step == HttpParser::Step::kMore;
  const bool in_trailers = parser_.in_trailers() || step == HttpParser::Step::kEnd;
  const std::size_t line = more ? size : size - rest.size();
  if (at_line && line > (in_trailers ? kMaxHead : kMaxChunkLine)) {
    return MalformedReply("a chunk's line or the trailers are too long");
  }
  if (in_place) {
    if (more) line_.assign(rest);
    *input = more ? std::string_view() : rest;
    return step;
  }
  if (!more) line_.clear();
  return more && !input->empty() ? HttpParser::Step::kSkip : step;
}

// Moves bytes to line_ up to the next line's end.
void ResponseParser::TakeLine(std::string_view* input) {
  const std::size_t newline = input->find('\n');
  const std::size_t size = newline == input->npos ? input->size() : newline + 1;
  line_.append(input->substr(0, size));
  input->remove_prefix(size);
  if (line_.size() > 2 && line_.ends_with("\r\n") && !parser_.in_trailers()) TrimPadding(&line_);
}

Status ResponseParser::EndOfStream() const {
  if (state_ == State::kHead) {
    return Error{ErrorCode::kUnavailable, "the expert closed the connection before it answered"};
  }
  if (state_ == State::kEnd || parser_.until_close()) return Ok{};
  return Error{ErrorCode::kUpstream, "the expert closed the connection inside its reply"};
}

}  // namespace moerge
