// HTTP/1.x messages, read by Boost.Beast's basic_parser from the caller's buffers, with HttpRules
// on top. Nothing is stored but offsets, and nothing is copied; results are the same wherever the
// bytes are cut.
//
// Owner: a RequestParser or ResponseParser. Not thread-safe. After a fault only Reset may be
// called.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "config/base/http_rules.h"

namespace moerge {

// A part of the buffer that a head was read from.
struct HttpSpan {
  std::uint32_t begin = 0;
  std::uint32_t size = 0;
  std::string_view In(std::string_view buffer) const { return buffer.substr(begin, size); }
};

struct HttpField {
  HttpSpan name;
  HttpSpan value;
};

struct HttpHead {
  HttpSpan method;  // of a request
  HttpSpan target;
  int status = 0;  // of a response
  int minor = 1;   // HTTP/1.minor
  std::vector<HttpField> fields;
  bool keep_alive = false;  // for a body that has an end
  bool chunked = false;
  bool has_length = false;
  bool expects_continue = false;
  std::uint64_t length = 0;
};

// Whether a line of `lines`, which begin with one, ends in LF without CR; looks `from` there on.
bool HasBareLineFeed(std::string_view lines, std::size_t from = 0);

class HttpParser {
 public:
  enum class Step {
    kMore,    // nothing can be taken off the input before more is there
    kSkip,    // a chunk's line was taken off
    kBody,    // `piece` holds body bytes, which were taken off
    kEnd,     // the message is complete; what is left of the input does not belong to it
    kFailed,  // see fault()
  };

  explicit HttpParser(HttpKind kind);
  ~HttpParser();
  HttpParser(const HttpParser&) = delete;
  HttpParser& operator=(const HttpParser&) = delete;

  // `skip_body`: the message has no body whatever its head says (the response to a HEAD).
  void Reset(bool skip_body = false);
  // Gives the memory back. REQUIRES: Reset comes next.
  void Release();

  // Reads a request's first line; optional, to refuse it before the rest of the head is there.
  // `buffer` from `begin` on is the line with its end. False: see fault().
  bool ReadFirstLine(std::string_view buffer, std::size_t begin);
  // Reads a complete head: `buffer` from `begin`, where it starts, to its end, which is the
  // buffer's. Spans are into `buffer`. False: see fault().
  bool ReadHead(std::string_view buffer, std::size_t begin);
  const HttpHead& head() const { return head_; }
  // After ReadHead: whether there is no body to come.
  bool complete() const;
  // After ReadHead: whether the body lasts until the connection ends.
  bool until_close() const;

  // Takes bytes of the body off the front of `input`. After kMore it is called with what is left
  // and more behind it. REQUIRES: not complete().
  Step ReadBody(std::string_view* input, std::string_view* piece);
  // Where the size ends of the chunk's line that `line` begins with, behind the end of the data
  // before; at most its length.
  static std::size_t ChunkSizeEnd(std::string_view line);
  // Whether the next bytes are a chunk's line and not its content.
  bool at_chunk_line() const { return head_.chunked && chunk_left_ == 0; }

  // Whether kMore was said behind the last chunk's line.
  bool in_trailers() const { return in_trailers_; }

  const HttpFault& fault() const { return fault_; }

 private:
  struct Engine;
  template <bool is_request>
  class BeastEngine;

  HttpSpan SpanOf(std::string_view text) const;
  Step Await(std::string_view input);
  static bool MayBeChunkLine(std::string_view line);

  HttpKind kind_;
  std::unique_ptr<Engine> engine_;
  HttpRules rules_;
  HttpHead head_;
  HttpFault fault_;
  std::string_view buffer_;  // what the engine reads, while it does
  std::string_view piece_;
  std::size_t read_ = 0;  // of the head
  std::uint64_t chunk_left_ = 0;
  bool head_done_ = false;
  bool in_trailers_ = false;
  bool after_chunk_ = false;  // the line end behind a chunk's data comes next
};

}  // namespace moerge
