#include "adapters/json_cursor.h"

#include <array>
#include <charconv>

namespace moerge {
namespace {

// Characters at which reading a string has to stop and look.
constexpr std::array<bool, 256> MakeStops() {
  std::array<bool, 256> stops{};
  for (int c = 0; c < 0x20; ++c) stops[c] = true;
  stops['"'] = stops['\\'] = true;
  return stops;
}
constexpr auto kStops = MakeStops();

bool IsHex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

}  // namespace

char JsonCursor::Peek() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c != ' ' && c != '\n' && c != '\r' && c != '\t') return c;
    ++at_;
  }
  return '\0';
}

bool JsonCursor::String(std::string_view* inner) {
  if (!Take('"')) return false;
  const std::size_t from = at_;
  const char* const text = text_.data();
  const std::size_t size = text_.size();
  for (;;) {
    while (at_ < size && !kStops[static_cast<unsigned char>(text[at_])]) ++at_;
    if (at_ >= size) return false;
    if (text[at_] == '"') break;
    if (text[at_] != '\\' || !Escape()) return false;
  }
  *inner = text_.substr(from, at_++ - from);
  return true;
}

bool JsonCursor::Escape() {
  constexpr std::string_view kSimple = "\"\\/bfnrt";
  ++at_;
  if (at_ >= text_.size()) return false;
  const char kind = text_[at_++];
  if (kSimple.find(kind) != kSimple.npos) return true;
  if (kind != 'u' || at_ + 4 > text_.size()) return false;
  for (int i = 0; i < 4; ++i) {
    if (!IsHex(text_[at_++])) return false;
  }
  return true;
}

bool JsonCursor::Digits() {
  const std::size_t from = at_;
  while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
  return at_ > from;
}

bool JsonCursor::Number() {
  const auto next = [&] { return at_ < text_.size() ? text_[at_] : '\0'; };
  if (next() == '-') ++at_;
  if (next() == '0') {
    ++at_;
  } else if (!Digits()) {
    return false;
  }
  if (next() == '.') {
    ++at_;
    if (!Digits()) return false;
  }
  if (next() != 'e' && next() != 'E') return true;
  ++at_;
  if (next() == '+' || next() == '-') ++at_;
  return Digits();
}

bool JsonCursor::Word(std::string_view word) {
  if (text_.substr(at_, word.size()) != word) return false;
  at_ += word.size();
  return true;
}

bool JsonCursor::Scalar() {
  std::string_view ignored;
  switch (Peek()) {
    case '"': return String(&ignored);
    case 't': return Word("true");
    case 'f': return Word("false");
    case 'n': return Word("null");
    default: return Number();
  }
}

bool JsonCursor::Key() {
  std::string_view ignored;
  return Peek() == '"' && String(&ignored) && Take(':');
}

bool JsonCursor::Skip(std::string_view* raw) {
  const char first = Peek();
  const std::size_t from = at_;
  if (!(first == '{' || first == '[' ? Containers() : Scalar())) return false;
  if (raw != nullptr) *raw = text_.substr(from, at_ - from);
  return true;
}

// A container and all within, without recursion: one bit per level says which kind it is.
bool JsonCursor::Containers() {
  std::uint64_t objects = 0;
  int depth = 0;
  bool expects_value = true;
  for (;;) {
    const char next = Peek();
    if (expects_value && (next == '{' || next == '[')) {
      if (depth++ == kMaxDepth) return false;
      const bool object = next == '{';
      objects = objects << 1 | (object ? 1 : 0);
      ++at_;
      if (Peek() != (object ? '}' : ']')) {
        if (object && !Key()) return false;
        continue;
      }
    } else if (expects_value) {
      if (!Scalar()) return false;
      expects_value = false;
      continue;
    } else if (next == ',') {
      ++at_;
      if ((objects & 1) != 0 && !Key()) return false;
      expects_value = true;
      continue;
    }
    if (!Take((objects & 1) != 0 ? '}' : ']')) return false;
    objects >>= 1;
    expects_value = false;
    if (--depth == 0) return true;
  }
}

bool JsonCursor::Int(std::int64_t* value) {
  std::string_view raw;
  if (!Skip(&raw)) return false;
  std::int64_t parsed = 0;
  const auto [end, error] = std::from_chars(raw.data(), raw.data() + raw.size(), parsed);
  if (error == std::errc() && end == raw.data() + raw.size()) *value = parsed;
  return true;
}

std::size_t DecodedSize(std::string_view inner) {
  std::size_t size = inner.size();
  for (std::size_t at = inner.find('\\'); at < inner.size(); at = inner.find('\\', at)) {
    const bool unicode = at + 1 < inner.size() && inner[at + 1] == 'u';
    // Half of a surrogate pair stands for two bytes, anything else for up to three.
    size -= unicode ? 3 : 1;
    at += unicode ? 6 : 2;
  }
  return size;
}

}  // namespace moerge
