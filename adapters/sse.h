// Incremental parser of server-sent events (WHATWG HTML, "Server-sent events"), bounded.
// Owner: whoever reads the stream; not thread-safe. Never recurses, never copies a whole event
// twice; an event that arrives in one piece is not copied at all.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "config/base/result.h"

namespace moerge {

// UTF-8's, which servers put in front of a text.
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

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
  // Lines so far that the standard has no word for, and names of errors without data: what a
  // server says that fails in the middle of a stream. No more than kMostIgnored bytes, whole lines.
  const std::string& ignored() const { return ignored_; }
  void ForgetIgnored() { ignored_.clear(); }

 private:
  static constexpr std::size_t kMostIgnored = 4096;

  void SkipByteOrderMark();
  bool TakeLine(std::string_view* line);
  void TakeField(std::string_view line);
  void TakeData(std::string_view value);
  void Ignore(std::string_view line);
  void ForgetEvent();
  void KeepRest();
  Status CheckBounds() const;

  std::size_t max_event_;
  std::string_view input_;
  std::string line_;        // an unfinished line, then the line it became
  bool line_done_ = false;  // line_ was handed out and may be overwritten
  std::string data_;        // the event's data where it could not stay in the input
  std::string_view view_;   // the event's data while it is one line of the input
  std::string name_;
  bool has_data_ = false;
  bool emitted_ = false;  // the event was handed out
  bool after_cr_ = false;
  bool started_ = false;
  std::string mark_;  // the part of a byte order mark seen so far
  std::string ignored_;
};

// What relays and servers send to keep a connection alive, though it is no comment by the
// standard's letter: nothing, a comment as data, an event named like a ping that is no object.
bool IsHeartbeat(const SseParser::Event& event);
// Whether an event, or what a message says it is, is called like a ping.
bool IsPing(std::string_view name);
// Or like an error: "error", "Error", "internalServerException", "response.failed".
bool IsErrorName(std::string_view name);
// The end of a stream of OpenAI's shape.
bool IsDone(std::string_view data);

}  // namespace moerge
