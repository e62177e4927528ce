#include "adapters/tools/unit_lookup.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "adapters/tools/number_literal.h"
#include "config/base/text.h"

namespace moerge::tools {
namespace {

using Meanings = std::vector<UnitMeaning>;
using Index = std::unordered_map<std::string, Meanings>;

mpq_class Exact(std::string_view number) {
  const std::size_t slash = number.find('/');
  if (slash == std::string_view::npos) return ReadNumber(number)->value;
  return ReadNumber(number.substr(0, slash))->value / ReadNumber(number.substr(slash + 1))->value;
}

class IndexBuilder {
 public:
  IndexBuilder() {
    for (const UnitEntry& entry : UnitTable()) Add(entry);
    for (const auto& [symbol, meanings] : symbols_) AddFolded(symbol, meanings);
    AddCommonDataSpellings();
  }

  Index symbols_;  // case matters
  Index names_;    // lower case
  Index folded_;   // symbols in lower case, where that leaves one meaning

 private:
  static UnitMeaning Meaning(const UnitEntry& entry) {
    UnitMeaning meaning{.dimensions = entry.dimensions,
                        .factor = Exact(entry.factor),
                        .reading = std::string(entry.reading)};
    if (!entry.offset.empty()) meaning.offset = Exact(entry.offset);
    meaning.rounded = entry.factor == kRadianInTurns;
    return meaning;
  }

  void Add(const UnitEntry& entry) {
    const UnitMeaning meaning = Meaning(entry);
    AddAll(entry, "", "", meaning);
    if (entry.prefixes == Prefixes::kMetric) {
      for (const Prefix& prefix : MetricPrefixes())
        AddAll(entry, prefix.symbol, prefix.name, Scaled(meaning, prefix.factor));
    }
    if (entry.prefixes == Prefixes::kData) AddDataPrefixes(entry, meaning);
  }

  static UnitMeaning Scaled(UnitMeaning meaning, std::string_view factor) {
    meaning.factor *= Exact(factor);
    return meaning;
  }

  // KB is 1000 bytes by the standard and 1024 by habit; for bits only the standard is in use.
  void AddDataPrefixes(const UnitEntry& entry, const UnitMeaning& meaning) {
    for (std::size_t i = 0; i < BinaryPrefixes().size(); ++i) {
      const Prefix& metric = MetricPrefixes()[i];
      const Prefix& binary = BinaryPrefixes()[i];
      UnitMeaning thousand = Scaled(meaning, metric.factor);
      UnitMeaning habit = Scaled(meaning, binary.factor);
      UnitMeaning standard = habit;
      standard.iec = true;
      AddAll(entry, binary.symbol, binary.name, standard);
      const bool bytes = meaning.factor == 8;
      if (bytes) {
        thousand.reading = "1000-based";
        habit.reading = "1024-based";
      }
      AddAll(entry, metric.symbol, metric.name, thousand);
      if (bytes) AddAll(entry, metric.symbol, metric.name, habit);
      if (i == 0) AddSymbols(entry, "K", bytes ? Meanings{thousand, habit} : Meanings{thousand});
    }
  }

  void AddAll(const UnitEntry& entry, std::string_view symbol_prefix, std::string_view name_prefix,
              const UnitMeaning& meaning) {
    AddSymbols(entry, symbol_prefix, {meaning});
    for (const std::string_view name : Split(entry.names, '|')) {
      if (!name.empty()) names_[std::string(name_prefix) + std::string(name)].push_back(meaning);
    }
  }

  void AddSymbols(const UnitEntry& entry, std::string_view prefix, const Meanings& meanings) {
    for (const std::string_view symbol : Split(entry.symbols, '|')) {
      if (symbol.empty()) continue;
      Meanings& known = symbols_[std::string(prefix) + std::string(symbol)];
      known.insert(known.end(), meanings.begin(), meanings.end());
    }
  }

  void AddFolded(const std::string& symbol, const Meanings& meanings) {
    Meanings& known = folded_[LowerAscii(symbol)];
    const bool clash = !known.empty() &&
                       !(known.size() == meanings.size() && known[0].factor == meanings[0].factor &&
                         known[0].dimensions == meanings[0].dimensions);
    // An entry of two meanings of different kinds never resolves.
    known = clash ? Meanings(2) : meanings;
    if (clash) known[0].reading = "?";
  }

