#include "config/base/text_buffer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <string>

#include "config/base/json.h"
#include "config/base/text.h"

namespace moerge {
namespace {

constexpr std::uint64_t kPowers[] = {1,       10,        100,        1'000,       10'000,
                                     100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};

constexpr std::array<char, 200> kTwoDigits = [] {
  std::array<char, 200> digits{};
  for (std::size_t i = 0; i < 100; ++i) {
    digits[2 * i] = static_cast<char>('0' + i / 10);
    digits[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return digits;
}();

// `value` in exactly `count` digits, zeros in front.
void WriteDigits(std::uint64_t value, int count, char* to) {
  int left = count;
  for (; left >= 2; left -= 2, value /= 100) {
    std::memcpy(to + left - 2, &kTwoDigits[2 * (value % 100)], 2);
  }
  if (left == 1) *to = static_cast<char>('0' + value % 10);
}

// ".125" of 1250 and 4 decimals; nothing of 0. Gives the end.
char* AppendFraction(std::uint64_t fraction, int decimals, char* to) {
  if (fraction == 0) return to;
  *to = '.';
  WriteDigits(fraction, decimals, to + 1);
  to += decimals + 1;
  while (to[-1] == '0') --to;
  return to;
}

// Whether a byte of `word` is not ASCII, a control character, a quote or a backslash. A borrow from
// one byte to the next happens below such a byte only.
bool HasSpecial(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
  const std::uint64_t marks = word | (word - kOnes * 0x20) | ((word ^ kOnes * '"') - kOnes) |
                              ((word ^ kOnes * '\\') - kOnes);
  return (marks & (kOnes * 0x80)) != 0;
}

// Copies up to the first byte that JSON escapes or that is not ASCII; gives how many bytes.
std::size_t CopyPlain(std::string_view text, char* to) {
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + at, 8);
    if (HasSpecial(word)) break;
    std::memcpy(to + at, &word, 8);
  }
  if (at > 0 && text.size() - at < 8) {  // what is left, and some of what was copied already
    std::uint64_t word;
    std::memcpy(&word, text.data() + text.size() - 8, 8);
    if (!HasSpecial(word)) {
      std::memcpy(to + text.size() - 8, &word, 8);
      return text.size();
    }
  }
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c < 0x20 || c == '"' || c == '\\') break;  // char is signed: not ASCII is below zero
    to[at] = c;
  }
  return at;
}

}  // namespace

void TextBuffer::Clear() {
  end_ = begin_.get();
  if (static_cast<std::size_t>(limit_ - end_) <= kKept) return;
  begin_.reset();
  end_ = limit_ = nullptr;
}

void TextBuffer::Grow(std::size_t size) {
  const std::size_t used = this->size();
  const std::size_t room = std::max<std::size_t>(2 * (used + size), 512);
  std::unique_ptr<char[]> larger(new char[room]);
  if (used > 0) std::memcpy(larger.get(), begin_.get(), used);
  begin_ = std::move(larger);
  end_ = begin_.get() + used;
  limit_ = begin_.get() + room;
}

void TextBuffer::AppendDecimal(double value, int decimals) {
  const std::uint64_t power = kPowers[decimals];
  const double scaled = std::abs(value) * static_cast<double>(power) + 0.5;
  if (!(scaled < 1e15)) return AppendNumber(value);
  const auto all = static_cast<std::uint64_t>(scaled);
  char* to = Room(40);
  if (value < 0 && all > 0) *to++ = '-';
  // Most are probabilities, and dividing takes long.
  const std::uint64_t whole = all < power ? 0 : all / power;
  if (whole < 10) {
    *to++ = static_cast<char>('0' + whole);
  } else {
    to = std::to_chars(to, to + 24, whole).ptr;
  }
  end_ = AppendFraction(all - whole * power, decimals, to);
}

void TextBuffer::AppendNumber(double value) {
  std::string text;  // short enough to need no memory
  json::Writer(&text).Number(value);
  Append(text);
}

void TextBuffer::AppendTime(std::chrono::system_clock::time_point time) {
  // Everything but the milliseconds is the same for a second. Plain types: a thread may write times
  // while it ends.
  constexpr std::size_t kSize = 24;
  thread_local std::chrono::sys_seconds known = std::chrono::sys_seconds::min();
  thread_local char text[kSize];
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  if (second != known) {
    FormatTime(second).copy(text, kSize);
    known = second;
  }
  const auto fraction = std::chrono::floor<std::chrono::milliseconds>(time - second);
  WriteDigits(static_cast<std::uint64_t>(fraction.count()), 3, text + kSize - 4);
  Append(std::string_view(text, kSize));
}

void TextBuffer::AppendQuoted(std::string_view text) {
  Append('"');
  AppendEscaped(text);
  Append('"');
}

void TextBuffer::AppendEscaped(std::string_view text) {
  const std::size_t plain = CopyPlain(text, Room(text.size()));
  if (plain == text.size()) {
    end_ += plain;
    return;
  }
  std::string quoted;
  json::AppendQuoted(text, &quoted);
  Append(std::string_view(quoted).substr(1, quoted.size() - 2));
}

}  // namespace moerge
