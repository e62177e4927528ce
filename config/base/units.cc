#include "config/base/units.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>
#include <utility>

#include "config/base/text.h"

namespace moerge {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

constexpr Unit kDurations[] = {{"ms", 1}, {"s", 1e3}, {"m", 60e3}, {"h", 3600e3}, {"d", 86'400e3}};
constexpr Unit kSizes[] = {{"", 1},     {"b", 1},        {"kb", 1e3},        {"mb", 1e6},
                           {"gb", 1e9}, {"kib", 1024.0}, {"mib", 1048576.0}, {"gib", 1073741824.0}};

constexpr double kLongest = 10'000 * 365.25 * 86'400e3;
constexpr double kLargest = 0x1p53;

// The number before the unit times the unit; empty if there is no such number, unit or result.
template <std::size_t N>
std::optional<double> ParseQuantity(std::string_view text, const Unit (&units)[N], double limit) {
  const std::size_t split = std::min(text.find_first_not_of("0123456789."), text.size());
  const std::optional<double> number = ParseDouble(text.substr(0, split));
  const std::string unit = LowerAscii(Trim(text.substr(split)));
  const auto* found = std::find_if(std::begin(units), std::end(units),
                                   [&](const Unit& known) { return known.name == unit; });
  if (!number || found == std::end(units)) return std::nullopt;
  const double product = std::round(*number * found->factor);
  return product <= limit ? std::optional(product) : std::nullopt;
}

}  // namespace

std::optional<std::chrono::milliseconds> ParseDuration(std::string_view text) {
  if (text == "0") return std::chrono::milliseconds(0);
  const std::optional<double> amount = ParseQuantity(text, kDurations, kLongest);
  if (!amount) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(*amount));
}

std::string FormatDuration(std::chrono::milliseconds duration) {
  const std::int64_t count = duration.count();
  const Unit* largest = std::begin(kDurations);
  for (const Unit& unit : kDurations) {
    if (count != 0 && count % static_cast<std::int64_t>(unit.factor) == 0) largest = &unit;
  }
  return std::to_string(count / static_cast<std::int64_t>(largest->factor)) +
         std::string(largest->name);
}

std::optional<std::uint64_t> ParseSize(std::string_view text) {
  const std::optional<double> amount = ParseQuantity(text, kSizes, kLargest);
  if (!amount) return std::nullopt;
  return static_cast<std::uint64_t>(*amount);
}

std::string FormatSize(std::uint64_t bytes) {
  constexpr std::pair<std::uint64_t, std::string_view> kUnits[] = {
      {1 << 30, " GiB"},  {1'000'000'000, " GB"}, {1 << 20, " MiB"},
      {1'000'000, " MB"}, {1 << 10, " KiB"},      {1'000, " kB"}};
  for (const auto& [size, name] : kUnits) {
    if (bytes > 0 && bytes % size == 0) return std::to_string(bytes / size) + std::string(name);
  }
  return std::to_string(bytes) + " bytes";
}

}  // namespace moerge
