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

}  // namespace

void AppendQuoted(std::string_view value, std::string* out) {
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
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
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
