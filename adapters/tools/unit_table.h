// Units of measurement as data: names, symbols, dimensions and exact factors to SI. No state beyond
// the tables.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace moerge::tools {

// Exponents of length, mass, time, temperature, data and angle.
using Dimensions = std::array<std::int8_t, 6>;

// How a unit's name combines with prefixes.
enum class Prefixes { kNone, kMetric, kData };

struct UnitEntry {
  std::string_view symbols;  // separated by '|', case matters
  std::string_view names;  // separated by '|', case does not matter; the first is the singular, the
                           // second the plural
  Dimensions dimensions;
  std::string_view factor;   // to the SI unit, exact: "0.3048", "5/9", "1e-10"
  std::string_view offset;   // added after the factor: temperatures
  std::string_view reading;  // which of several meanings of the name: "US", "imperial", "365 days";
                             // empty when there is one
  Prefixes prefixes;
};

// Entries that share a name and dimensions are readings of an ambiguous unit, the most usual first.
[[nodiscard]] std::span<const UnitEntry> UnitTable();

struct Prefix {
  std::string_view symbol;
  std::string_view name;
  std::string_view factor;
};
[[nodiscard]] std::span<const Prefix> MetricPrefixes();
[[nodiscard]] std::span<const Prefix> BinaryPrefixes();

// The factor of a radian in turns: 1 / (2 pi) to 60 digits. Results that use it are marked as
// rounded.
inline constexpr std::string_view kRadianInTurns =
    "0.159154943091895335768883763372514362034459645740456448747667";

}  // namespace moerge::tools
