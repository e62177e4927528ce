#include "adapters/response_parser.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "config/base/text.h"

namespace moerge {
namespace {

constexpr int kMaxInterim = 16;

Error Malformed(std::string_view what) {
  return Error{ErrorCode::kUpstream, "the expert's HTTP reply is malformed: " + std::string(what)};
}

constexpr std::array<bool, 256> MakeTokenTable() {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[c] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[c] = table[c - 'a' + 'A'] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~"))
    table[static_cast<unsigned char>(c)] = true;
  return table;
}
constexpr auto kToken = MakeTokenTable();

bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return kToken[static_cast<unsigned char>(c)]; });
}

bool HasControl(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
  });
}

std::string_view TrimBlank(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Whether a comma-separated list names `token`.
bool Lists(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (EqualsIgnoreCase(TrimBlank(list.substr(0, comma)), token)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

}  // namespace

void ResponseParser::Reset(bool head_request) {
  state_ = State::kHead;
  head_request_ = head_request;
  started_ = keep_alive_ = false;
  status_ = interim_ = 0;
  head_.clear();
  scanned_ = 0;
  fields_.clear();
  left_ = 0;
  line_.clear();
  trailers_ = 0;
}

std::string_view ResponseParser::NameOf(const Field& field) const {
  return std::string_view(head_).substr(field.name, field.name_size);
}

std::string_view ResponseParser::ValueOf(const Field& field) const {
  return std::string_view(head_).substr(field.value, field.value_size);
}

std::string_view ResponseParser::Header(std::string_view name) const {
  for (const Field& field : fields_) {
    if (field.name_size == name.size() && EqualsIgnoreCase(NameOf(field), name)) {
      return ValueOf(field);
    }
  }
  return {};
}

Result<ResponseParser::Step> ResponseParser::Next(std::string_view* input,
                                                  std::string_view* piece) {
  if (state_ != State::kHead) return NextBody(input, piece);
  if (input->empty()) return Step::kNeedMore;
  started_ = true;
  while (!input->empty()) {
    auto complete = TakeHead(input);
    if (!complete) return std::move(complete).error();
    if (!*complete) return Step::kNeedMore;
    if (Status head = ParseHead(); !head) return std::move(head).error();
    if (status_ >= 200) {
      if (Status framing = ChooseFraming(); !framing) return std::move(framing).error();
      return Step::kHead;
    }
    if (status_ == 101) return Malformed("it switches protocols unasked");
    if (++interim_ > kMaxInterim) return Malformed("it has too many interim responses");
    head_.clear();
    scanned_ = 0;
  }
  return Step::kNeedMore;
}

// Moves bytes to head_ up to its end, the first empty line.
Result<bool> ResponseParser::TakeHead(std::string_view* input) {
  const std::size_t before = head_.size();
  const std::size_t room = kMaxHead - before;
  head_.append(input->substr(0, room));
  // A server that speaks something else is told apart at once, not after 64 KiB or a timeout.
  const std::string_view start = "HTTP/1.";
  const std::size_t known = std::min(start.size(), head_.size());
  if (head_.compare(0, known, start, 0, known) != 0) {
    return Malformed("it does not begin with HTTP/1.x");
  }
  const std::size_t end = head_.find("\r\n\r\n", scanned_);
  if (end == head_.npos) {
    if (input->size() >= room) {
      return Error{ErrorCode::kUpstream, "the head of the expert's HTTP reply is over 64 KiB"};
    }
    scanned_ = head_.size() < 3 ? 0 : head_.size() - 3;
    *input = {};
    return false;
  }
  input->remove_prefix(end + 4 - before);
  head_.resize(end + 4);
  return true;
}

Status ResponseParser::ParseHead() {
  fields_.clear();
  const std::string_view head = head_;
  std::size_t begin = head.find("\r\n");
  if (Status line = ParseStatusLine(head.substr(0, begin)); !line) return line;
  begin += 2;
  while (begin + 2 < head.size()) {
    const std::size_t end = head.find("\r\n", begin);
    if (Status field = ParseField(begin, end); !field) return field;
    begin = end + 2;
  }
  return Ok{};
}

Status ResponseParser::ParseStatusLine(std::string_view line) {
  const auto digit = [&](std::size_t at) { return line[at] >= '0' && line[at] <= '9'; };
  const bool shaped = line.size() >= 12 && (line[7] == '0' || line[7] == '1') && line[8] == ' ' &&
                      digit(9) && digit(10) && digit(11) && (line.size() == 12 || line[12] == ' ');
  if (!shaped || HasControl(line)) return Malformed("its status line is wrong");
  minor_version_ = line[7] - '0';
  status_ = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
  if (status_ < 100 || status_ > 599) return Malformed("its status code is out of range");
  return Ok{};
}

Status ResponseParser::ParseField(std::size_t begin, std::size_t end) {
  const std::string_view line = std::string_view(head_).substr(begin, end - begin);
  const std::size_t colon = line.find(':');
  if (colon == line.npos || !IsToken(line.substr(0, colon))) {
    return Malformed("a header line has no proper name");
  }
  const std::string_view value = TrimBlank(line.substr(colon + 1));
  if (HasControl(value)) return Malformed("a header holds a control character");
  const auto at = value.empty() ? begin : static_cast<std::size_t>(value.data() - head_.data());
  fields_.push_back(Field{static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(colon),
                          static_cast<std::uint32_t>(at),
                          static_cast<std::uint32_t>(value.size())});
  return Ok{};
}

Status ResponseParser::ChooseFraming() {
  if (Status connection = ReadKeepAlive(); !connection) return connection;
  bool has_length = false;
  if (Status length = ReadLength(&has_length); !length) return length;
  bool chunked = false;
  for (const Field& field : fields_) {
    if (!EqualsIgnoreCase(NameOf(field), "transfer-encoding")) continue;
    if (chunked || !EqualsIgnoreCase(ValueOf(field), "chunked")) {
      return Malformed("it has a transfer coding other than chunked");
    }
    chunked = true;
  }
  if (chunked && has_length) return Malformed("it has Content-Length and Transfer-Encoding");
  if (chunked && minor_version_ == 0) return Malformed("HTTP/1.0 knows no transfer coding");
  if (head_request_ || status_ == 204 || status_ == 304) {
    state_ = State::kEnd;
  } else if (chunked) {
    state_ = State::kChunkSize;
  } else if (has_length) {
    state_ = left_ == 0 ? State::kEnd : State::kLength;
  } else {
    state_ = State::kUntilClose;
    keep_alive_ = false;
  }
  return Ok{};
}

Status ResponseParser::ReadLength(bool* present) {
  for (const Field& field : fields_) {
    if (!EqualsIgnoreCase(NameOf(field), "content-length")) continue;
    const std::string_view text = ValueOf(field);
    std::uint64_t length = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (error != std::errc() || end != text.data() + text.size() || length > INT64_MAX) {
      return Malformed("its Content-Length is not a number");
    }
    if (*present && length != left_) return Malformed("it has two different Content-Lengths");
    *present = true;
    left_ = length;
  }
  return Ok{};
}

Status ResponseParser::ReadKeepAlive() {
  keep_alive_ = minor_version_ == 1;
  for (const Field& field : fields_) {
    if (!EqualsIgnoreCase(NameOf(field), "connection")) continue;
    if (minor_version_ == 0 && Lists(ValueOf(field), "keep-alive")) keep_alive_ = true;
    if (Lists(ValueOf(field), "close")) {
      keep_alive_ = false;
      break;
    }
  }
  return Ok{};
}

Result<ResponseParser::Step> ResponseParser::NextBody(std::string_view* input,
                                                      std::string_view* piece) {
  while (state_ != State::kEnd) {
    if (input->empty()) return Step::kNeedMore;
    if (state_ == State::kLength || state_ == State::kUntilClose || state_ == State::kChunkData) {
      const bool bounded = state_ != State::kUntilClose;
      const std::size_t size =
          bounded ? std::min<std::uint64_t>(left_, input->size()) : input->size();
      *piece = input->substr(0, size);
      input->remove_prefix(size);
      if (bounded) left_ -= size;
      if (bounded && left_ == 0) {
        state_ = state_ == State::kLength ? State::kEnd : State::kChunkEnd;
      }
      return Step::kBody;
    }
    const std::size_t limit = state_ == State::kTrailer ? kMaxHead : kMaxChunkLine;
    auto line = TakeLine(input, limit);
    if (!line) return std::move(line).error();
    if (!*line) return Step::kNeedMore;
    if (state_ == State::kChunkEnd) {
      if (!line_.empty()) return Malformed("a chunk is longer than it said");
      state_ = State::kChunkSize;
    } else if (state_ == State::kChunkSize) {
      if (Status size = ParseChunkSize(); !size) return std::move(size).error();
    } else if (line_.empty()) {
      state_ = State::kEnd;
    } else if ((trailers_ += line_.size()) > kMaxHead || HasControl(line_)) {
      return Malformed("its trailers are too long or hold control characters");
    }
    line_.clear();
  }
  return Step::kEnd;
}

// Moves bytes to line_ up to the line's end, which is taken off. REQUIRES: input is not empty.
Result<bool> ResponseParser::TakeLine(std::string_view* input, std::size_t limit) {
  const std::size_t newline = input->find('\n');
  const std::size_t size = newline == input->npos ? input->size() : newline + 1;
  if (line_.size() + size > limit) return Malformed("a chunk's line is too long");
  // Known before the whole line is there: what should be the end of a chunk begins with it.
  if (state_ == State::kChunkEnd && line_.empty() && input->front() != '\r') {
    return Malformed("a chunk is longer than it said");
  }
  line_.append(input->substr(0, size));
  input->remove_prefix(size);
  if (newline == input->npos) return false;
  if (!line_.ends_with("\r\n")) return Malformed("a line ends without a carriage return");
  line_.resize(line_.size() - 2);
  return true;
}

Status ResponseParser::ParseChunkSize() {
  std::uint64_t size = 0;
  const char* const begin = line_.data();
  const auto [end, error] = std::from_chars(begin, begin + line_.size(), size, 16);
  if (error != std::errc() || size > INT64_MAX) return Malformed("a chunk's size is wrong");
  const std::string_view rest = std::string_view(line_).substr(end - begin);
  const std::string_view extension = TrimBlank(rest);
  if (HasControl(rest) || (!extension.empty() && extension.front() != ';')) {
    return Malformed("a chunk's size is wrong");
  }
  left_ = size;
  state_ = size == 0 ? State::kTrailer : State::kChunkData;
  return Ok{};
}

Status ResponseParser::EndOfStream() const {
  if (state_ == State::kHead) {
    return Error{ErrorCode::kUnavailable, "the expert closed the connection before it answered"};
  }
  if (state_ == State::kUntilClose || state_ == State::kEnd) return Ok{};
  return Error{ErrorCode::kUpstream, "the expert closed the connection inside its reply"};
}

}  // namespace moerge
