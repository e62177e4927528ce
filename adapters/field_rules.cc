#include "adapters/field_rules.h"

#include <algorithm>

#include "adapters/openai_fields.h"

namespace moerge {
namespace {

bool IsPlainWord(const json::Value& value, std::string_view plain) {
  return !plain.empty() && value.AsString() == plain;
}

bool SaysNothing(const json::Value& value, std::string_view plain) {
  if (value.is_null() || value.type() == json::Type::kFalse) return true;
  if (value.is_number()) return value.raw() == plain || (plain == "0" && value.AsDouble() == 0.0);
  if (value.is_string()) return value.AsString()->empty() || IsPlainWord(value, plain);
  if (value.is_bool()) return false;
  const auto elements = value.children();
  return value.size() == 0 || (value.size() == 1 && IsPlainWord(*elements.begin(), plain));
}

}  // namespace

std::string NotPassedOn(std::string_view field, std::string_view api) {
  return "`" + std::string(field) + "` is not passed on: " + std::string(api) +
         " has nothing like it";
}

Status ApplyFieldRules(std::span<const FieldRule> rules, const json::Value& request,
                       std::string_view api, std::vector<std::string>* notes) {
  for (const json::Value member : request.children()) {
    const auto rule = std::ranges::find(rules, member.key(), &FieldRule::field);
    const Handling handling = rule == rules.end() ? Handling::kNoted : rule->handling;
    if (handling == Handling::kTranslated || handling == Handling::kOwn) continue;
    const bool counts = rule != rules.end() && rule->empty_counts && member.is_object();
    const std::string_view plain = rule == rules.end() ? std::string_view() : rule->plain;
    if (!counts && SaysNothing(member, plain)) continue;
    const std::string field(member.key());
    if (handling == Handling::kRefused) return NotExpressible(api, "`" + field + "`", field);
    notes->push_back(NotPassedOn(field, api));
  }
  return Ok{};
}

}  // namespace moerge
