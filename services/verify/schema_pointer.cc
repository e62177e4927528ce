#include "services/verify/schema_pointer.h"

#include <optional>
#include <string>

#include "config/base/text.h"

namespace moerge {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::optional<std::string> PercentDecoded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out.push_back(text[at]);
      continue;
    }
    if (at + 2 >= text.size()) return std::nullopt;
    const int high = HexDigit(text[at + 1]);
    const int low = HexDigit(text[at + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<char>(high * 16 + low));
    at += 2;
  }
  return out;
}

std::optional<std::string> Unescaped(std::string_view step) {
  std::string out;
  for (std::size_t at = 0; at < step.size(); ++at) {
    if (step[at] != '~') {
      out.push_back(step[at]);
      continue;
    }
    ++at;
    if (at == step.size() || (step[at] != '0' && step[at] != '1')) return std::nullopt;
    out.push_back(step[at] == '0' ? '~' : '/');
  }
  return out;
}

json::Value Element(json::Value array, std::string_view step) {
  const auto wanted = ParseInt(step);
  if (!wanted || *wanted < 0) return {};
  std::int64_t index = 0;
  for (const json::Value item : array.children()) {
    if (index++ == *wanted) return item;
  }
  return {};
}

}  // namespace

json::Value ResolvePointer(json::Value root, std::string_view reference) {
  if (!reference.starts_with('#')) return {};
  const auto pointer = PercentDecoded(reference.substr(1));
  if (!pointer) return {};
  if (pointer->empty()) return root;
  if (!pointer->starts_with('/')) return {};
  json::Value at = root;
  for (const std::string_view step : Split(std::string_view(*pointer).substr(1), '/')) {
    const auto name = Unescaped(step);
    if (!name) return {};
    at = at.is_array() ? Element(at, *name) : at.Find(*name);
  }
  return at;
}

}  // namespace moerge
