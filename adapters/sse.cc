#include "adapters/sse.h"

#include <algorithm>
#include <cstring>

#include "config/base/text.h"

namespace moerge {
namespace {

constexpr std::size_t kFieldName = 16;  // what a data line may hold besides its data

// The position of the first line end in `text`, or npos.
std::size_t LineEnd(std::string_view text) {
  const std::size_t newline = text.find('\n');
  const std::size_t carriage = text.substr(0, newline).find('\r');
  return carriage != text.npos ? carriage : newline;
}

constexpr std::string_view kPings[] = {"ping", "heartbeat", "keepalive", "keep-alive",
                                       "keep_alive"};
constexpr std::string_view kNothing[] = {"", "null", "[]", "\"\""};

}  // namespace

bool IsHeartbeat(const SseParser::Event& event) {
  const std::string_view data = Trim(event.data);
  if (data.starts_with('{')) return false;
  const bool nothing = std::ranges::find(kNothing, data) != std::end(kNothing);
  return nothing || IsPing(event.name) || data.starts_with(':');
}

bool IsPing(std::string_view name) { return std::ranges::find(kPings, name) != std::end(kPings); }

bool IsErrorName(std::string_view name) {
  for (const std::string_view word : {"error", "exception", "failed"}) {
    if (name.size() < word.size()) continue;
    if (EqualsIgnoreCase(name.substr(name.size() - word.size()), word)) return true;
  }
  return false;
}

bool IsDone(std::string_view data) {
  data = Trim(data);
  if (data.starts_with('"')) data.remove_prefix(1);
  return data.starts_with("[DONE]");
}

void SseParser::Feed(std::string_view bytes) {
  if (emitted_) ForgetEvent();
  input_ = bytes;
  if (!started_) SkipByteOrderMark();
}

void SseParser::SkipByteOrderMark() {
  while (!input_.empty() && mark_.size() < kByteOrderMark.size() &&
         input_.front() == kByteOrderMark[mark_.size()]) {
    mark_.push_back(input_.front());
    input_.remove_prefix(1);
  }
  const bool whole = mark_.size() == kByteOrderMark.size();
  if (!whole && input_.empty()) return;
  started_ = true;
  if (!whole) line_ = mark_;  // it was text after all
}

Result<bool> SseParser::Next(Event* event) {
  if (emitted_) ForgetEvent();
  std::string_view line;
  while (TakeLine(&line)) {
    if (!line.empty()) {
      TakeField(line);
      if (Status bounds = CheckBounds(); !bounds) return std::move(bounds).error();
      continue;
    }
    if (!has_data_) {
      if (IsErrorName(name_)) Ignore(name_);
      name_.clear();
      continue;
    }
    event->name = name_.empty() ? std::string_view("message") : name_;
    event->data = view_.data() != nullptr ? view_ : std::string_view(data_);
    emitted_ = true;
    return true;
  }
  if (Status bounds = CheckBounds(); !bounds) return std::move(bounds).error();
  KeepRest();
  return false;
}

// The next complete line without its end; it may point into line_ or the input.
bool SseParser::TakeLine(std::string_view* line) {
  if (line_done_) line_.clear();
  line_done_ = false;
  if (after_cr_ && !input_.empty()) {
    after_cr_ = false;
    if (input_.front() == '\n') input_.remove_prefix(1);
  }
  const std::size_t end = LineEnd(input_);
  if (end == input_.npos) {
    line_.append(input_);
    input_ = {};
    return false;
  }
  *line = input_.substr(0, end);
  after_cr_ = input_[end] == '\r';
  input_.remove_prefix(end + 1);
  if (!line_.empty()) {
    line_.append(*line);
    *line = line_;
    line_done_ = true;
  }
  return true;
}

void SseParser::TakeField(std::string_view line) {
  const std::size_t colon = line.find(':');
  const std::string_view field = line.substr(0, colon);
  std::string_view value = colon == line.npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "data") {
    TakeData(value);
  } else if (field == "event") {
    name_ = value;
  } else if (!field.empty() && field != "id" && field != "retry") {
    Ignore(line);
  }
}

void SseParser::Ignore(std::string_view line) {
  line = Trim(line);
  if (line.empty()) return;
  const bool fits = ignored_.size() + line.size() < kMostIgnored;
  if (!fits && !ignored_.empty()) return;
  if (!ignored_.empty()) ignored_.push_back('\n');
  ignored_.append(fits ? line : std::string_view("a long line"));
}

void SseParser::TakeData(std::string_view value) {
  const bool in_input = !line_done_;
  if (!has_data_ && in_input && value.data() != nullptr) {
    view_ = value;
  } else {
    if (view_.data() != nullptr) data_ = view_;
    view_ = {};
    if (has_data_) data_.push_back('\n');
    data_.append(value);
  }
  has_data_ = true;
}

void SseParser::ForgetEvent() {
  emitted_ = false;
  has_data_ = false;
  view_ = {};
  data_.clear();
  name_.clear();
}

// The input goes away: what an unfinished event needs of it is copied.
void SseParser::KeepRest() {
  if (view_.data() != nullptr) data_ = view_;
  view_ = {};
}

Status SseParser::CheckBounds() const {
  const std::size_t data = std::max(data_.size(), view_.size());
  if (data <= max_event_ && line_.size() <= max_event_ + kFieldName) return Ok{};
  return Error{ErrorCode::kUpstream, "the expert's event stream holds an event over " +
                                         std::to_string(max_event_) + " bytes"};
}

bool SseParser::AtBoundary() const {
  const bool open_event = !emitted_ && (has_data_ || !name_.empty());
  const bool open_line = !line_done_ && !line_.empty();
  return input_.empty() && !open_event && !open_line && (started_ || mark_.empty());
}

}  // namespace moerge
