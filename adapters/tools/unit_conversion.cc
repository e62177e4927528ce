#include "adapters/tools/unit_conversion.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "adapters/tools/integer_functions.h"
#include "adapters/tools/number_format.h"
#include "adapters/tools/number_literal.h"
#include "adapters/tools/phrase_pattern.h"
#include "adapters/tools/request.h"
#include "config/base/text.h"

namespace moerge::tools {
namespace {

constexpr std::size_t kExactDigits = 20;
constexpr std::size_t kRoundedDigits = 12;

struct Conversion {
  mpq_class value;
  std::string reading;
  bool rounded = false;
};

std::optional<std::string> CommonReading(const std::string& a, const std::string& b) {
  if (!a.empty() && !b.empty() && a != b) return std::nullopt;
  return a.empty() ? b : a;
}

Dimensions Inverse(Dimensions dimensions) {
  for (std::int8_t& dimension : dimensions) dimension = static_cast<std::int8_t>(-dimension);
  return dimensions;
}

// Miles per gallon and liters per 100 km count the same thing upside down.
bool IsFuelPair(const UnitMeaning& from, const UnitMeaning& to) {
  static constexpr Dimensions kDistancePerVolume = {-2, 0, 0, 0, 0, 0};
  const bool inverse = from.dimensions == Inverse(to.dimensions);
  const bool fuel = from.dimensions == kDistancePerVolume
                        ? to.quotient
                        : (to.dimensions == kDistancePerVolume && from.quotient);
  return inverse && fuel;
}

std::optional<Conversion> ConvertOne(const mpq_class& si, const UnitMeaning& from,
                                     const UnitMeaning& to, const std::string& reading) {
  Conversion result{.value = 0, .reading = reading, .rounded = from.rounded != to.rounded};
  if (from.dimensions == to.dimensions) {
    result.value = (si - to.offset) / to.factor;
    return result;
  }
  if (!IsFuelPair(from, to) || si == 0) return std::nullopt;
  result.value = 1 / (si * to.factor);
  return result;
}

// The sum of the parts in SI under one reading of each unit, with the reading they share.
struct Total {
  mpq_class si;
  UnitMeaning unit;
  std::string reading;
};

std::vector<Total> Totals(const std::vector<QuantityPart>& quantity) {
  std::vector<Total> totals;
  for (const UnitMeaning& unit : quantity[0].meanings) {
    totals.push_back({.si = quantity[0].amount * unit.factor + unit.offset,
                      .unit = unit,
                      .reading = unit.reading});
  }
  for (std::size_t i = 1; i < quantity.size(); ++i) {
    std::vector<Total> next;
    for (const Total& total : totals) {
      for (const UnitMeaning& unit : quantity[i].meanings) {
        const auto reading = CommonReading(total.reading, unit.reading);
        if (!reading || unit.dimensions != total.unit.dimensions) continue;
        next.push_back({.si = total.si + quantity[i].amount * unit.factor,
                        .unit = total.unit,
                        .reading = *reading});
      }
    }
    totals = std::move(next);
  }
  return totals;
}

bool HasIec(const std::vector<UnitMeaning>& meanings) {
  return std::any_of(meanings.begin(), meanings.end(),
                     [](const UnitMeaning& unit) { return unit.iec; });
}

// Next to KiB, KB can only mean 1000 bytes.
std::vector<Conversion> Conversions(const std::vector<QuantityPart>& quantity,
                                    const std::vector<UnitMeaning>& target) {
  const bool iec = HasIec(target) || HasIec(quantity[0].meanings);
  std::vector<Conversion> results;
  for (const Total& from : Totals(quantity)) {
    for (const UnitMeaning& to : target) {
      const auto reading = CommonReading(from.reading, to.reading);
      if (!reading || (iec && *reading == "1024-based")) continue;
      auto result = ConvertOne(from.si, from.unit, to, *reading);
      if (!result) continue;
      const bool known = std::any_of(results.begin(), results.end(),
                                     [&](const Conversion& c) { return c.value == result->value; });
      if (!known) results.push_back(*std::move(result));
    }
  }
  return results;
}

std::string ValueText(const Conversion& conversion, const Presentation& how) {
  const mpq_class& value = conversion.value;
  if (how.places || how.significant) {
    const std::string text = how.places ? RoundToPlaces(value, *how.places)
                                        : RoundToSignificant(value, *how.significant);
    const auto exact = ReadNumber(text.substr(text.starts_with('-') ? 1 : 0));
    return (!conversion.rounded && exact && exact->value == abs(value) ? "" : kApproximately) +
           text;
  }
  if (!conversion.rounded && DecimalText(value, kExactDigits).starts_with(kApproximately) == false)
    return DecimalText(value, kExactDigits);
  const std::string text = DecimalText(value, kRoundedDigits);
  return text.starts_with(kApproximately) || value == 0 ? text : kApproximately + text;
}

std::string AmountText(const mpq_class& amount) {
  std::string text = DecimalText(amount, kExactDigits);
  return text.starts_with(kApproximately) ? FractionText(amount) : text;
}

std::string QuantityText(const std::vector<QuantityPart>& quantity) {
  std::string text;
  for (const QuantityPart& part : quantity) {
    const bool tight = part.unit == "'" || part.unit == "\"" || part.unit.starts_with("°");
    text += (text.empty() ? "" : " ") + AmountText(part.amount) + (tight ? "" : " ") + part.unit;
  }
  return text;
}

std::string WithEquals(const std::string& left, const std::string& right) {
  return left + (right.starts_with(kApproximately) ? " " : " = ") + right;
}

ToolReply ConversionReply(const std::vector<QuantityPart>& quantity,
                          const std::vector<Conversion>& results, std::string_view unit,
                          const Presentation& how) {
  std::string text =
      WithEquals(QuantityText(quantity), ValueText(results[0], how) + " " + std::string(unit));
  if (!results[0].reading.empty() && (results.size() > 1)) text += " (" + results[0].reading + ")";
  for (std::size_t i = 1; i < results.size(); ++i) {
    text += "; " + ValueText(results[i], how) + " " + std::string(unit) +
            (results[i].reading.empty() ? "" : " (" + results[i].reading + ")");
  }
  return Answered(text, text);
}

bool BelowAbsoluteZero(const std::vector<QuantityPart>& quantity) {
  const UnitMeaning& unit = quantity[0].meanings[0];
  static constexpr Dimensions kTemperature = {0, 0, 0, 1, 0, 0};
  return unit.dimensions == kTemperature && quantity[0].amount * unit.factor + unit.offset < 0;
}

// "feet and inches", "hours, minutes and seconds".
std::vector<std::string> SplitTargets(std::string_view target) {
  std::vector<std::string> units(1);
  for (const Token& token : Tokenize(target)) {
    if (token.lower == "and" || token.lower == ",") {
      if (!units.back().empty()) units.emplace_back();
      continue;
    }
    units.back() += (units.back().empty() ? "" : " ") + std::string(token.text);
  }
  return units;
}

// Whole numbers of all units but the smallest.
ToolReply ConvertToSeveral(const std::vector<QuantityPart>& quantity,
                           const std::vector<std::string>& units, const Presentation& how) {
  std::string text;
  const auto smallest = Conversions(quantity, ParseUnit(units.back()));
  if (smallest.size() != 1 || smallest[0].rounded)
    return Declined("the units do not fit together or are ambiguous");
  const std::vector<UnitMeaning> last = ParseUnit(units.back());
  mpq_class rest = abs(smallest[0].value);
  for (std::size_t i = 0; i < units.size(); ++i) {
    const std::vector<UnitMeaning> unit = ParseUnit(units[i]);
    if (unit.size() != 1 || unit[0].offset != 0 || unit[0].dimensions != last[0].dimensions)
      return Declined("the units do not fit together");
    const mpq_class ratio = unit[0].factor / last[0].factor;
    const bool final_unit = i + 1 == units.size();
    const mpq_class count = final_unit ? rest : mpq_class(Floor(rest / ratio));
    rest -= count * ratio;
    text += (text.empty() ? "" : " ") +
            ValueText({.value = count, .reading = "", .rounded = false},
                      final_unit ? how : Presentation{}) +
            " " + units[i];
  }
  if (smallest[0].value < 0) return Declined("a negative amount in several units is ambiguous");
  const bool rounded = text.find(kApproximately) != std::string::npos;
  if (rounded) text.erase(text.find(kApproximately), std::string_view(kApproximately).size());
  text = QuantityText(quantity) + (rounded ? " ≈ " : " = ") + text;
  return Answered(text, text);
}

}  // namespace

bool IsUnitTarget(std::string_view target) {
  if (!ParseUnit(target).empty()) return true;
  const std::vector<std::string> units = SplitTargets(target);
  return units.size() > 1 && units.size() <= 4 &&
         std::all_of(units.begin(), units.end(),
                     [](const std::string& unit) { return !ParseUnit(unit).empty(); });
}

ToolReply ConvertQuantity(const std::vector<QuantityPart>& quantity, std::string_view target,
                          const Presentation& how) {
  if (how.form != Form::kPlain && how.form != Form::kDecimal)
    return Declined("that form is not used for conversions");
  if (how.nearest) return Declined("rounding to a unit is not used for conversions");
  if (BelowAbsoluteZero(quantity)) return Declined("the temperature is below absolute zero");
  const std::vector<UnitMeaning> units = ParseUnit(target);
  if (units.empty()) return ConvertToSeveral(quantity, SplitTargets(target), how);
  const std::vector<Conversion> results = Conversions(quantity, units);
  if (results.empty()) return Declined("the units measure different things");
  return ConversionReply(quantity, results, target, how);
}

}  // namespace moerge::tools
