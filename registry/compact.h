// Numbers in few bytes, for the store's blobs: whole numbers as base-128 varints, fractions as four
// or eight bytes. Byte order is little-endian on every machine. Thread-safe, pure.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace moerge::compact {

inline void AppendInt(std::uint64_t value, std::string* out) {
  while (value >= 0x80) {
    out->push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out->push_back(static_cast<char>(value));
}

// A small non-negative whole number doubled, or 1 and the bits of the fraction.
template <class Float>
void AppendNumber(Float value, std::string* out) {
  using Bits = std::conditional_t<sizeof(Float) == 4, std::uint32_t, std::uint64_t>;
  if (value >= 0 && value < (1 << 24) && value == static_cast<Float>(static_cast<int>(value))) {
    return AppendInt(static_cast<std::uint64_t>(value) << 1, out);
  }
  out->push_back(1);
  const auto bits = std::bit_cast<Bits>(value);
  for (std::size_t i = 0; i < sizeof(Bits); ++i) out->push_back(static_cast<char>(bits >> (8 * i)));
}

// Reads what was appended. After damage or a premature end ok() is false and values are 0.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : at_(bytes.data()), end_(at_ + bytes.size()) {}

  bool ok() const { return ok_; }
  bool AtEnd() const { return at_ == end_; }

  std::string_view Rest() { return Bytes(static_cast<std::uint64_t>(end_ - at_)); }
  std::string_view Bytes(std::uint64_t size) {
    if (size > static_cast<std::uint64_t>(end_ - at_)) size = Fail();
    const std::string_view bytes(at_, static_cast<std::size_t>(size));
    at_ += size;
    return bytes;
  }

  std::uint64_t Int() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at_ == end_) return Fail();
      const auto byte = static_cast<unsigned char>(*at_++);
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    return Fail();
  }

  // Passes over so many of them.
  void SkipInts(int count) {
    while (count > 0 && at_ != end_) count -= static_cast<unsigned char>(*at_++) < 0x80 ? 1 : 0;
    if (count > 0) Fail();
  }

  template <class Float>
  void SkipNumber() {
    const bool fraction = at_ != end_ && (*at_ & 1) != 0;
    SkipInts(1);
    if (fraction) Bytes(sizeof(Float));
  }

  template <class Float>
  Float Number() {
    using Bits = std::conditional_t<sizeof(Float) == 4, std::uint32_t, std::uint64_t>;
    const std::uint64_t head = Int();
    if ((head & 1) == 0) return static_cast<Float>(head >> 1);
    if (static_cast<std::size_t>(end_ - at_) < sizeof(Bits)) return static_cast<Float>(Fail());
    Bits bits = 0;
    for (std::size_t i = 0; i < sizeof(Bits); ++i) {
      bits |= static_cast<Bits>(static_cast<unsigned char>(*at_++)) << (8 * i);
    }
    return std::bit_cast<Float>(bits);
  }

 private:
  std::uint64_t Fail() {
    ok_ = false;
    at_ = end_;
    return 0;
  }

  const char* at_;
  const char* end_;
  bool ok_ = true;
};

}  // namespace moerge::compact
