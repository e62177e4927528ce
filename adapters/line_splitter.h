// Cuts a stream of bytes into lines, bounded: newline-delimited JSON.
// Owner: whoever reads the stream; not thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "config/base/result.h"

namespace moerge {

class LineSplitter {
 public:
  explicit LineSplitter(std::size_t max_line) : max_line_(max_line) {}

  // REQUIRES: Next gave false since the last Feed; `bytes` stays valid until then.
  void Feed(std::string_view bytes) { input_ = bytes; }
  // The next complete line without its end, valid until the next call. Error: kUpstream, over the
  // limit.
  Result<bool> Next(std::string_view* line);

 private:
  std::size_t max_line_;
  std::string_view input_;
  std::string rest_;    // an unfinished line
  bool given_ = false;  // rest_ was handed out
};

}  // namespace moerge
