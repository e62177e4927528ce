#include "adapters/tools/text_encodings.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "adapters/tools/request.h"
#include "config/base/text.h"
#include "config/base/utf8.h"

namespace moerge::tools {
namespace {

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kHexDigits = "0123456789abcdef";

constexpr std::array<std::pair<char, std::string_view>, 53> kMorse = {{
    {'A', ".-"},     {'B', "-..."},   {'C', "-.-."},   {'D', "-.."},    {'E', "."},
    {'F', "..-."},   {'G', "--."},    {'H', "...."},   {'I', ".."},     {'J', ".---"},
    {'K', "-.-"},    {'L', ".-.."},   {'M', "--"},     {'N', "-."},     {'O', "---"},
    {'P', ".--."},   {'Q', "--.-"},   {'R', ".-."},    {'S', "..."},    {'T', "-"},
    {'U', "..-"},    {'V', "...-"},   {'W', ".--"},    {'X', "-..-"},   {'Y', "-.--"},
    {'Z', "--.."},   {'0', "-----"},  {'1', ".----"},  {'2', "..---"},  {'3', "...--"},
    {'4', "....-"},  {'5', "....."},  {'6', "-...."},  {'7', "--..."},  {'8', "---.."},
    {'9', "----."},  {'.', ".-.-.-"}, {',', "--..--"}, {'?', "..--.."}, {'\'', ".----."},
    {'!', "-.-.--"}, {'/', "-..-."},  {'(', "-.--."},  {')', "-.--.-"}, {'&', ".-..."},
    {':', "---..."}, {';', "-.-.-."}, {'=', "-...-"},  {'+', ".-.-."},  {'-', "-....-"},
    {'_', "..--.-"}, {'"', ".-..-."}, {'@', ".--.-."},
}};

std::string WithoutSpaces(std::string_view text) {
  std::string dense;
  std::copy_if(text.begin(), text.end(), std::back_inserter(dense),
               [](char c) { return std::isspace(static_cast<unsigned char>(c)) == 0; });
  return dense;
}

std::string EncodeBase64(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, text.size() - i);
    std::uint32_t block = 0;
    for (std::size_t j = 0; j < 3; ++j)
      block = (block << 8) | (j < count ? static_cast<unsigned char>(text[i + j]) : 0U);
    for (std::size_t j = 0; j < 4; ++j)
      out += j <= count ? kBase64[(block >> (18 - 6 * j)) & 63U] : '=';
  }
  return out;
}

Result<std::string> DecodeBase64(std::string_view spaced) {
  std::string text = WithoutSpaces(spaced);
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  const std::size_t padded = text.size();
  while (!text.empty() && text.back() == '=' && padded - text.size() < 2) text.pop_back();
  if (text.size() % 4 == 1 || (padded != text.size() && padded % 4 != 0))
    return Fail("that is not valid base64: its length does not fit");
  std::string out;
  std::uint32_t buffer = 0;
  int bits = 0;
  for (const char c : text) {
    const std::size_t value = kBase64.find(c);
    if (value == std::string_view::npos)
      return Fail("that is not valid base64: it has other characters");
    buffer = (buffer << 6) | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += static_cast<char>((buffer >> bits) & 255U);
    }
  }
  if ((buffer & ((1U << bits) - 1U)) != 0)
    return Fail("that is not valid base64: bits are left over");
  return out;
}

std::string EncodeHex(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += kHexDigits[static_cast<unsigned char>(c) >> 4];
    out += kHexDigits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

std::optional<unsigned> HexDigit(char c) {
  const std::size_t value =
      kHexDigits.find(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  if (c == '\0' || value == std::string_view::npos) return std::nullopt;
  return static_cast<unsigned>(value);
}

Result<std::string> DecodeHex(std::string_view spaced) {
  std::string text = WithoutSpaces(spaced);
  if (text.starts_with("0x")) text.erase(0, 2);
  if (text.empty() || text.size() % 2 != 0)
    return Fail("that is not a whole number of hexadecimal bytes");
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const auto high = HexDigit(text[i]);
    const auto low = HexDigit(text[i + 1]);
    if (!high || !low) return Fail("that is not hexadecimal");
    out += static_cast<char>(*high * 16 + *low);
  }
  return out;
}

// RFC 3986: everything but letters, digits and -._~ is escaped.
std::string EncodeUrl(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    if (plain) {
      out += c;
      continue;
    }
    std::string hex = EncodeHex(std::string_view(&c, 1));
    std::transform(hex.begin(), hex.end(), hex.begin(),
                   [](unsigned char digit) { return static_cast<char>(std::toupper(digit)); });
    out += "%" + hex;
  }
  return out;
}

