#include "services/access/first_link.h"

#include <chrono>

#include "config/base/hash.h"
#include "config/base/random.h"
#include "config/base/secret.h"

namespace moerge {

bool WantsFirstKey(const std::vector<ApiKey>& keys) {
  if (keys.empty()) return true;
  const ApiKey& only = keys.front();
  return keys.size() == 1 && only.name == kFirstKey && only.description == kFirstKeyUnused;
}

ApiKey UnusedFirstKey() {
  ApiKey key;
  key.name = kFirstKey;
  key.role = Role::kAdmin;
  key.description = kFirstKeyUnused;
  key.sha256 = Sha256Hex(RandomToken());
  key.created = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  key.origin = Origin::kStore;
  return key;
}

std::string FirstLink::Offer() {
  std::string token = RandomToken();
  const std::lock_guard lock(mutex_);
  sha256_ = Sha256Hex(token);
  return token;
}

bool FirstLink::Is(std::string_view token) const {
  const std::string sha256 = Sha256Hex(token);
  const std::lock_guard lock(mutex_);
  return !sha256_.empty() && EqualConstantTime(sha256_, sha256);
}

bool FirstLink::Take(std::string_view token) {
  const std::string sha256 = Sha256Hex(token);
  const std::lock_guard lock(mutex_);
  if (sha256_.empty() || !EqualConstantTime(sha256_, sha256)) return false;
  sha256_.clear();
  return true;
}

void FirstLink::GiveBack(std::string_view token) {
  const std::lock_guard lock(mutex_);
  sha256_ = Sha256Hex(token);
}

}  // namespace moerge
