// UTF-8: validity, repair, code points, case folding. Thread-safe, pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace moerge::utf8 {

// Length of the longest prefix that is valid UTF-8 (no surrogates, no overlong forms, <= U+10FFFF).
std::size_t ValidPrefix(std::string_view text);
inline bool IsValid(std::string_view text) { return ValidPrefix(text) == text.size(); }

// Every invalid byte replaced by U+FFFD.
std::string Repair(std::string_view text);

// The code point at `*at`, which is advanced; an invalid byte gives U+FFFD and advances by one.
// REQUIRES: *at < text.size().
char32_t Next(std::string_view text, std::size_t* at);

void Append(char32_t code_point, std::string* out);

// Simple lower-case mapping of one code point, for comparing without regard to case in any script.
char32_t Lower(char32_t code_point);
std::string Lower(std::string_view text);

// The longest prefix of at most `bytes` bytes that does not cut a code point.
std::string_view Truncate(std::string_view text, std::size_t bytes);

}  // namespace moerge::utf8
