#include <charconv>
#include <cmath>
#include <string>
#include <string_view>

#include "config/base/json.h"
#include "config/base/json_scan.h"
#include "config/base/utf8.h"

namespace moerge::json {
namespace {

constexpr char kHex[] = "0123456789abcdef";

void AppendEscaped(unsigned char c, std::string* out) {
  switch (c) {
    case '"': out->append("\\\""); return;
    case '\\': out->append("\\\\"); return;
    case '\n': out->append("\\n"); return;
    case '\r': out->append("\\r"); return;
    case '\t': out->append("\\t"); return;
    case '\b': out->append("\\b"); return;
    case '\f': out->append("\\f"); return;
    default: break;
  }
  out->append("\\u00");
  out->push_back(kHex[c >> 4]);
  out->push_back(kHex[c & 15]);
}

void AppendValid(std::string_view value, std::string* out) {
  std::size_t from = 0;
  while (true) {
    const std::size_t special = FindSpecial(value, from);
    out->append(value, from, special - from);
    if (special == value.size()) return;
    AppendEscaped(static_cast<unsigned char>(value[special]), out);
    from = special + 1;
  }
}

// Whether `text` can stand between quotes as it is. Most of what is written are keys and names:
// short and plain.
bool IsPlain(std::string_view text) {
  for (const char c : text) {
    if (c < 0x20 || c == '"' || c == '\\') return false;  // char is signed: not ASCII is below zero
  }
  return true;
}

constexpr std::size_t kShort = 64;

// Up to 15 significant digits with at most six decimals: what measurements are rounded to before
// they are written. Such a number is the shortest that reads back the same, and is found without a
// search.
char* AppendShortDecimal(double value, char* to) {
  constexpr double kScale = 1e6;
  constexpr int kDecimals = 6;
  const double size = std::abs(value);
  if (!(size >= 1e-3 && size < 1e9)) {
    if (value != 0 || std::signbit(value)) return nullptr;
  }
  const double scaled = value * kScale;
  const auto whole = static_cast<std::int64_t>(scaled + (scaled < 0 ? -0.5 : 0.5));
  if (static_cast<double>(whole) / kScale != value) return nullptr;
  if (whole < 0) *to++ = '-';
  const auto magnitude = static_cast<std::uint64_t>(whole < 0 ? -whole : whole);
  to = std::to_chars(to, to + 24, magnitude / 1'000'000).ptr;
  std::uint64_t rest = magnitude % 1'000'000;
  if (rest == 0) return to;
  *to++ = '.';
  int digits = kDecimals;
  for (; rest % 10 == 0; rest /= 10) --digits;
  for (int i = digits; i > 0; --i, rest /= 10) to[i - 1] = static_cast<char>('0' + rest % 10);
  return to + digits;
}

}  // namespace

void AppendQuoted(std::string_view value, std::string* out) {
  if (value.size() <= kShort && IsPlain(value)) {
    out->append(value.size() + 2, '"');
    value.copy(out->data() + out->size() - value.size() - 1, value.size());
    return;
  }
  out->push_back('"');
  if (utf8::IsValid(value)) {
    AppendValid(value, out);
  } else {
    AppendValid(utf8::Repair(value), out);
  }
  out->push_back('"');
}

void Writer::Separate() {
  if (!first_) out_->push_back(',');
  first_ = false;
}

Writer& Writer::BeginObject() {
  Separate();
  out_->push_back('{');
  first_ = true;
  return *this;
}

Writer& Writer::EndObject() {
  out_->push_back('}');
  first_ = false;
  return *this;
}

Writer& Writer::BeginArray() {
  Separate();
  out_->push_back('[');
  first_ = true;
  return *this;
}

Writer& Writer::EndArray() {
  out_->push_back(']');
  first_ = false;
  return *this;
}

Writer& Writer::Key(std::string_view key) {
  Separate();
  AppendQuoted(key, out_);
  out_->push_back(':');
  first_ = true;
  return *this;
}

Writer& Writer::String(std::string_view value) {
  Separate();
  AppendQuoted(value, out_);
  return *this;
}

Writer& Writer::Int(std::int64_t value) {
  char buffer[24];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  return Raw(std::string_view(buffer, end - buffer));
}

Writer& Writer::Number(double value) {
  if (!std::isfinite(value)) return Null();
  char buffer[48];
  char* end = AppendShortDecimal(value, buffer);
  if (end == nullptr) end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  return Raw(std::string_view(buffer, end - buffer));
}

Writer& Writer::Fixed(double value, int decimals) {
  if (!std::isfinite(value)) return Null();
  char buffer[400];
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed, decimals).ptr;
  return Raw(std::string_view(buffer, end - buffer));
}

Writer& Writer::Bool(bool value) { return Raw(value ? "true" : "false"); }

Writer& Writer::Null() { return Raw("null"); }

Writer& Writer::Raw(std::string_view json) {
  Separate();
  out_->append(json);
  return *this;
}

}  // namespace moerge::json
