#include "adapters/key_mask.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace moerge {
namespace {

constexpr std::string_view kStars = "***";
constexpr std::size_t kLeastEncoded = 8;  // shorter keys are looked for as they are

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// The characters of base64 that `key` alone decides, where `before` bytes, modulo 3, precede it.
std::string Base64Inside(std::string_view key, std::size_t before) {
  const std::string bytes = std::string(before, '\0').append(key);
  std::string out;
  const std::size_t whole = bytes.size() * 8 / 6;
  for (std::size_t i = (before * 8 + 5) / 6; i < whole; ++i) {
    const std::size_t bit = i * 6;
    const auto high = static_cast<unsigned char>(bytes[bit / 8]);
    const std::size_t next = bit / 8 + 1;
    const auto low = next < bytes.size() ? static_cast<unsigned char>(bytes[next]) : 0;
    const unsigned pair = (static_cast<unsigned>(high) << 8) | low;
    out += kBase64[(pair >> (10 - bit % 8)) & 63];
  }
  return out;
}

std::string UrlAlphabet(std::string text) {
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Whether `digits` are hexadecimal and mean `c`.
bool Means(std::string_view digits, char c) {
  int value = 0;
  for (const char digit : digits) {
    const int one = HexValue(digit);
    if (one < 0) return false;
    value = value * 16 + one;
  }
  return value == static_cast<unsigned char>(c);
}

// How many bytes at the start of `text` stand for `c`; 0: it does not begin with it.
std::size_t Spelled(std::string_view text, char c) {
  if (text.starts_with("\\u") && text.size() >= 6 && Means(text.substr(2, 4), c)) return 6;
  if (text.starts_with('%') && text.size() >= 3 && Means(text.substr(1, 2), c)) return 3;
  if (text.starts_with('\\') && text.size() >= 2 && text[1] == c) return 2;
  return text.starts_with(c) ? 1 : 0;
}

// The length of `what` at the start of `text`, however it is escaped; 0: it is not there.
std::size_t LengthOf(std::string_view text, std::string_view what) {
  std::size_t at = 0;
  for (const char c : what) {
    const std::size_t bytes = Spelled(text.substr(at), c);
    if (bytes == 0) return 0;
    at += bytes;
  }
  return at;
}

std::string Without(std::string_view text, std::string_view what) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t length = LengthOf(text.substr(at), what);
    if (length > 0) {
      out += kStars;
    } else {
      out += text[at];
    }
    at += std::max<std::size_t>(length, 1);
  }
  return out;
}

}  // namespace

KeyMask::KeyMask(const Secret& key) {
  const std::string_view text = key.Reveal();
  if (text.empty()) return;
  forms_.emplace_back(text);
  if (text.size() < kLeastEncoded) return;
  for (std::size_t before = 0; before < 3; ++before) {
    std::string form = Base64Inside(text, before);
    std::string other = UrlAlphabet(form);
    if (other != form) forms_.push_back(std::move(other));
    forms_.push_back(std::move(form));
  }
}

std::string KeyMask::Masked(std::string text) const {
  for (const std::string& form : forms_) text = Without(text, form);
  return text;
}

void KeyMask::Mask(Error* error) const {
  for (std::string* text : {&error->message, &error->param, &error->reason, &error->detail}) {
    if (!text->empty()) *text = Masked(std::move(*text));
  }
}

}  // namespace moerge
