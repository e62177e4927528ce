#include "services/api/access.h"

#include <chrono>
#include <string>

#include "config/base/hash.h"
#include "config/base/secret.h"
#include "config/base/text.h"
#include "services/api/page_session.h"

namespace moerge::api {
namespace {

Error Unauthorized(std::string message, const char* reason = "invalid_api_key") {
  return Error{.code = ErrorCode::kUnauthorized, .message = std::move(message), .reason = reason};
}

std::string_view BearerToken(std::string_view authorization) {
  constexpr std::string_view kScheme = "Bearer ";
  if (!EqualsIgnoreCase(authorization.substr(0, kScheme.size()), kScheme)) return {};
  return Trim(authorization.substr(kScheme.size()));
}

// What is compared are hashes, so that the time of the lookup tells nothing about a key.
Result<const ApiKey*> FindByHash(const Snapshot& snapshot, std::string_view sha256) {
  const ApiKey* key = snapshot.FindKeyByHash(sha256);
  if (key == nullptr || !EqualConstantTime(key->sha256, sha256)) {
    return Unauthorized("the API key is not one of this server's");
  }
  if (key->expires && *key->expires <= std::chrono::system_clock::now()) {
    return Unauthorized("the key `" + key->name + "` has expired on " +
                        FormatTime(*key->expires).substr(0, 10));
  }
  return key;
}

bool MayCall(Role role, Access needed) {
  switch (needed) {
    case Access::kOpen: return true;
    case Access::kInference: return role != Role::kRead;
    case Access::kRead: return role != Role::kInference;
    case Access::kAdmin: return role == Role::kAdmin;
  }
  return false;
}

Error WrongRole(const ApiKey& key, Access needed) {
  std::string message = "the key `" + key.name + "` is for ";
  message += key.role == Role::kRead ? "reading alone" : "inference";
  message += "; this needs a key with the role ";
  if (needed == Access::kInference) {
    message += "`inference` or `admin`";
  } else {
    message += needed == Access::kRead ? "`read` or `admin`" : "`admin`";
  }
  return Error{.code = ErrorCode::kForbidden, .message = std::move(message)};
}

Result<const ApiKey*> WithRole(Result<const ApiKey*> key, Access needed) {
  if (key && !MayCall((*key)->role, needed)) return WrongRole(**key, needed);
  return key;
}

Result<const ApiKey*> FindSessionKey(const Snapshot& snapshot, std::string_view session_id,
                                     Sessions& sessions) {
  const auto sha256 = sessions.KeyOf(session_id, Sessions::Clock::now());
  if (sha256) {
    Result<const ApiKey*> key = FindByHash(snapshot, *sha256);
    if (key) return key;
  }
  return Unauthorized("the session has ended; log in again", "session_ended");
}

// The session that counts: a key in the header goes before it.
std::string_view SessionOf(const http::Request& request) {
  return request.Find("authorization").empty() ? SessionIdOf(request) : std::string_view();
}

Result<const ApiKey*> FindByHeader(const Snapshot& snapshot, std::string_view authorization) {
  const std::string_view token = BearerToken(authorization);
  if (token.empty()) {
    return Unauthorized("this server wants an API key: send `Authorization: Bearer KEY`");
  }
  return FindUsableKey(snapshot, token);
}

}  // namespace

Result<const ApiKey*> FindUsableKey(const Snapshot& snapshot, std::string_view text) {
  return FindByHash(snapshot, Sha256Hex(text));
}

Result<const ApiKey*> FindCaller(const Snapshot& snapshot, const http::Request& request,
                                 Sessions& sessions) {
  const std::string_view session = SessionOf(request);
  if (session.empty()) return FindByHeader(snapshot, request.Find("authorization"));
  return FindSessionKey(snapshot, session, sessions);
}

Result<const ApiKey*> CheckAccess(const Snapshot& snapshot, const http::Request& request,
                                  Access needed, Sessions& sessions) {
  if (needed == Access::kOpen || snapshot.keys.empty()) return nullptr;
  Result<const ApiKey*> key = WithRole(FindCaller(snapshot, request, sessions), needed);
  const std::string_view session = SessionOf(request);
  if (!key || session.empty()) return key;
  if (Status ours = CheckCsrf(request, session); !ours) return std::move(ours).error();
  return key;
}

}  // namespace moerge::api
