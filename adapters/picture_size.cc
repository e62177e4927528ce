#include "adapters/picture_size.h"

#include <string>

namespace moerge {
namespace {

constexpr std::size_t kMostBase64 = (64U << 10) / 3 * 4;

// `size` bytes at `at` as a number; 0 behind the end.
std::uint32_t BigEndian(std::string_view bytes, std::size_t at, std::size_t size) {
  if (at + size > bytes.size()) return 0;
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < size; ++i) {
    number = (number << 8) | static_cast<unsigned char>(bytes[at + i]);
  }
  return number;
}

std::uint32_t LittleEndian(std::string_view bytes, std::size_t at, std::size_t size) {
  if (at + size > bytes.size()) return 0;
  std::uint32_t number = 0;
  for (std::size_t i = size; i > 0; --i) {
    number = (number << 8) | static_cast<unsigned char>(bytes[at + i - 1]);
  }
  return number;
}

// The first frame header among the segments; 0xC4, 0xC8 and 0xCC are none.
PictureSize SizeOfJpeg(std::string_view bytes) {
  std::size_t at = 2;
  while (at + 9 <= bytes.size() && BigEndian(bytes, at, 1) == 0xFF) {
    const std::uint32_t marker = BigEndian(bytes, at + 1, 1);
    const bool frame =
        marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    if (frame) return {BigEndian(bytes, at + 7, 2), BigEndian(bytes, at + 5, 2)};
    at += marker == 0xFF ? 1 : 2 + BigEndian(bytes, at + 2, 2);
  }
  return {};
}

PictureSize SizeOfWebp(std::string_view bytes) {
  constexpr std::uint32_t kFourteenBits = 0x3FFF;
  const std::string_view kind = bytes.substr(12, 4);
  if (kind == "VP8 ") {
    return {LittleEndian(bytes, 26, 2) & kFourteenBits, LittleEndian(bytes, 28, 2) & kFourteenBits};
  }
  if (kind == "VP8L") {
    const std::uint32_t both = LittleEndian(bytes, 21, 4);
    return {(both & kFourteenBits) + 1, ((both >> 14) & kFourteenBits) + 1};
  }
  if (kind == "VP8X") return {LittleEndian(bytes, 24, 3) + 1, LittleEndian(bytes, 27, 3) + 1};
  return {};
}

PictureSize SizeIn(std::string_view bytes) {
  if (bytes.starts_with("\x89PNG")) return {BigEndian(bytes, 16, 4), BigEndian(bytes, 20, 4)};
  if (bytes.starts_with("GIF8")) return {LittleEndian(bytes, 6, 2), LittleEndian(bytes, 8, 2)};
  if (bytes.starts_with("\xFF\xD8")) return SizeOfJpeg(bytes);
  const bool webp = bytes.size() >= 30 && bytes.starts_with("RIFF") && bytes.substr(8, 4) == "WEBP";
  return webp ? SizeOfWebp(bytes) : PictureSize{};
}

}  // namespace

std::string DecodeHead(std::string_view base64) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  std::uint32_t buffer = 0;
  int bits = 0;
  for (const char c : base64.substr(0, kMostBase64)) {
    const std::size_t digit = kDigits.find(c);
    if (digit == kDigits.npos) break;
    buffer = (buffer << 6) | static_cast<std::uint32_t>(digit);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push_back(static_cast<char>((buffer >> bits) & 0xFF));
  }
  return bytes;
}

std::optional<PictureSize> SizeOfPicture(std::string_view base64) {
  const PictureSize size = SizeIn(DecodeHead(base64));
  if (size.width == 0 || size.height == 0) return std::nullopt;
  return size;
}

}  // namespace moerge
