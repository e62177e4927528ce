#include "config/yaml/environment.h"

#include <algorithm>
#include <cstdlib>

#include "config/base/text.h"

namespace moerge {
namespace {

bool IsNameStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

bool IsNamePart(char c) { return IsNameStart(c) || (c >= '0' && c <= '9'); }

// The value of what stands between the braces.
std::string ValueOf(std::string_view inside, const std::function<void(std::string)>& complain) {
  const std::size_t split = inside.find(":-");
  const std::string name(inside.substr(0, split));
  if (!IsVariableName(name)) {
    complain(
        "`${...}` must hold the name of an environment variable: ${NAME} or ${NAME:-default}; "
        "write $${ for the characters themselves");
    return {};
  }
  const char* value = std::getenv(name.c_str());
  if (split != inside.npos) {
    return std::string(value == nullptr || *value == '\0' ? inside.substr(split + 2) : value);
  }
  if (value != nullptr) return value;
  complain("the environment variable " + name + " is not set; set it, or write ${" + name +
           ":-default}");
  return {};
}

// `value_of` gives what stands in place of each `${...}` by what is between its braces.
std::string Replaced(std::string_view text,
                     const std::function<std::string(std::string_view inside)>& value_of,
                     const std::function<void(std::string)>& complain) {
  std::string filled;
  while (true) {
    const std::size_t open = text.find("${");
    if (open == text.npos) return filled.append(text);
    if (open > 0 && text[open - 1] == '$') {
      filled.append(text, 0, open - 1).append("${");
      text.remove_prefix(open + 2);
      continue;
    }
    filled.append(text, 0, open);
    const std::size_t close = text.find('}', open);
    if (close == text.npos) {
      complain("`${` without `}`; write $${ for the characters themselves");
      return filled;
    }
    filled += value_of(text.substr(open + 2, close - open - 2));
    text.remove_prefix(close + 1);
  }
}

}  // namespace

bool IsVariableName(std::string_view name) {
  return !name.empty() && name.size() <= 256 && IsNameStart(name.front()) &&
         std::all_of(name.begin(), name.end(), IsNamePart);
}

std::string FillEnvironment(std::string_view text,
                            const std::function<void(std::string)>& complain) {
  const auto value_of = [&](std::string_view inside) { return ValueOf(inside, complain); };
  return Replaced(text, value_of, complain);
}

std::optional<std::string> SentValue(std::string_view text) {
  bool fine = true;
  std::string filled = FillEnvironment(text, [&fine](const std::string&) { fine = false; });
  if (!fine) return std::nullopt;
  if (VariablesIn(text).empty()) return filled;
  const std::string_view trimmed = Trim(filled);
  if (trimmed.empty()) return std::nullopt;
  return std::string(trimmed);
}

std::vector<std::string> VariablesIn(std::string_view text) {
  std::vector<std::string> names;
  const auto note = [&names](std::string_view inside) {
    const std::string_view name = inside.substr(0, inside.find(":-"));
    if (IsVariableName(name)) names.emplace_back(name);
    return std::string();
  };
  Replaced(text, note, [](const std::string&) {});
  return names;
}

}  // namespace moerge
