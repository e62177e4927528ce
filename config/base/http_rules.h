// What moerge refuses in the head of an HTTP/1.x message although Boost.Beast's parser takes it,
// for requests and responses alike. Where two readers of the same bytes can disagree about where a
// message ends, or for whom it is, requests are smuggled and answers are mixed up; so there must be
// one way to read them:
//   - folded header lines (RFC 9112, 5.2: reject or replace);
//   - Content-Length as a list, or with anything but digits; in a request: twice at all;
//   - transfer codings other than chunked; any at all in HTTP/1.0, or next to Content-Length;
//   - requests: targets that are neither a path nor an absolute URL, or hold bytes over 0x7E;
//     methods over 32 bytes; no Host, two, or one that is none; expectations but 100-continue;
//   - responses: status codes out of 100 to 599;
//   - more than 256 header lines.
// Chunk sizes of more than 16 digits are refused too, by HttpParser.
// Beast itself refuses bare CR and LF, blanks before a colon, control characters, chunk extensions
// that are none.
//
// Owner: an HttpParser. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace moerge {

enum class HttpKind { kRequest, kResponse };

// Why a message is refused, and with which status if it is a request.
struct HttpFault {
  int status = 0;  // 0: it is not
  std::string_view why;
  explicit operator bool() const { return status != 0; }
};

class HttpRules {
 public:
  explicit HttpRules(HttpKind kind) : kind_(kind) {}

  // `minor`: of the version, 0 or 1.
  HttpFault RequestLine(std::string_view method, std::string_view target, int minor);
  HttpFault StatusLine(int status, int minor);
  // A field as Beast gives it; `head` is what Beast was given.
  HttpFault Field(std::string_view head, std::string_view name, std::string_view value);
  HttpFault EndOfHead() const;

  bool has_length() const { return has_length_; }
  bool chunked() const { return chunked_; }
  bool expects_continue() const { return expects_continue_; }

 private:
  HttpFault Host(std::string_view value);
  HttpFault Length(std::string_view value);
  HttpFault Coding(std::string_view value);
  HttpFault Expectation(std::string_view value);

  HttpKind kind_;
  int minor_ = 1;
  int fields_ = 0;
  int hosts_ = 0;
  bool has_length_ = false;
  bool chunked_ = false;
  bool expects_continue_ = false;
};

}  // namespace moerge
