// Strict, incremental parser of an HTTP/1.x request's head (RFC 9112), and of chunked bodies.
//
// Owner: a session; not thread-safe. It reads a buffer that the session owns and that only grows
// while a head is read; results are offsets, so the buffer may move. Refused, with a status and a
// text that says why: everything the grammar does not allow, bare CR or LF, folded lines, white
// space before a colon, two Hosts, repeated or malformed Content-Length, Content-Length beside
// Transfer-Encoding, codings other than chunked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace moerge::http {

struct ParseFailure {
  int status = 0;  // 0: no failure
  std::string_view why;
};

class RequestParser {
 public:
  enum class State { kMore, kDone, kFailed };

  void Reset();

  // `buffer` begins with the head; call again with more after kMore.
  State Parse(std::string_view buffer);

  const ParseFailure& failure() const { return failure_; }
  // Whether anything but empty lines has been seen: tells an idle connection from a slow head.
  bool started() const { return started_; }

  struct Span {
    std::uint32_t begin = 0;
    std::uint32_t size = 0;
    std::string_view In(std::string_view buffer) const { return buffer.substr(begin, size); }
  };
  struct Field {
    Span name;
    Span value;
  };

  // Valid after kDone.
  std::size_t head_size() const { return at_; }
  Span method() const { return method_; }
  Span target() const { return target_; }
  const std::vector<Field>& fields() const { return fields_; }
  bool http_1_0() const { return minor_ == 0; }
  bool keep_alive() const { return keep_alive_; }
  bool chunked() const { return chunked_; }
  bool expects_continue() const { return expects_continue_; }
  bool has_length() const { return has_length_; }
  std::uint64_t length() const { return length_; }

 private:
  State Fail(int status, std::string_view why);
  bool ParseLine(std::string_view buffer, std::size_t begin, std::size_t end);
  bool ParseRequestLine(std::string_view line, std::size_t begin);
  bool ParseVersion(std::string_view version);
  bool ParseField(std::string_view line, std::size_t begin);
  bool Interpret(std::string_view name, std::string_view value);
  bool SetLength(std::string_view value);
  bool SetHost(std::string_view value);
  bool SetTransferEncoding(std::string_view value);
  void SetConnection(std::string_view value);
  bool Finish();

  std::size_t at_ = 0;       // start of the line that is read next
  std::size_t scanned_ = 0;  // no line end before this
  bool started_ = false;
  bool line_seen_ = false;
  ParseFailure failure_;
  Span method_;
  Span target_;
  std::vector<Field> fields_;
  int minor_ = 1;
  int hosts_ = 0;
  bool keep_alive_ = true;
  bool close_ = false;
  bool chunked_ = false;
  bool expects_continue_ = false;
  bool has_length_ = false;
  std::uint64_t length_ = 0;
};

// Decodes a chunked body piece by piece; extensions and trailers are read and dropped.
class ChunkedDecoder {
 public:
  enum class State { kMore, kDone, kFailed };

  // Takes bytes from `input`, appends content to `body`, tells in `*used` how many were taken.
  State Decode(std::string_view input, std::string* body, std::size_t* used);

 private:
  enum class Part {
    kSize,
    kExtension,
    kSizeEnd,
    kData,
    kDataCr,
    kDataLf,
    kTrailer,
    kTrailerEnd,
    kEnd
  };
  bool Step(char c);
  bool StepSize(char c);

  Part part_ = Part::kSize;
  std::uint64_t left_ = 0;
  int digits_ = 0;
  std::size_t overhead_ = 0;  // bytes of the current line or of the trailers
  bool line_empty_ = true;
};

}  // namespace moerge::http
