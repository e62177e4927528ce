#include "adapters/key_mask.h"

#include <gtest/gtest.h>

namespace moerge {
namespace {

constexpr const char* kKey = "sk-+Ab/9_zQ\"x\\y==";

std::string Masked(std::string_view text, const char* key = kKey) {
  return KeyMask(Secret(key)).Masked(std::string(text));
}

TEST(KeyMask, FindsTheKeyHoweverItIsEscaped) {
  for (const char* text : {
           R"(sk-+Ab/9_zQ"x\y==)",
           R"(sk-+Ab\/9_zQ\"x\\y==)",
           R"(sk-\u002bAb\/9_zQ\u0022x\u005Cy\u003D\u003d)",
           "sk-%2BAb%2F9_zQ%22x%5Cy%3D%3D",
           "sk-%2bAb%2f9_zQ%22x%5cy==",
           R"(%73k-+Ab/9_zQ"x\\y==)",
       }) {
    EXPECT_EQ(Masked(std::string("you sent <") + text + ">, twice " + text),
              "you sent <***>, twice ***")
        << text;
  }
}

// As `printf '%s' "user:$KEY" | base64` writes it: what the key decides alone is gone.
TEST(KeyMask, FindsTheKeyInsideBase64) {
  const char* key = "sk-test-canary-0123456789";
  struct Case {
    const char* text;
    const char* masked;
  };
  for (const Case& item : {
           Case{"c2stdGVzdC1jYW5hcnktMDEyMzQ1Njc4OQ==", "***Q=="},
           Case{"QmVhcmVyIHNrLXRlc3QtY2FuYXJ5LTAxMjM0NTY3ODk=", "QmVhcmVyIH***k="},
           Case{"dXNlcjpzay10ZXN0LWNhbmFyeS0wMTIzNDU2Nzg5", "dXNlcjp***"},
       }) {
    EXPECT_EQ(Masked(item.text, key), item.masked);
  }
}

TEST(KeyMask, KnowsBothAlphabets) {
  const char* key = "?\?\?>>>?\?\?>>>";  // "Pz8/Pj4+Pz8/Pj4+"
  EXPECT_EQ(Masked("a Pz8/Pj4+Pz8/Pj4+ b", key), "a *** b");
  EXPECT_EQ(Masked("a Pz8_Pj4-Pz8_Pj4- b", key), "a *** b");
  EXPECT_EQ(Masked("a Pz8%2FPj4%2BPz8%2FPj4%2B b", key), "a *** b");
}

TEST(KeyMask, LeavesOtherTextsAlone) {
  for (const char* text : {"", "sk-+Ab", "%", "\\u00", "%2", "SK-+AB/9_ZQ\"X\\Y==", "%zzk-"}) {
    EXPECT_EQ(Masked(text), text);
  }
  EXPECT_EQ(Masked("anything", ""), "anything");
  EXPECT_EQ(Masked("c2hvcnQ= short", "short"), "c2hvcnQ= ***") << "too short to be told apart";
}

TEST(KeyMask, MasksAllThatAnErrorSays) {
  Error error{ErrorCode::kUpstream, "a key-0123 b"};
  error.param = error.reason = error.detail = "key-0123";
  KeyMask(Secret("key-0123")).Mask(&error);
  EXPECT_EQ(error.message + error.param + error.reason + error.detail, "a *** b*********");
}

}  // namespace
}  // namespace moerge
