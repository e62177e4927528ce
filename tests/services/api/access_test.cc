#include "services/api/access.h"

#include <gtest/gtest.h>

#include "config/base/hash.h"

namespace moerge::api {
namespace {

Snapshot WithKeys() {
  Snapshot snapshot;
  snapshot.keys = {ApiKey{"app", Role::kInference, Sha256Hex("app-key-0123456789"), Origin::kFile},
                   ApiKey{"boss", Role::kAdmin, Sha256Hex("boss-key-0123456789"), Origin::kFile},
                   ApiKey{"eye", Role::kRead, Sha256Hex("eye-key-01234567890"), Origin::kFile},
                   ApiKey{"old", Role::kAdmin, Sha256Hex("old-key-01234567890"), Origin::kFile}};
  snapshot.keys[3].expires = std::chrono::system_clock::now() - std::chrono::hours(1);
  snapshot.Seal();
  return snapshot;
}

Result<const ApiKey*> CheckAccess(const Snapshot& snapshot, std::string_view authorization,
                                  Access needed) {
  http::Request request;
  request.method = "GET";
  request.headers = {{"authorization", authorization}};
  Sessions sessions;
  return api::CheckAccess(snapshot, request, needed, sessions);
}

ErrorCode CodeOf(std::string_view authorization, Access needed) {
  const Snapshot snapshot = WithKeys();
  const auto key = CheckAccess(snapshot, authorization, needed);
  return key ? ErrorCode::kInternal : key.error().code;
}

TEST(Access, WithoutKeysEverythingIsOpen) {
  const Snapshot snapshot;
  const auto key = CheckAccess(snapshot, "", Access::kAdmin);
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(*key, nullptr);
}

TEST(Access, AKeyOpensWhatItsRoleMay) {
  const Snapshot snapshot = WithKeys();
  const auto app = CheckAccess(snapshot, "Bearer app-key-0123456789", Access::kInference);
  ASSERT_TRUE(app.ok());
  EXPECT_EQ((*app)->name, "app");
  EXPECT_TRUE(CheckAccess(snapshot, "bearer  boss-key-0123456789", Access::kInference).ok());
  EXPECT_TRUE(CheckAccess(snapshot, "Bearer boss-key-0123456789", Access::kAdmin).ok());
}

TEST(Access, AnInferenceKeyIsForbiddenToAdminister) {
  EXPECT_EQ(CodeOf("Bearer app-key-0123456789", Access::kAdmin), ErrorCode::kForbidden);
}

TEST(Access, AReadingKeyLooksAtEverythingAndDoesNothing) {
  const Snapshot snapshot = WithKeys();
  EXPECT_TRUE(CheckAccess(snapshot, "Bearer eye-key-01234567890", Access::kRead).ok());
  EXPECT_EQ(CodeOf("Bearer eye-key-01234567890", Access::kInference), ErrorCode::kForbidden);
  EXPECT_EQ(CodeOf("Bearer eye-key-01234567890", Access::kAdmin), ErrorCode::kForbidden);
  EXPECT_EQ(CodeOf("Bearer app-key-0123456789", Access::kRead), ErrorCode::kForbidden);
  EXPECT_TRUE(CheckAccess(snapshot, "Bearer boss-key-0123456789", Access::kRead).ok());
}

TEST(Access, AnExpiredKeyIsUnauthorizedAndTheTextSaysSo) {
  const Snapshot snapshot = WithKeys();
  const auto key = CheckAccess(snapshot, "Bearer old-key-01234567890", Access::kAdmin);
  ASSERT_FALSE(key.ok());
  EXPECT_EQ(key.error().code, ErrorCode::kUnauthorized);
  EXPECT_NE(key.error().message.find("`old` has expired"), std::string::npos);
}

TEST(Access, NoKeyAWrongKeyAndAnotherSchemeAreUnauthorized) {
  for (const char* sent :
       {"", "Bearer", "Bearer ", "Bearer app-key-012345678", "app-key-0123456789",
        "Basic app-key-0123456789", "Bearer app-key-0123456789x"}) {
    EXPECT_EQ(CodeOf(sent, Access::kInference), ErrorCode::kUnauthorized) << sent;
  }
}

TEST(Access, HealthNeedsNoKey) {
  const Snapshot snapshot = WithKeys();
  EXPECT_TRUE(CheckAccess(snapshot, "", Access::kOpen).ok());
}

TEST(Access, ErrorsNeverRepeatTheKey) {
  const Snapshot snapshot = WithKeys();
  const auto key = CheckAccess(snapshot, "Bearer not-a-key-but-secret", Access::kInference);
  ASSERT_FALSE(key.ok());
  EXPECT_EQ(key.error().message.find("secret"), std::string::npos);
}

}  // namespace
}  // namespace moerge::api
