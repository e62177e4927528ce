#include <cstdlib>
#include <string>

#include "config/base/hash.h"
#include "config/base/line_reader.h"
#include "config/base/text.h"
#include "config/config.h"

namespace moerge {
namespace {

constexpr std::size_t kShortestKey = 16;

Error Unusable(const KeyConfig& key, const std::string& why) {
  return Error{ErrorCode::kInvalid, "keys: `" + key.name + "`: " + why};
}

Result<std::string> Hashed(const KeyConfig& key, std::string_view text, const std::string& from) {
  const std::string_view trimmed = Trim(text);
  if (trimmed.size() < kShortestKey) {
    return Unusable(
        key, from + " must hold a key of at least " + std::to_string(kShortestKey) + " characters");
  }
  return Sha256Hex(trimmed);
}

Result<std::string> HashOf(const KeyConfig& key) {
  if (!key.sha256.empty()) return key.sha256;
  if (!key.key_env.empty()) {
    const char* value = std::getenv(key.key_env.c_str());
    if (value == nullptr) {
      return Unusable(key, "the environment variable " + key.key_env + " is not set");
    }
    return Hashed(key, value, "the environment variable " + key.key_env);
  }
  const Result<std::string> content = ReadFile(key.key_file);
  if (!content) return Unusable(key, content.error().message);
  return Hashed(key, *content, key.key_file);
}

}  // namespace

Result<std::vector<ApiKey>> ResolveKeys(const Config& config) {
  std::vector<ApiKey> keys;
  for (const KeyConfig& key : config.keys) {
    Result<std::string> hash = HashOf(key);
    if (!hash) return std::move(hash).error();
    ApiKey& resolved = keys.emplace_back(key);
    resolved.sha256 = *std::move(hash);
    resolved.origin = Origin::kFile;
  }
  return keys;
}

}  // namespace moerge
