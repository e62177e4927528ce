#include "adapters/tools/text_digests.h"

#include <openssl/evp.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>

#include "config/base/text.h"

namespace moerge::tools {
namespace {

std::optional<std::string> CryptographicDigest(const std::string& algorithm,
                                               std::string_view text) {
  const std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> method(
      EVP_MD_fetch(nullptr, algorithm.c_str(), nullptr), &EVP_MD_free);
  if (!method) return std::nullopt;
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned length = 0;
  if (EVP_Digest(text.data(), text.size(), bytes.data(), &length, method.get(), nullptr) != 1)
    return std::nullopt;
  std::string hex;
  for (unsigned i = 0; i < length; ++i) {
    std::array<char, 3> pair{};
    std::snprintf(pair.data(), pair.size(), "%02x", bytes[i]);
    hex += pair.data();
  }
  return hex;
}

std::string Crc32(std::string_view text) {
  const auto value = crc32_z(0, reinterpret_cast<const Bytef*>(text.data()), text.size());
  std::array<char, 16> hex{};
  std::snprintf(hex.data(), hex.size(), "%08lx", static_cast<unsigned long>(value));
  return hex.data();
}

}  // namespace

std::optional<std::string> Digest(std::string_view algorithm, std::string_view text) {
  std::string name = LowerAscii(algorithm);
  name.erase(std::remove(name.begin(), name.end(), '-'), name.end());
  if (name == "crc32") return Crc32(text);
  static constexpr std::array<std::string_view, 6> kKnown = {"md5",    "sha1",   "sha224",
                                                             "sha256", "sha384", "sha512"};
  if (std::find(kKnown.begin(), kKnown.end(), name) == kKnown.end()) return std::nullopt;
  return CryptographicDigest(name, text);
}

}  // namespace moerge::tools
