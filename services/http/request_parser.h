// An HTTP/1.x request in the buffer of its session: where its head ends, how large it may be, and
// its chunked body. The grammar is HttpParser's; what is refused beyond it, HttpRules'.
//
// Owner: a session; not thread-safe. It reads a buffer that the session owns and that only grows
// while a head is read; results are offsets, so the buffer may move. Refused here, at once and
// wherever the bytes are cut: bare line feeds, and heads over the limit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/http_parser.h"

namespace moerge::http {

class RequestParser {
 public:
  enum class State { kMore, kDone, kFailed };

  // `max_head`: in bytes, empty lines before it and its end counted.
  void Reset(std::size_t max_head = std::numeric_limits<std::uint32_t>::max());
  // Gives the memory back. REQUIRES: Reset comes next.
  void Release() { parser_.Release(); }

  // `buffer` begins with the head; call again with more after kMore.
  State Parse(std::string_view buffer);
  // The body, if it is chunked: takes bytes off the front of `input`, appends content to `body`,
  // and tells in `*used` how many were taken; the next call begins with the rest. Extensions and
  // trailers are read and dropped.
  State DecodeChunks(std::string_view input, std::string* body, std::size_t* used);

  const HttpFault& failure() const { return failure_; }
  // Whether anything but empty lines has been seen: tells an idle connection from a slow head.
  bool started() const { return started_; }

  // Valid after kDone.
  std::size_t head_size() const { return end_; }
  HttpSpan method() const { return parser_.head().method; }
  HttpSpan target() const { return parser_.head().target; }
  const std::vector<HttpField>& fields() const { return parser_.head().fields; }
  bool http_1_0() const { return parser_.head().minor == 0; }
  // HTTP/1.0 clients that ask for keep-alive are answered and closed: that is always allowed.
  bool keep_alive() const { return !http_1_0() && parser_.head().keep_alive; }
  bool chunked() const { return parser_.head().chunked; }
  bool expects_continue() const { return parser_.head().expects_continue; }
  bool has_length() const { return parser_.head().has_length; }
  std::uint64_t length() const { return parser_.head().length; }

 private:
  State Fail(int status, std::string_view why);
  State AwaitLine(std::string_view buffer);
  State Finish(std::string_view head);

  HttpParser parser_{HttpKind::kRequest};
  HttpFault failure_;
  std::size_t max_head_ = 0;
  std::size_t begin_ = 0;    // of the first line, behind empty ones
  std::size_t end_ = 0;      // of the last whole line
  std::size_t scanned_ = 0;  // no line end from end_ to here
  bool started_ = false;
  bool first_line_read_ = false;
};

}  // namespace moerge::http
