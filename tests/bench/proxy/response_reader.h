// Reads HTTP/1.1 responses of one connection incrementally and counts the events of a streamed chat
// completion in them. Single thread; one reader per connection, Reset between two responses.
// Understands Content-Length and chunked bodies; whatever else comes is Failed.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tests/bench/proxy/request_head.h"

namespace moerge::bench {

// Counts `data:` lines of a text that arrives in pieces cut anywhere.
class EventCounter {
 public:
  void Feed(std::string_view text) {
    while (!text.empty()) {
      const size_t end = text.find('\n');
      const std::string_view piece = text.substr(0, end);
      if (line_.size() < kKept) line_.append(piece.substr(0, kKept - line_.size()));
      if (end == text.npos) return;
      EndLine();
      text.remove_prefix(end + 1);
    }
  }

  int events() const { return events_; }
  bool done() const { return done_; }    // [DONE] came, and nothing after it
  bool error() const { return error_; }  // an event {"error": ...} came

 private:
  static constexpr size_t kKept = 24;  // as much of a line as tells what it is

  void EndLine() {
    const std::string_view line = line_;
    if (line.substr(0, 5) == "data:") {
      done_ = line.substr(0, 12) == "data: [DONE]";
      if (!done_) ++events_;
      if (line.find("\"error\"") != line.npos) error_ = true;
    }
    line_.clear();
  }

  std::string line_;
  int events_ = 0;
  bool done_ = false;
  bool error_ = false;
};

class ResponseReader {
 public:
  void Feed(std::string_view bytes) {
    while (!bytes.empty() && !complete_ && !failed_) {
      bytes.remove_prefix(in_body_ ? TakeBody(bytes) : TakeHead(bytes));
    }
    if (!bytes.empty() && !failed_) failed_ = true;  // more than one response was asked for
  }

  int status() const { return status_; }
  bool body_started() const { return body_started_; }
  bool complete() const { return complete_; }
  bool failed() const { return failed_; }
  const EventCounter& events() const { return events_; }

 private:
  static constexpr size_t kMostHead = 64 * 1024;

  size_t TakeHead(std::string_view bytes) {
    const size_t before = head_.size();
    head_.append(bytes);
    const size_t end = head_.find("\r\n\r\n", before < 3 ? 0 : before - 3);
    if (end == head_.npos) {
      failed_ = head_.size() > kMostHead;
      return bytes.size();
    }
    head_.resize(end + 2);
    ReadHead();
    return end + 4 - before;
  }

  void ReadHead() {
    in_body_ = true;
    if (head_.rfind("HTTP/1.1 ", 0) != 0) failed_ = true;
    status_ = std::atoi(head_.c_str() + std::min<size_t>(9, head_.size()));
    chunked_ = HasLine("transfer-encoding: chunked");
    left_ = ContentLength(head_);
    complete_ = !chunked_ && left_ == 0;
  }

  bool HasLine(std::string_view wanted) const {
    for (size_t at = head_.find("\r\n"); at != head_.npos; at = head_.find("\r\n", at + 2)) {
      if (StartsWithName(std::string_view(head_).substr(at + 2), wanted)) return true;
    }
    return false;
  }

  size_t TakeBody(std::string_view bytes) {
    if (chunked_ && left_ == 0) return TakeFraming(bytes);
    const size_t size = std::min(left_, bytes.size());
    body_started_ = true;
    events_.Feed(bytes.substr(0, size));
    left_ -= size;
    complete_ = !chunked_ && left_ == 0;
    return size;
  }

  // Size lines, the empty lines behind each chunk, and the empty line behind the last chunk.
  size_t TakeFraming(std::string_view bytes) {
    const size_t end = bytes.find('\n');
    size_line_.append(bytes.substr(0, end));
    failed_ = size_line_.size() > 1024;
    if (end == bytes.npos) return bytes.size();
    const std::string_view line(size_line_.data(), size_line_.find_last_not_of('\r') + 1);
    if (last_chunk_) {
      complete_ = line.empty();
    } else if (!line.empty()) {
      left_ = std::strtoul(size_line_.c_str(), nullptr, 16);
      last_chunk_ = left_ == 0;
    }
    size_line_.clear();
    return end + 1;
  }

  std::string head_;
  std::string size_line_;
  EventCounter events_;
  size_t left_ = 0;  // of the body, or of the current chunk
  int status_ = 0;
  bool chunked_ = false;
  bool last_chunk_ = false;
  bool in_body_ = false;
  bool body_started_ = false;
  bool complete_ = false;
  bool failed_ = false;
};

}  // namespace moerge::bench
