// multipart/form-data (RFC 7578) as clients upload files with, read as it arrives: wherever the
// bytes are cut, the parts are the same, and memory does not grow with them. Pure.
//
// Owner: the handler of one request. Not thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "config/base/result.h"

namespace moerge::api {

struct FormPart {
  std::string name;
  std::string filename;  // empty: a plain field
};

// What becomes of the parts. An error ends the reading.
class FormSink {
 public:
  virtual ~FormSink() = default;
  virtual Status Begin(FormPart part) = 0;
  virtual Status Content(std::string_view bytes) = 0;  // more of the part that began last
};

class FormReader {
 public:
  // Error: kInvalid, the content type is another one or names no boundary.
  static Result<FormReader> Open(std::string_view content_type);

  // Errors: kInvalid, the body is not what its type says; the sink's. Then no more is read.
  Status Read(std::string_view bytes, FormSink& sink);
  // At the end of the body. Error: kInvalid, its last boundary is missing.
  Status End() const;

 private:
  enum class State { kPreamble, kMark, kHead, kContent, kOver };

  explicit FormReader(std::string mark) : mark_(std::move(mark)) {}
  Result<std::size_t> Step(std::string_view rest, FormSink& sink);
  std::size_t ReadPreamble(std::string_view rest);
  Result<std::size_t> ReadMark(std::string_view rest);
  Result<std::size_t> ReadHead(std::string_view rest, FormSink& sink);
  Result<std::size_t> ReadContent(std::string_view rest, FormSink& sink);

  std::string mark_;  // "\r\n--" and the boundary
  // What was not used yet. The first mark may stand at the begin, without the end of a line before.
  std::string pending_ = "\r\n";
  State state_ = State::kPreamble;
  std::size_t skip_ = 0;  // bytes in front of a content that end its head
  int parts_ = 0;
};

}  // namespace moerge::api