  // In lower case, gb are bytes and gbps bits, as people write them.
  void AddCommonDataSpellings() {
    for (const std::string letter : {"k", "m", "g", "t", "p"}) {
      const std::string capital(1, static_cast<char>(letter[0] - 'a' + 'A'));
      folded_[letter + "b"] = symbols_[(letter == "k" ? letter : capital) + "B"];
      folded_[letter + "bps"] = symbols_[(letter == "k" ? letter : capital) + "bps"];
    }
    folded_["m"] = symbols_["m"];
  }
};

const IndexBuilder& UnitIndex() {
  static const IndexBuilder index;
  return index;
}

const Meanings* FindIn(const Index& index, const std::string& key) {
  const auto hit = index.find(key);
  return hit == index.end() ? nullptr : &hit->second;
}

Meanings LookUp(std::string_view text) {
  const IndexBuilder& index = UnitIndex();
  if (const Meanings* exact = FindIn(index.symbols_, std::string(text))) return *exact;
  const std::string lower = LowerAscii(text);
  if (const Meanings* named = FindIn(index.names_, lower)) return *named;
  const Meanings* folded = FindIn(index.folded_, lower);
  return folded != nullptr && folded->front().reading != "?" ? *folded : Meanings{};
}

UnitMeaning Raised(const UnitMeaning& unit, int power) {
  UnitMeaning raised = unit;
  raised.factor = 1;
  for (int i = 0; i < power; ++i) raised.factor *= unit.factor;
  for (std::int8_t& dimension : raised.dimensions)
    dimension = static_cast<std::int8_t>(dimension * power);
  return raised;
}

// What raising and combining needs: pure factors.
bool AllScales(const Meanings& meanings) {
  return std::all_of(meanings.begin(), meanings.end(),
                     [](const UnitMeaning& unit) { return unit.offset == 0; });
}

Meanings RaisedAll(const Meanings& meanings, int power) {
  Meanings raised;
  if (!AllScales(meanings)) return raised;
  for (const UnitMeaning& unit : meanings) raised.push_back(Raised(unit, power));
  return raised;
}

bool TakeSuffix(std::string_view& text, std::string_view suffix) {
  if (text.size() <= suffix.size() || !text.ends_with(suffix)) return false;
  // m2 is a square meter; in "6 feet 2" the number stands for itself.
  if (suffix[0] != ' ' && text[text.size() - suffix.size() - 1] == ' ') return false;
  text = Trim(text.substr(0, text.size() - suffix.size()));
  return true;
}

bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (text.size() <= prefix.size() || LowerAscii(text.substr(0, prefix.size())) != prefix)
    return false;
  text = Trim(text.substr(prefix.size()));
  return true;
}

// A unit or a power of one: m², cubic feet, meters squared.
Meanings ParsePower(std::string_view text) {
  text = Trim(text);
  if (Meanings plain = LookUp(text); !plain.empty()) return plain;
  std::string_view rest = text;
  if (TakePrefix(rest, "square ") || TakePrefix(rest, "sq ") || TakePrefix(rest, "sq. "))
    return RaisedAll(LookUp(rest), 2);
  if (TakePrefix(rest, "cubic ") || TakePrefix(rest, "cu ")) return RaisedAll(LookUp(rest), 3);
  for (const auto& [suffix, power] : {std::pair{"²", 2},
                                      {"^2", 2},
                                      {" squared", 2},
                                      {"2", 2},
                                      {"³", 3},
                                      {"^3", 3},
                                      {" cubed", 3},
                                      {"3", 3}}) {
    if (TakeSuffix(rest, suffix)) return RaisedAll(LookUp(rest), power);
  }
  return {};
}

// 100 km in "liters per 100 km".
Meanings ParseDenominator(std::string_view text) {
  text = Trim(text);
  const auto count = ReadNumber(text);
  if (!count || count->value <= 0) return ParsePower(text);
  Meanings meanings = ParsePower(text.substr(count->length));
  for (UnitMeaning& unit : meanings) unit.factor *= count->value;
  return meanings;
}

std::optional<UnitMeaning> Quotient(const UnitMeaning& over, const UnitMeaning& under) {
  if (over.offset != 0 || under.offset != 0) return std::nullopt;
  if (!over.reading.empty() && !under.reading.empty() && over.reading != under.reading)
    return std::nullopt;
  UnitMeaning result = over;
  result.factor /= under.factor;
  for (std::size_t i = 0; i < result.dimensions.size(); ++i) {
    result.dimensions[i] = static_cast<std::int8_t>(over.dimensions[i] - under.dimensions[i]);
  }
  if (result.reading.empty()) result.reading = under.reading;
  result.quotient = true;
  result.rounded = over.rounded || under.rounded;
  return result;
}

Meanings QuotientAll(const Meanings& over, const Meanings& under) {
  Meanings result;
  for (const UnitMeaning& a : over) {
    for (const UnitMeaning& b : under) {
      if (auto quotient = Quotient(a, b)) result.push_back(*std::move(quotient));
    }
  }
  return result;
}

}  // namespace

std::vector<UnitMeaning> ParseUnit(std::string_view text) {
  text = Trim(text);
  if (text.empty() || text.size() > 200) return {};
  if (Meanings whole = ParsePower(text); !whole.empty()) return whole;
  const std::string lower = LowerAscii(text);
  const std::size_t slash = lower.find('/');
  if (slash != std::string::npos)
    return QuotientAll(ParsePower(text.substr(0, slash)), ParseDenominator(text.substr(slash + 1)));
  for (const std::string_view word : {" per ", " an ", " a "}) {
    const std::size_t at = lower.find(word);
    if (at != std::string::npos)
      return QuotientAll(ParsePower(text.substr(0, at)),
                         ParseDenominator(text.substr(at + word.size())));
  }
  return {};
}

}  // namespace moerge::tools
