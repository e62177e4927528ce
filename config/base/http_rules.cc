#include "config/base/http_rules.h"

#include <algorithm>
#include <functional>

#include "config/base/text.h"

namespace moerge {
namespace {

constexpr int kMaxHeaderLines = 256;
constexpr std::size_t kMaxMethod = 32;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsHostCharacter(char c) {
  return IsDigit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         std::string_view("-._~!$&'()*+,;=:[]%").find(c) != std::string_view::npos;
}

// char is signed: bytes over 0x7F are negative.
bool IsTargetCharacter(char c) { return c > 0x20 && c < 0x7F; }

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

// Beast reads a folded line as one. Its value is then no longer what stands behind the name, up to
// blanks: it is put together elsewhere, or it stands behind a line break.
bool IsFolded(std::string_view head, std::string_view name, std::string_view value) {
  const std::less<const char*> before;
  const char* const begin = name.data() + name.size() + 1;
  if (before(value.data(), begin) || before(head.data() + head.size(), value.data())) return true;
  return !std::all_of(begin, value.data(), IsBlank);
}

}  // namespace

HttpFault HttpRules::RequestLine(std::string_view method, std::string_view target, int minor) {
  minor_ = minor;
  if (method.size() > kMaxMethod) return {400, "the request method is longer than any"};
  const bool form = target.starts_with('/') || target == "*" || target.starts_with("http://") ||
                    target.starts_with("https://");
  if (!form || !std::all_of(target.begin(), target.end(), IsTargetCharacter)) {
    return {400, "the request target is not a path or an absolute URL"};
  }
  return {};
}

HttpFault HttpRules::StatusLine(int status, int minor) {
  minor_ = minor;
  if (status < 100 || status > 599) return {400, "its status code is out of range"};
  return {};
}

HttpFault HttpRules::Field(std::string_view head, std::string_view name, std::string_view value) {
  if (++fields_ > kMaxHeaderLines) return {431, "there are too many headers"};
  if (IsFolded(head, name, value)) return {400, "a header line is folded"};
  if (name.size() == 14 && EqualsIgnoreCase(name, "content-length")) return Length(value);
  if (name.size() == 17 && EqualsIgnoreCase(name, "transfer-encoding")) return Coding(value);
  if (kind_ == HttpKind::kResponse) return {};
  if (name.size() == 4 && EqualsIgnoreCase(name, "host")) return Host(value);
  if (name.size() == 6 && EqualsIgnoreCase(name, "expect")) return Expectation(value);
  return {};
}

HttpFault HttpRules::Host(std::string_view value) {
  if (++hosts_ > 1) return {400, "there are two Host headers"};
  if (!std::all_of(value.begin(), value.end(), IsHostCharacter)) {
    return {400, "the Host header is malformed"};
  }
  return {};
}

HttpFault HttpRules::Length(std::string_view value) {
  if (value.empty() || !std::all_of(value.begin(), value.end(), IsDigit)) {
    return {400, "Content-Length is not a number"};
  }
  if (has_length_ && kind_ == HttpKind::kRequest) return {400, "Content-Length is given twice"};
  has_length_ = true;
  return {};
}

HttpFault HttpRules::Coding(std::string_view value) {
  if (!EqualsIgnoreCase(value, "chunked")) {
    return {501, "the only transfer coding read here is chunked"};
  }
  chunked_ = true;
  return {};
}

HttpFault HttpRules::Expectation(std::string_view value) {
  expects_continue_ = EqualsIgnoreCase(value, "100-continue");
  if (!expects_continue_) return {417, "the only expectation met here is 100-continue"};
  return {};
}

HttpFault HttpRules::EndOfHead() const {
  if (kind_ == HttpKind::kRequest && hosts_ == 0 && minor_ == 1) {
    return {400, "the Host header is missing"};
  }
  if (chunked_ && has_length_) {
    return {400, "Content-Length and Transfer-Encoding exclude each other"};
  }
  if (chunked_ && minor_ == 0) return {400, "HTTP/1.0 has no Transfer-Encoding"};
  return {};
}

}  // namespace moerge
