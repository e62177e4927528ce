// The wire format of Protocol Buffers, as far as OTLP takes it
// (https://protobuf.dev/programming-guides/encoding/). Pure; thread-safe.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "config/base/text_buffer.h"
#include "config/base/utf8.h"

namespace moerge::protobuf {

static_assert(std::endian::native == std::endian::little,
              "fixed-size values are written as they lie");

// Numbers of the format.
enum class Wire { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

inline constexpr std::size_t kLargestVarint = 10;  // bytes

// Writes to where there is room; gives the end.
inline char* PutVarint(std::uint64_t value, char* to) {
  for (; value >= 0x80; value >>= 7) *to++ = static_cast<char>(value | 0x80);
  *to++ = static_cast<char>(value);
  return to;
}
// REQUIRES: 1 <= field <= 15, so that a tag is one byte; OTLP has few others.
inline constexpr char Tag(int field, Wire wire) {
  return static_cast<char>(field << 3 | static_cast<int>(wire));
}

inline void AppendVarint(std::uint64_t value, TextBuffer* out) {
  out->Advance(PutVarint(value, out->Room(kLargestVarint)));
}

// How many bytes a varint has.
inline std::size_t VarintSize(std::uint64_t value) {
  return (static_cast<std::size_t>(std::bit_width(value | 1)) + 6) / 7;
}

inline void AppendTag(int field, Wire wire, TextBuffer* out) { out->Append(Tag(field, wire)); }

inline void AppendInt(int field, std::uint64_t value, TextBuffer* out) {
  AppendTag(field, Wire::kVarint, out);
  AppendVarint(value, out);
}

// Numbers of eight bytes: fixed64, sfixed64, double.
template <class Number>
void AppendFixed64(int field, Number value, TextBuffer* out) {
  static_assert(sizeof value == 8);
  char bytes[9];
  bytes[0] = Tag(field, Wire::kFixed64);
  std::memcpy(bytes + 1, &value, 8);
  out->Append(std::string_view(bytes, sizeof bytes));
}

// Bytes, a text (see WithValid), or a message.
inline void AppendBytes(int field, std::string_view bytes, TextBuffer* out) {
  AppendTag(field, Wire::kBytes, out);
  AppendVarint(bytes.size(), out);
  out->Append(bytes);
}

// A decoder refuses all that is sent with one text that is not UTF-8.
template <class Use>
void WithValid(std::string_view text, Use use) {
  utf8::IsValid(text) ? use(text) : use(std::string_view(utf8::Repair(text)));
}

// Reads a message field by field. Of a damaged one, what comes before the damage.
class Reader {
 public:
  explicit Reader(std::string_view message) : rest_(message) {}

  // The next field; false: there is none, or what follows is none.
  bool Next();
  int field() const { return field_; }
  Wire wire() const { return wire_; }
  std::uint64_t number() const { return number_; }   // of a varint or a fixed size
  std::string_view bytes() const { return bytes_; }  // of kBytes

 private:
  bool TakeVarint(std::uint64_t* value);
  bool TakeFixed(std::size_t size);

  std::string_view rest_;
  int field_ = 0;
  Wire wire_ = Wire::kVarint;
  std::uint64_t number_ = 0;
  std::string_view bytes_;
};

}  // namespace moerge::protobuf
