#include "services/http/request_parser.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "config/base/text.h"

namespace moerge::http {
namespace {

constexpr std::size_t kMaxFields = 256;

constexpr std::array<bool, 256> MakeTokenTable() {
  std::array<bool, 256> table{};
  for (int c = 0; c < 256; ++c) {
    table[c] = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  }
  for (const char c : std::string_view("!#$%&'*+-.^_`|~"))
    table[static_cast<unsigned char>(c)] = true;
  return table;
}
constexpr auto kToken = MakeTokenTable();

bool IsToken(std::string_view text) {
  for (const char c : text) {
    if (!kToken[static_cast<unsigned char>(c)]) return false;
  }
  return !text.empty();
}

bool IsTarget(std::string_view text) {
  for (const char c : text) {
    if (c <= 0x20 || c >= 0x7F) return false;  // char is signed: bytes over 0x7F are negative
  }
  return !text.empty();
}

bool IsFieldValue(std::string_view text) {
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if ((u < 0x20 && u != '\t') || u == 0x7F) return false;
  }
  return true;
}

bool IsHost(std::string_view text) {
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (!plain && std::string_view("-._~!$&'()*+,;=:[]%").find(c) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

std::string_view TrimBlank(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

void RequestParser::Reset() {
  auto fields = std::move(fields_);
  fields.clear();
  *this = RequestParser();
  fields_ = std::move(fields);
}

RequestParser::State RequestParser::Fail(int status, std::string_view why) {
  failure_ = {status, why};
  return State::kFailed;
}

RequestParser::State RequestParser::Parse(std::string_view buffer) {
  while (true) {
    const std::size_t newline = buffer.find('\n', scanned_);
    if (newline == std::string_view::npos) {
      scanned_ = buffer.size();
      // A first line that can no longer become a request line is refused without waiting for its
      // end.
      if (!line_seen_ && at_ < buffer.size() && buffer[at_] != '\r' &&
          !kToken[static_cast<unsigned char>(buffer[at_])]) {
        return Fail(400, "the request line does not begin with a method");
      }
      started_ = started_ || at_ < buffer.size();
      return State::kMore;
    }
    if (newline == at_ || buffer[newline - 1] != '\r') {
      return Fail(400, "a line does not end in CR LF");
    }
    const std::size_t begin = at_;
    at_ = scanned_ = newline + 1;
    if (newline - 1 == begin) {
      if (!line_seen_)
        continue;  // empty lines before the request line are let pass (RFC 9112, 2.2)
      return Finish() ? State::kDone : State::kFailed;
    }
    started_ = true;
    if (!ParseLine(buffer, begin, newline - 1)) return State::kFailed;
  }
}

bool RequestParser::ParseLine(std::string_view buffer, std::size_t begin, std::size_t end) {
  const std::string_view line = buffer.substr(begin, end - begin);
  if (line_seen_) return ParseField(line, begin);
  line_seen_ = true;
  return ParseRequestLine(line, begin);
}

bool RequestParser::ParseRequestLine(std::string_view line, std::size_t begin) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    Fail(400, "the request line is not METHOD TARGET VERSION");
    return false;
  }
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  if (!IsToken(method) || method.size() > 32) {
    Fail(400, "the request method is not a token");
    return false;
  }
  const bool form =
      !target.empty() && (target.front() == '/' || target == "*" || target.starts_with("http://") ||
                          target.starts_with("https://"));
  if (!IsTarget(target) || !form) {
    Fail(400, "the request target is not a path or an absolute URL");
    return false;
  }
  method_ = {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(method.size())};
  target_ = {static_cast<std::uint32_t>(begin + first + 1),
             static_cast<std::uint32_t>(target.size())};
  return ParseVersion(line.substr(last + 1));
}

bool RequestParser::ParseVersion(std::string_view version) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (version.size() != 8 || !version.starts_with("HTTP/") || !digit(version[5]) ||
      version[6] != '.' || !digit(version[7])) {
    Fail(400, "the request line does not end in an HTTP version");
    return false;
  }
  if (version[5] != '1') {
    Fail(505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
    return false;
  }
  minor_ = version[7] == '0' ? 0 : 1;
  return true;
}

bool RequestParser::ParseField(std::string_view line, std::size_t begin) {
  if (line.front() == ' ' || line.front() == '\t') {
    Fail(400, "a header line is folded");
    return false;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !IsToken(line.substr(0, colon))) {
    Fail(400, "a header name is not a token followed by a colon");
    return false;
  }
  const std::string_view value = TrimBlank(line.substr(colon + 1));
  if (!IsFieldValue(value)) {
    Fail(400, "a header value holds a control character");
    return false;
  }
  if (fields_.size() == kMaxFields) {
    Fail(431, "the request has too many headers");
    return false;
  }
  const std::size_t value_at = value.empty() ? colon + 1 : value.data() - line.data();
  fields_.push_back(
      {{static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(colon)},
       {static_cast<std::uint32_t>(begin + value_at), static_cast<std::uint32_t>(value.size())}});
  return Interpret(line.substr(0, colon), value);
}

bool RequestParser::Interpret(std::string_view name, std::string_view value) {
  switch (name.size()) {
    case 4: return !EqualsIgnoreCase(name, "host") || SetHost(value);
    case 6:
      if (EqualsIgnoreCase(name, "expect")) {
        expects_continue_ = EqualsIgnoreCase(value, "100-continue");
        if (!expects_continue_) Fail(417, "the only expectation met here is 100-continue");
      }
      return failure_.status == 0;
    case 10:
      if (EqualsIgnoreCase(name, "connection")) SetConnection(value);
      return true;
    case 14: return !EqualsIgnoreCase(name, "content-length") || SetLength(value);
    case 17: return !EqualsIgnoreCase(name, "transfer-encoding") || SetTransferEncoding(value);
    default: return true;
  }
}

bool RequestParser::SetLength(std::string_view value) {
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length_);
  const bool digits = !value.empty() && value.find_first_not_of("0123456789") == value.npos;
  if (!digits || error != std::errc() || end != value.data() + value.size() || has_length_) {
    Fail(400, has_length_ ? "Content-Length is given twice" : "Content-Length is not a number");
    return false;
  }
  has_length_ = true;
  return true;
}

bool RequestParser::SetHost(std::string_view value) {
  if (++hosts_ > 1 || !IsHost(value)) {
    Fail(400, hosts_ > 1 ? "there are two Host headers" : "the Host header is malformed");
    return false;
  }
  return true;
}

bool RequestParser::SetTransferEncoding(std::string_view value) {
  if (chunked_) {
    Fail(400, "Transfer-Encoding is given twice");
    return false;
  }
  if (!EqualsIgnoreCase(value, "chunked")) {
    Fail(501, "the only transfer coding read here is chunked");
    return false;
  }
  chunked_ = true;
  return true;
}

void RequestParser::SetConnection(std::string_view value) {
  while (!value.empty()) {
    const std::size_t comma = std::min(value.find(','), value.size());
    if (EqualsIgnoreCase(TrimBlank(value.substr(0, comma)), "close")) close_ = true;
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
}

bool RequestParser::Finish() {
  if (hosts_ == 0 && minor_ == 1) {
    Fail(400, "the Host header is missing");
  } else if (chunked_ && has_length_) {
    Fail(400, "Content-Length and Transfer-Encoding exclude each other");
  } else if (chunked_ && minor_ == 0) {
    Fail(400, "HTTP/1.0 has no Transfer-Encoding");
  }
  // HTTP/1.0 clients that ask for keep-alive are answered and closed: that is always allowed.
  keep_alive_ = minor_ == 1 && !close_;
  return failure_.status == 0;
}

ChunkedDecoder::State ChunkedDecoder::Decode(std::string_view input, std::string* body,
                                             std::size_t* used) {
  std::size_t at = 0;
  while (at < input.size() && part_ != Part::kEnd) {
    if (part_ == Part::kData) {
      const std::size_t take = std::min<std::uint64_t>(left_, input.size() - at);
      body->append(input, at, take);
      at += take;
      left_ -= take;
      if (left_ == 0) part_ = Part::kDataCr;
    } else if (!Step(input[at++])) {
      *used = at;
      return State::kFailed;
    }
  }
  *used = at;
  return part_ == Part::kEnd ? State::kDone : State::kMore;
}

bool ChunkedDecoder::StepSize(char c) {
  int digit = -1;
  if (c >= '0' && c <= '9') digit = c - '0';
  if (c >= 'a' && c <= 'f') digit = c - 'a' + 10;
  if (c >= 'A' && c <= 'F') digit = c - 'A' + 10;
  if (digit >= 0) {
    left_ = left_ << 4 | static_cast<std::uint64_t>(digit);
    return ++digits_ <= 15;
  }
  if (digits_ == 0) return false;
  if (c == '\r') part_ = Part::kSizeEnd;
  if (c == ';' || c == ' ' || c == '\t') part_ = Part::kExtension;
  return part_ != Part::kSize;
}

bool ChunkedDecoder::Step(char c) {
  constexpr std::size_t kMaxOverhead = 16 << 10;
  if (++overhead_ > kMaxOverhead) return false;
  switch (part_) {
    case Part::kSize: return StepSize(c);
    case Part::kExtension:
      if (c == '\r') part_ = Part::kSizeEnd;
      return c != '\n';
    case Part::kSizeEnd:
      if (c != '\n') return false;
      part_ = left_ == 0 ? Part::kTrailer : Part::kData;
      digits_ = 0;
      line_empty_ = true;
      if (part_ == Part::kData) overhead_ = 0;
      return true;
    case Part::kDataCr: part_ = Part::kDataLf; return c == '\r';
    case Part::kDataLf: part_ = Part::kSize; return c == '\n';
    case Part::kTrailer:
      if (c == '\r') {
        part_ = Part::kTrailerEnd;
      } else {
        line_empty_ = false;
      }
      return c != '\n';
    case Part::kTrailerEnd:
      if (c != '\n') return false;
      part_ = line_empty_ ? Part::kEnd : Part::kTrailer;
      line_empty_ = true;
      return true;
    default: return false;
  }
}

}  // namespace moerge::http