Result<std::string> DecodeUrl(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    // A plus sign is a space in forms and a plus sign elsewhere.
    if (text[i] == '+') return Fail("a plus sign in an encoded URL is ambiguous");
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const auto high = i + 2 < text.size() ? HexDigit(text[i + 1]) : std::nullopt;
    const auto low = i + 2 < text.size() ? HexDigit(text[i + 2]) : std::nullopt;
    if (!high || !low) return Fail("a percent sign is not followed by two hexadecimal digits");
    out += static_cast<char>(*high * 16 + *low);
    i += 2;
  }
  return out;
}

std::string Rot13(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>('a' + (c - 'a' + 13) % 26);
    if (c >= 'A' && c <= 'Z') c = static_cast<char>('A' + (c - 'A' + 13) % 26);
  }
  return out;
}

Result<std::string> EncodeMorse(std::string_view text) {
  std::string out;
  for (const std::string& word : SplitWords(text)) {
    out += out.empty() ? "" : " / ";
    for (std::size_t i = 0; i < word.size(); ++i) {
      const char c = static_cast<char>(std::toupper(static_cast<unsigned char>(word[i])));
      const auto* const hit = std::find_if(kMorse.begin(), kMorse.end(),
                                           [c](const auto& entry) { return entry.first == c; });
      if (hit == kMorse.end()) return Fail("a character has no Morse code");
      out += (i > 0 ? " " : "") + std::string(hit->second);
    }
  }
  return out;
}

Result<std::string> DecodeMorse(std::string_view text) {
  std::string out;
  for (const std::string& sign : SplitWords(text)) {
    if (sign == "/") {
      out += ' ';
      continue;
    }
    const auto* const hit = std::find_if(kMorse.begin(), kMorse.end(),
                                         [&](const auto& entry) { return entry.second == sign; });
    if (hit == kMorse.end()) return Fail("\"" + sign.substr(0, 20) + "\" is no Morse code");
    out += hit->first;
  }
  return out;
}

std::string EncodeBinary(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += out.empty() ? "" : " ";
    for (int bit = 7; bit >= 0; --bit)
      out += ((static_cast<unsigned char>(c) >> bit) & 1) != 0 ? '1' : '0';
  }
  return out;
}

Result<std::string> DecodeBinary(std::string_view spaced) {
  const std::string text = WithoutSpaces(spaced);
  if (text.size() % 8 != 0 || !ConsistsOf(text, "01"))
    return Fail("that is not a whole number of binary bytes");
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 8) {
    unsigned byte = 0;
    for (std::size_t j = 0; j < 8; ++j) byte = byte * 2 + (text[i + j] == '1' ? 1 : 0);
    out += static_cast<char>(byte);
  }
  return out;
}

}  // namespace

Result<std::string> Encode(Codec codec, std::string_view text) {
  switch (codec) {
    case Codec::kBase64: return EncodeBase64(text);
    case Codec::kHex: return EncodeHex(text);
    case Codec::kUrl: return EncodeUrl(text);
    case Codec::kRot13: return Rot13(text);
    case Codec::kMorse: return EncodeMorse(text);
    case Codec::kBinary: return EncodeBinary(text);
  }
  return Fail("unknown encoding");
}

Result<std::string> DecodeBytes(Codec codec, std::string_view text) {
  switch (codec) {
    case Codec::kBase64: return DecodeBase64(text);
    case Codec::kHex: return DecodeHex(text);
    case Codec::kUrl: return DecodeUrl(text);
    case Codec::kRot13: return Rot13(text);
    case Codec::kMorse: return DecodeMorse(text);
    case Codec::kBinary: return DecodeBinary(text);
  }
  return Fail("unknown encoding");
}

Result<std::string> Decode(Codec codec, std::string_view text) {
  Result<std::string> bytes = DecodeBytes(codec, text);
  if (!bytes) return bytes;
  const bool control = std::any_of(bytes->begin(), bytes->end(), [](unsigned char c) {
    return c < 0x20 && c != '\n' && c != '\t' && c != '\r';
  });
  if (bytes->empty() || control || !utf8::IsValid(*bytes))
    return Fail("the decoded bytes are not readable text");
  return bytes;
}

}  // namespace moerge::tools
