// Incremental, strict parser of HTTP/1.x responses (RFC 9112), bounded: a head of at most 64 KiB, a
// chunk-size line of at most 4 KiB, trailers of at most 64 KiB. Interim (1xx) responses are
// skipped. Refused: bare line feeds, folded headers, Content-Length beside Transfer-Encoding or
// differing from itself, transfer codings other than chunked, control characters.
//
// Owner: one connection's exchange; reused for many by Reset. Not thread-safe. The head is copied
// once, into one buffer; the body is never copied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

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
  int status() const { return status_; }
  // Value of the first header of that name (any case), or empty.
  std::string_view Header(std::string_view name) const;
  // Whether the connection may carry another request, once Next has said kEnd.
  bool keep_alive() const { return keep_alive_; }

 private:
  enum class State {
    kHead,
    kLength,
    kUntilClose,
    kChunkSize,
    kChunkData,
    kChunkEnd,
    kTrailer,
    kEnd
  };
  struct Field {
    std::uint32_t name;
    std::uint32_t name_size;
    std::uint32_t value;
    std::uint32_t value_size;
  };

  Result<bool> TakeHead(std::string_view* input);
  Status ParseHead();
  Status ParseStatusLine(std::string_view line);
  Status ParseField(std::size_t begin, std::size_t end);
  Status ChooseFraming();
  Status ReadLength(bool* present);
  Status ReadKeepAlive();
  Result<Step> NextBody(std::string_view* input, std::string_view* piece);
  Result<bool> TakeLine(std::string_view* input, std::size_t limit);
  Status ParseChunkSize();
  std::string_view NameOf(const Field& field) const;
  std::string_view ValueOf(const Field& field) const;

  State state_ = State::kHead;
  bool head_request_ = false;
  bool started_ = false;
  bool keep_alive_ = false;
  int minor_version_ = 1;
  int status_ = 0;
  int interim_ = 0;
  std::string head_;
  std::size_t scanned_ = 0;  // how much of head_ was searched for its end
  std::vector<Field> fields_;
  std::uint64_t left_ = 0;  // of the body or chunk
  std::string line_;        // a chunk-size or trailer line in the making
  std::size_t trailers_ = 0;
};

}  // namespace moerge
