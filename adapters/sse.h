// Incremental parser of server-sent events (WHATWG HTML, "Server-sent events"), bounded.
// Owner: whoever reads the stream; not thread-safe. Never recurses, never copies a whole event twice.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "config/base/result.h"

namespace moerge {

class SseParser {
 public:
  // An event's data over `max_event` bytes, or a line over it, is an Error (kUpstream).
  explicit SseParser(std::size_t max_event = 1 << 20) : max_event_(max_event) {}

  struct Event {
    std::string_view name;  // "message" unless the stream says otherwise
    std::string_view data;  // lines joined by \n
  };

  // Takes the next bytes of the stream, cut anywhere. After Feed call Next until it gives false.
  // REQUIRES: Next gave false since the last Feed; `bytes` stays valid until then.
  void Feed(std::string_view bytes);
  // The next complete event with data; its views are valid until the next call of Next or Feed.
  Result<bool> Next(Event* event);
  // Whether the stream may end here: nothing half-read is left.
  bool AtBoundary() const;

 private:
  std::size_t max_event_;
  std::string_view input_;
  std::string line_;   // an unfinished line
  std::string data_;
  std::string name_;
  bool has_data_ = false;
  bool after_cr_ = false;
  bool started_ = false;
};

}  // namespace moerge
