// Text that is written for every request: bytes in a block that grows, is never cleared and is kept
// for the next text, so that writing is a check of the room and a copy.
//
// Owner: whoever writes, often a thread_local. Not thread-safe.
#pragma once

#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <type_traits>

namespace moerge {

class TextBuffer {
 public:
  std::string_view view() const { return {begin_.get(), size()}; }
  std::size_t size() const { return static_cast<std::size_t>(end_ - begin_.get()); }
  // Forgets the text. A block that one long text has made large is given back.
  void Clear();

  void Append(char c) {
    *Room(1) = c;
    ++end_;
  }
  void Append(std::string_view text) {
    if (text.empty()) return;
    std::memcpy(Room(text.size()), text.data(), text.size());
    end_ += text.size();
  }
  template <std::size_t kSize>
  void Append(const char (&literal)[kSize]) {
    std::memcpy(Room(kSize - 1), literal, kSize - 1);
    end_ += kSize - 1;
  }
  template <class Integer>
  requires std::is_integral_v<Integer>
  void AppendInt(Integer value) {
    char* const to = Room(24);
    end_ = std::to_chars(to, to + 24, value).ptr;
  }
  // Where `size` more bytes can be written; then Advance to the end of what was.
  char* Room(std::size_t size) {
    if (static_cast<std::size_t>(limit_ - end_) < size) Grow(size);
    return end_;
  }
  void Advance(char* end) { end_ = end; }
  // Rounded to at most so many decimals (0 to 9), half away from zero, no zeros at the end; what is
  // not finite becomes null, as in JSON.
  void AppendDecimal(double value, int decimals);
  // The shortest form that reads back the same; what is not finite becomes null.
  void AppendNumber(double value);
  // "2026-01-31T12:34:56.789Z".
  void AppendTime(std::chrono::system_clock::time_point time);
  // As a JSON string, with and without its quotes; invalid UTF-8 becomes U+FFFD.
  void AppendQuoted(std::string_view text);
  void AppendEscaped(std::string_view text);

 private:
  static constexpr std::size_t kKept = 64 << 10;

  void Grow(std::size_t size);

  std::unique_ptr<char[]> begin_;
  char* end_ = nullptr;
  char* limit_ = nullptr;
};

}  // namespace moerge
