#include "adapters/tools/units_tool.h"

#include <optional>
#include <string>
#include <vector>

#include "adapters/tools/phrase_pattern.h"
#include "adapters/tools/presentation.h"
#include "adapters/tools/request.h"
#include "adapters/tools/unit_conversion.h"
#include "adapters/tools/unit_quantity.h"

namespace moerge::tools {
namespace {

constexpr std::size_t kMaxConversion = 400;

struct Sentence {
  Pattern pattern;
  bool unit_first;  // the target comes before the quantity
};

const std::vector<Sentence>& Sentences() {
  static const std::vector<Sentence> sentences = {
      {Pattern("(convert|change|express|turn) [:] <q> (to|into|in|as) <u>"), false},
      {Pattern("[what is|what's|whats|what are|how much is|how long is|how far is|how fast is|how "
               "heavy is|how tall is|how hot is|calculate|compute]"
               " <q> (in|to|into|as|converted to|expressed in) <u>"),
       false},
      {Pattern("what is <q> (equal to|equivalent to) in <u>"), false},
      {Pattern("<q> (is|are|equals|equal|=) how many <u>"), false},
      {Pattern("<q> = [?] <u>"), false},
      {Pattern("[the] number of <u> in <q>"), true},
      {Pattern("how many <u> (are|is) [there] in <q>"), true},
      {Pattern("how many <u> (are|is|equal|equals|make|makes|make up|does|do) <q> [equal|make]"),
       true},
      {Pattern("how many <u> (in|per|to) <q>"), true},
      {Pattern("how many <u> does <q> have"), true},
  };
  return sentences;
}

// "km/h to m/s" asks for the factor.
std::vector<QuantityPart> QuantityOrUnit(std::string_view text, bool factor_allowed) {
  std::vector<QuantityPart> quantity = ParseQuantity(text);
  if (!quantity.empty() || !factor_allowed) return quantity;
  std::vector<UnitMeaning> meanings = ParseUnit(text);
  if (meanings.empty() || meanings[0].offset != 0) return {};
  return {{.amount = 1, .unit = std::string(text), .meanings = std::move(meanings)}};
}

std::optional<ToolReply> TrySentence(const Sentence& sentence, bool convert,
                                     const std::vector<Token>& tokens, const Presentation& how) {
  std::optional<ToolReply> reply;
  const bool matched = sentence.pattern.Match(tokens, [&](const Slots& slots) {
    const std::string_view target = slots[sentence.unit_first ? 0 : 1];
    if (!IsUnitTarget(target)) return false;
    const std::vector<QuantityPart> quantity =
        QuantityOrUnit(slots[sentence.unit_first ? 1 : 0], convert);
    if (quantity.empty()) return false;
    reply = ConvertQuantity(quantity, target, how);
    return reply->answer.has_value();
  });
  if (!matched && reply && reply->answer) reply.reset();
  return reply;
}

ToolReply AnswerConversion(std::string text) {
  const Presentation how = TakePresentation(text);
  const std::vector<Token> tokens = Tokenize(text);
  ToolReply last = Declined("this is not a conversion of units that I understand");
  for (const Sentence& sentence : Sentences()) {
    const bool convert = &sentence == &Sentences().front();
    auto reply = TrySentence(sentence, convert, tokens, how);
    if (!reply) continue;
    if (reply->answer) return *std::move(reply);
    last = *std::move(reply);
  }
  return last;
}

}  // namespace

std::string_view UnitsTool::Name() const { return "units"; }

std::string_view UnitsTool::Description() const {
  return "Exact unit conversion: length, mass, volume, area, speed, temperature, time, data, "
         "energy, power, pressure, angle, fuel.";
}

ToolReply UnitsTool::Answer(std::string_view request, const ToolClock&) const {
  const std::string unreadable = Unreadable(request, kMaxConversion);
  if (!unreadable.empty()) return Declined(unreadable);
  const std::string plain = PlainPunctuation(request);
  return AnswerConversion(std::string(WithoutPoliteness(plain)));
}

}  // namespace moerge::tools
