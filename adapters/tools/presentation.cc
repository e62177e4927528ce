#include "adapters/tools/presentation.h"

#include <algorithm>
#include <array>
#include <utility>

#include "adapters/tools/number_literal.h"
#include "adapters/tools/phrase_pattern.h"

namespace moerge::tools {
namespace {

constexpr long kMaxDigitsWanted = 1000;

// Each reads its slots into the presentation; false when the slots do not fit.
using SlotReader = bool (*)(const Slots& slots, Presentation& out);

std::optional<std::size_t> DigitsWanted(std::string_view text) {
  const auto count = ParseSmallInteger(text);
  if (!count || *count < 0 || *count > kMaxDigitsWanted) return std::nullopt;
  return static_cast<std::size_t>(*count);
}

bool ReadSignificant(const Slots& slots, Presentation& out) {
  const auto digits = DigitsWanted(slots[1]);
  if (digits && *digits > 0) out.significant = digits;
  return out.significant.has_value();
}

bool ReadPlaces(const Slots& slots, Presentation& out) {
  out.places = DigitsWanted(slots[1]);
  return out.places.has_value();
}

bool ReadNearest(const Slots& slots, Presentation& out) {
  static constexpr std::array<std::pair<std::string_view, std::pair<long, long>>, 14> kUnits = {
      {{"integer", {1, 1}},
       {"whole number", {1, 1}},
       {"whole", {1, 1}},
       {"one", {1, 1}},
       {"unit", {1, 1}},
       {"ten", {10, 1}},
       {"hundred", {100, 1}},
       {"thousand", {1000, 1}},
       {"million", {1000000, 1}},
       {"tenth", {1, 10}},
       {"hundredth", {1, 100}},
       {"cent", {1, 100}},
       {"thousandth", {1, 1000}},
       {"multiple of ten", {10, 1}}}};
  for (const auto& [name, ratio] : kUnits) {
    if (slots[1] == name) out.nearest = mpq_class(ratio.first, ratio.second);
  }
  return out.nearest.has_value();
}

template <Form form>
bool ReadForm(const Slots&, Presentation& out) {
  out.form = form;
  return true;
}

template <int base>
bool ReadBase(const Slots&, Presentation& out) {
  out.form = Form::kBase;
  out.base = base;
  return true;
}

// Only a number written in another base has something to convert: "1010 in decimal" leaves its base
// open.
bool ReadFromBase(const Slots& slots, Presentation& out) {
  const std::string_view number =
      slots[0].substr(std::min(slots[0].size(), slots[0].rfind(' ') + 1));
  if (!number.starts_with("0x") && !number.starts_with("0b") && !number.starts_with("0o"))
    return false;
  out.form = Form::kDecimal;
  return true;
}

struct Rule {
  Pattern pattern;
  SlotReader reader;
};

const std::vector<Rule>& Rules() {
  static const std::vector<Rule> rules = {
      {Pattern("<x> [,] [rounded|correct|accurate|precise] to <n> [significant|sig] "
               "(digits|figures|figs) [of precision]"),
       &ReadSignificant},
      {Pattern("<x> [,] [rounded|correct|accurate] to <n> (sf|sigfigs|digit)"), &ReadSignificant},
      {Pattern("<x> [,] [rounded|correct|accurate|precise] to <n> (decimal places|decimal "
               "place|decimals|decimal digits|dp|places)"),
       &ReadPlaces},
      {Pattern("<x> [,] with <n> (decimal places|decimals|decimal digits)"), &ReadPlaces},
      {Pattern("<x> [,] [rounded] to the nearest <unit>"), &ReadNearest},
      {Pattern("<x> [,] [expressed|written] as a [simplified|reduced] (fraction|ratio)"),
       &ReadForm<Form::kFraction>},
      {Pattern("<x> [,] in (simplest|lowest) (form|terms)"), &ReadForm<Form::kFraction>},
      {Pattern("<x> (to|into) a fraction"), &ReadForm<Form::kFraction>},
      {Pattern("<x> [,] as a mixed number"), &ReadForm<Form::kMixed>},
      {Pattern("<x> [,] [expressed|written] as a decimal [number]"), &ReadForm<Form::kDecimal>},
      {Pattern("<x> (to|into) a decimal"), &ReadForm<Form::kDecimal>},
      {Pattern("<x> [,] [expressed|written] as a (percentage|percent)"),
       &ReadForm<Form::kPercentage>},
      {Pattern("<x> (to|into) (a percentage|a percent|percent)"), &ReadForm<Form::kPercentage>},
      {Pattern("<x> (in|to|into|as) (decimal|base 10)"), &ReadFromBase},
      {Pattern("<x> (in|to|into|as) (binary|base 2)"), &ReadBase<2>},
      {Pattern("<x> (in|to|into|as) (octal|base 8)"), &ReadBase<8>},
      {Pattern("<x> (in|to|into|as) (hex|hexadecimal|base 16)"), &ReadBase<16>},
  };
  return rules;
}

}  // namespace

Presentation TakePresentation(std::string& text) {
  const std::vector<Token> tokens = Tokenize(text);
  for (const Rule& rule : Rules()) {
    Presentation out;
    std::string_view rest;
    const bool matched = rule.pattern.Match(tokens, [&](const Slots& slots) {
      out = {};
      rest = slots[0];
      return rule.reader(slots, out);
    });
    if (!matched) continue;
    text = std::string(rest);
    return out;
  }
  return {};
}

}  // namespace moerge::tools
