// Small helpers on text. Thread-safe, pure.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace moerge {

std::string_view Trim(std::string_view text);  // ASCII white space
std::string LowerAscii(std::string_view text);
// What no header can carry: a line break in a value could write headers of its own, and servers
// refuse the others or read them each in its own way. A tab is none.
bool HasControl(std::string_view text);
bool EqualsIgnoreCase(std::string_view a, std::string_view b);  // ASCII
std::vector<std::string_view> Split(std::string_view text, char separator);
// The parts would outlive a text that is gone at the end of the expression.
template <class Temporary>
requires std::same_as<Temporary, std::string> std::vector<std::string_view> Split(Temporary&& text,
                                                                                  char separator)
= delete;
std::string Join(const std::vector<std::string>& parts, std::string_view separator);
std::string Hex(std::string_view bytes);  // two lower-case digits a byte

// Whole text as a number; empty if anything is left over or it is not finite.
std::optional<std::int64_t> ParseInt(std::string_view text);
std::optional<double> ParseDouble(std::string_view text);
// With at most so many significant digits, up to 17; as few as tell it apart when 0. "0.25",
// "1e+06".
std::string FormatNumber(double value, int digits = 0);

// Up to `count` of `names` that resemble `name`, nearest first, for "did you mean ...". Work is
// bounded: a name over 128 bytes resembles nothing.
std::vector<std::string> CloseNames(std::string_view name, const std::vector<std::string>& names,
                                    std::size_t count = 3);
// " Did you mean `a` or `b`?", or nothing.
std::string DidYouMean(std::string_view name, const std::vector<std::string>& names);

// "2026-01-31T12:34:56.789Z".
std::string FormatTime(std::chrono::system_clock::time_point time);
// Seconds since 1970.
std::int64_t NowInSeconds();
// RFC 3339: the above, with or without a fraction, `Z` or an offset such as +01:00; or a date
// alone, which is its midnight in UTC.
std::optional<std::chrono::system_clock::time_point> ParseTime(std::string_view text);

}  // namespace moerge
