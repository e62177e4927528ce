#include "config/base/hash.h"

#include <openssl/evp.h>

#include <bit>
#include <cstring>
#include <string>

#include "config/base/text.h"

namespace moerge {
namespace {

// Odd constants with about as many ones as zeros, so that a product spreads every input bit.
constexpr std::uint64_t kFirst = 0x9E6C63D0876A9A47ULL;
constexpr std::uint64_t kSecond = 0xC3D5A71F1B62E9ADULL;
constexpr std::uint64_t kThird = 0x8BB84B93962EACC9ULL;

// The two halves of the 128-bit product, folded: the mixing step of the wyhash family.
std::uint64_t Mix(std::uint64_t a, std::uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// Little-endian on every machine, so that hashes may be stored.
template <class Word>
std::uint64_t Load(const char* at) {
  Word word;
  std::memcpy(&word, at, sizeof word);
  if constexpr (std::endian::native == std::endian::big) {
    word = sizeof word == 8 ? __builtin_bswap64(word) : __builtin_bswap32(word);
  }
  return word;
}

struct Words {
  std::uint64_t a = 0;
  std::uint64_t b = 0;
};

// All of 1 to 16 bytes in two words, which may overlap.
Words LoadShort(const char* p, std::size_t size) {
  if (size >= 8) return {Load<std::uint64_t>(p), Load<std::uint64_t>(p + size - 8)};
  if (size >= 4) return {Load<std::uint32_t>(p), Load<std::uint32_t>(p + size - 4)};
  if (size == 0) return {};
  const auto byte = [p](std::size_t i) { return std::uint64_t{static_cast<unsigned char>(p[i])}; };
  return {byte(0) << 16 | byte(size / 2) << 8 | byte(size - 1), 0};
}

}  // namespace

std::uint64_t Hash64(std::string_view bytes, std::uint64_t seed) {
  const char* p = bytes.data();
  std::size_t left = bytes.size();
  std::uint64_t hash = Mix(seed ^ kFirst, kSecond);
  while (left > 16) {
    hash = Mix(Load<std::uint64_t>(p) ^ kSecond, Load<std::uint64_t>(p + 8) ^ hash);
    p += 16;
    left -= 16;
  }
  const Words tail = LoadShort(p, left);
  return Mix(Mix(tail.a ^ kSecond, tail.b ^ hash) ^ bytes.size(), kThird ^ hash);
}

std::string Sha256Hex(std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr);
  return Hex(std::string_view(reinterpret_cast<const char*>(digest), size));
}

}  // namespace moerge
