#include "services/api/access.h"

#include <string>

#include "config/base/hash.h"
#include "config/base/secret.h"
#include "config/base/text.h"

namespace moerge::api {
namespace {

Error Unauthorized(std::string message) {
  return Error{
      .code = ErrorCode::kUnauthorized, .message = std::move(message), .reason = "invalid_api_key"};
}

std::string_view BearerToken(std::string_view authorization) {
  constexpr std::string_view kScheme = "Bearer ";
  if (!EqualsIgnoreCase(authorization.substr(0, kScheme.size()), kScheme)) return {};
  return Trim(authorization.substr(kScheme.size()));
}

// Looks at every key, so that the time tells nothing about which one came close.
const ApiKey* FindKey(const Snapshot& snapshot, std::string_view token) {
  const std::string hash = Sha256Hex(token);
  const ApiKey* found = nullptr;
  for (const ApiKey& key : snapshot.keys) {
    if (EqualConstantTime(key.sha256, hash)) found = &key;
  }
  return found;
}

}  // namespace

Result<const ApiKey*> CheckAccess(const Snapshot& snapshot, std::string_view authorization,
                                  Access needed) {
  if (needed == Access::kOpen || snapshot.keys.empty()) return nullptr;
  const std::string_view token = BearerToken(authorization);
  if (token.empty()) {
    return Unauthorized("this server wants an API key: send `Authorization: Bearer KEY`");
  }
  const ApiKey* key = FindKey(snapshot, token);
  if (key == nullptr) return Unauthorized("the API key is not one of this server's");
  if (needed == Access::kAdmin && key->role != Role::kAdmin) {
    return Error{.code = ErrorCode::kForbidden,
                 .message = "the key `" + key->name +
                            "` is for inference; this needs a key with the role `admin`"};
  }
  return key;
}

}  // namespace moerge::api
