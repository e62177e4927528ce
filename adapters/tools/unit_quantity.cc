#include "adapters/tools/unit_quantity.h"

#include <optional>
#include <utility>

#include "adapters/tools/characters.h"
#include "adapters/tools/number_literal.h"
#include "config/base/text.h"

namespace moerge::tools {
namespace {

constexpr std::size_t kMaxLength = 160;
constexpr std::size_t kMaxParts = 4;

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Where an amount may end: at a space, or between a digit and what is no digit.
bool MayEnd(std::string_view text, std::size_t at) {
  if (at == 0 || at >= text.size()) return false;
  if (text[at] == ' ') return true;
  return IsDigit(text[at - 1]) && !IsDigit(text[at]) && text[at] != '.' && text[at] != ',' &&
         text[at] != '/';
}

bool MayStart(std::string_view text, std::size_t at) {
  if (at >= text.size()) return true;
  return text[at] == ' ' || text[at] == ',' || (IsDigit(text[at]) && !IsDigit(text[at - 1]));
}

std::string_view SkipJoint(std::string_view text) {
  text = Trim(text);
  if (text.starts_with(',')) text = Trim(text.substr(1));
  return LowerAscii(text.substr(0, 4)) == "and " ? Trim(text.substr(4)) : text;
}

// 0 when the first is no multiple of a common unit of the second.
mpq_class Ratio(const UnitMeaning& larger, const UnitMeaning& smaller) {
  const bool same =
      larger.dimensions == smaller.dimensions && larger.offset == 0 && smaller.offset == 0;
  return same ? mpq_class(larger.factor / smaller.factor) : mpq_class(0);
}

bool Follows(const QuantityPart& before, const QuantityPart& next) {
  if (before.amount < 0 || before.amount.get_den() != 1 || next.amount < 0) return false;
  for (const UnitMeaning& larger : before.meanings) {
    for (const UnitMeaning& smaller : next.meanings) {
      if (next.amount < Ratio(larger, smaller)) return true;
    }
  }
  return false;
}

class QuantityReader {
 public:
  bool Read(std::string_view text) {
    text = Trim(text);
    if (text.empty()) return !parts_.empty();
    if (parts_.size() >= kMaxParts || ++steps_ > 4000) return false;
    if (BareInches(text)) return true;
    for (std::size_t end = text.size(); end-- > 1;) {
      if (!MayEnd(text, end)) continue;
      const auto amount = ParseNumber(text.substr(0, end));
      if (amount && ReadUnit(*amount, Trim(text.substr(end)))) return true;
    }
    return false;
  }

  std::vector<QuantityPart> parts_;

 private:
  bool ReadUnit(const mpq_class& amount, std::string_view text) {
    for (std::size_t end = text.size(); end > 0; --end) {
      if (!MayStart(text, end)) continue;
      QuantityPart part{.amount = amount,
                        .unit = std::string(Trim(text.substr(0, end))),
                        .meanings = ParseUnit(text.substr(0, end))};
      if (part.meanings.empty() || (!parts_.empty() && !Follows(parts_.back(), part))) continue;
      parts_.push_back(std::move(part));
      if (Read(SkipJoint(text.substr(end)))) return true;
      parts_.pop_back();
    }
    return false;
  }

  // 5'11 and 6 feet 2: after feet, a number alone counts inches.
  bool BareInches(std::string_view text) {
    if (parts_.size() != 1 || IsLetter(text.back())) return false;
    const auto amount = ParseNumber(text);
    const std::string before = LowerAscii(parts_[0].unit);
    if (!amount || (before != "'" && before != "ft" && before != "feet" && before != "foot"))
      return false;
    QuantityPart inches{.amount = *amount, .unit = "in", .meanings = ParseUnit("in")};
    if (!Follows(parts_[0], inches)) return false;
    parts_.push_back(std::move(inches));
    return true;
  }

  int steps_ = 0;
};

}  // namespace

std::vector<QuantityPart> ParseQuantity(std::string_view text) {
  if (text.size() > kMaxLength) return {};
  QuantityReader reader;
  return reader.Read(text) ? std::move(reader.parts_) : std::vector<QuantityPart>{};
}

}  // namespace moerge::tools
