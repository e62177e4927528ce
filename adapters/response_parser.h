// HTTP/1.x responses as they come, bounded: a head of at most 64 KiB, a chunk-size line of at most
// 4 KiB, trailers of at most 64 KiB. Interim (1xx) responses are skipped. The grammar is
// HttpParser's; what is refused beyond it, HttpRules'. Taken though Beast refuses it: a status line
// without a blank behind the code, and blanks behind a chunk's size.
//
// Owner: one connection's exchange; reused for many by Reset. Not thread-safe. The head is copied
// once, into one buffer; the body is never copied.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "config/base/http_parser.h"
#include "config/base/result.h"

namespace moerge {

class ResponseParser {
 public:
  static constexpr std::size_t kMaxHead = 64 << 10;
  static constexpr std::size_t kMaxChunkLine = 4 << 10;

  enum class Step {
    kNeedMore,  // the input is used up
    kHead,      // the head is complete; said once
    kBody,      // `piece` holds body bytes
    kEnd,       // the response is complete; what is left of the input does not belong to it
  };

  // `head_request`: the answer has no body whatever its headers say.
  void Reset(bool head_request);

  // Takes bytes off the front of `input`. Errors: kUpstream; the parser is then unusable.
  Result<Step> Next(std::string_view* input, std::string_view* piece);
  // The connection has ended. Fine only for a body that lasts until then; otherwise kUpstream, or
  // kUnavailable if the head was not complete.
  Status EndOfStream() const;

  bool started() const { return started_; }  // at least one byte was seen
  int status() const { return parser_.head().status; }
  // Value of the first header of that name (any case), or empty.
  std::string_view Header(std::string_view name) const;
  // Whether the connection may carry another request, once Next has said kEnd.
  bool keep_alive() const { return keep_alive_; }

 private:
  enum class State { kHead, kBody, kEnd };

  Result<bool> TakeHead(std::string_view* input);
  Status ReadHead();
  Result<Step> NextBody(std::string_view* input, std::string_view* piece);
  Result<HttpParser::Step> Continue(std::string_view* input, std::string_view* piece);
  void TakeLine(std::string_view* input);

  HttpParser parser_{HttpKind::kResponse};
  State state_ = State::kHead;
  bool head_request_ = false;
  bool started_ = false;
  bool keep_alive_ = false;
  int interim_ = 0;
  std::string head_;
  std::size_t scanned_ = 0;  // how much of head_ was searched for its end
  std::string line_;         // a chunk's line that was cut, with the one before its data's end
};

}  // namespace moerge
