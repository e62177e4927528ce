#include "services/api/form_data.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "config/base/text.h"

namespace moerge::api {
namespace {

constexpr std::string_view kLine = "\r\n";
constexpr int kMostParts = 100;
constexpr std::size_t kLongestBoundary = 256;
constexpr std::size_t kLongestHead = 16 << 10;

Error Malformed(std::string_view what) {
  return Error{
      ErrorCode::kInvalid,
      "the body is not multipart/form-data as its content-type says: " + std::string(what)};
}

// The value of a parameter behind a ';': a token, or quoted with backslashes.
std::optional<std::string> ParameterOf(std::string_view header, std::string_view name) {
  std::size_t at = header.find(';');
  while (at < header.size()) {
    std::string_view rest = header.substr(at + 1);
    while (!rest.empty() && (rest[0] == ' ' || rest[0] == '\t')) rest.remove_prefix(1);
    const std::size_t equals = rest.find_first_of("=;");
    if (equals == rest.npos || rest[equals] == ';') {
      at = header.find(';', at + 1);
      continue;
    }
    const std::string_view key = Trim(rest.substr(0, equals));
    rest.remove_prefix(equals + 1);
    std::string value;
    std::size_t used = 0;
    if (rest.starts_with('"')) {
      for (used = 1; used < rest.size() && rest[used] != '"'; ++used) {
        if (rest[used] == '\\' && used + 1 < rest.size()) ++used;
        value += rest[used];
      }
    } else {
      used = std::min(rest.find(';'), rest.size());
      value = Trim(rest.substr(0, used));
    }
    if (EqualsIgnoreCase(key, name)) return value;
    at = header.find(';', static_cast<std::size_t>(rest.data() - header.data()) + used);
  }
  return std::nullopt;
}

// The head of a part: its name and file name.
Result<FormPart> ParseHead(std::string_view head) {
  FormPart part;
  while (!head.empty()) {
    const std::size_t end = std::min(head.find(kLine), head.size());
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(end + kLine.size(), head.size()));
    const std::size_t colon = line.find(':');
    if (colon == line.npos) return Malformed("a part has a header without a colon");
    if (!EqualsIgnoreCase(Trim(line.substr(0, colon)), "content-disposition")) continue;
    const auto name = ParameterOf(line, "name");
    if (!name) return Malformed("a part has no name");
    part.name = *name;
    part.filename = ParameterOf(line, "filename").value_or("");
    return part;
  }
  return Malformed("a part has no content-disposition");
}

}  // namespace

Result<FormReader> FormReader::Open(std::string_view content_type) {
  const std::string_view type = Trim(content_type.substr(0, content_type.find(';')));
  const auto boundary = ParameterOf(content_type, "boundary");
  const bool usable = boundary && !boundary->empty() && boundary->size() <= kLongestBoundary;
  if (EqualsIgnoreCase(type, "multipart/form-data") && usable) {
    return FormReader("\r\n--" + *boundary);
  }
  return Error{.code = ErrorCode::kInvalid,
               .message = "send the file as multipart/form-data with a boundary",
               .reason = "unsupported_content_type"};
}

Status FormReader::Read(std::string_view bytes, FormSink& sink) {
  if (state_ == State::kOver) return Ok{};
  pending_.append(bytes);
  std::size_t at = 0;
  while (state_ != State::kOver) {
    const State before = state_;
    Result<std::size_t> used = Step(std::string_view(pending_).substr(at), sink);
    if (!used) return std::move(used).error();
    if (*used == 0 && state_ == before) break;
    at += *used;
  }
  pending_.erase(0, state_ == State::kOver ? pending_.npos : at);
  return Ok{};
}

Status FormReader::End() const {
  if (state_ == State::kOver) return Ok{};
  return Malformed(state_ == State::kPreamble ? "its boundary is not there"
                                              : "its last boundary is missing");
}

// How many bytes of `rest` it has used; none and the same state: more must come.
Result<std::size_t> FormReader::Step(std::string_view rest, FormSink& sink) {
  switch (state_) {
    case State::kPreamble: return ReadPreamble(rest);
    case State::kMark: return ReadMark(rest);
    case State::kHead: return ReadHead(rest, sink);
    case State::kContent: return ReadContent(rest, sink);
    case State::kOver: break;
  }
  return rest.size();
}

std::size_t FormReader::ReadPreamble(std::string_view rest) {
  const std::size_t mark = rest.find(mark_);
  if (mark == rest.npos) return rest.size() - std::min(rest.size(), mark_.size() - 1);
  state_ = State::kMark;
  return mark + mark_.size();
}

// Behind a mark: the end of all parts, or of the line.
Result<std::size_t> FormReader::ReadMark(std::string_view rest) {
  if (rest.size() < kLine.size()) return std::size_t{0};
  if (rest.starts_with("--")) {
    state_ = State::kOver;
    return rest.size();
  }
  if (!rest.starts_with(kLine)) return Malformed("a boundary is not followed by a line's end");
  state_ = State::kHead;
  return std::size_t{0};
}

Result<std::size_t> FormReader::ReadHead(std::string_view rest, FormSink& sink) {
  const std::string_view ending = "\r\n\r\n";
  const std::size_t end = rest.find(ending);
  const std::size_t seen =
      end == rest.npos ? rest.size() - std::min(rest.size(), ending.size() - 1) : end;
  if (seen > kLongestHead) return Malformed("a part's head is too long");
  if (end == rest.npos) return std::size_t{0};
  if (parts_++ == kMostParts) return Malformed("it has more than 100 parts");
  Result<FormPart> part = ParseHead(end == 0 ? "" : rest.substr(kLine.size(), end - kLine.size()));
  if (!part) return std::move(part).error();
  if (Status begun = sink.Begin(*std::move(part)); !begun) return std::move(begun).error();
  state_ = State::kContent;
  // The end of an empty content's head is the line's end in front of the next mark.
  skip_ = kLine.size();
  return end + kLine.size();
}

Result<std::size_t> FormReader::ReadContent(std::string_view rest, FormSink& sink) {
  const std::size_t mark = rest.find(mark_);
  // What may be the begin of a mark waits for the rest of it.
  const std::size_t end =
      mark == rest.npos ? rest.size() - std::min(rest.size(), mark_.size() - 1) : mark;
  if (mark == rest.npos && end <= skip_) return std::size_t{0};
  if (end > skip_) {
    Status taken = sink.Content(rest.substr(skip_, end - skip_));
    if (!taken) return std::move(taken).error();
    skip_ = 0;
  }
  if (mark == rest.npos) return end;
  state_ = State::kMark;
  return mark + mark_.size();
}

}  // namespace moerge::api
