#include "registry/sqlite/decision_packing.h"

#include <gtest/gtest.h>

#include <iterator>
#include <random>
#include <string>
#include <string_view>

namespace moerge {
namespace {

std::string Packed(std::string_view json) {
  std::string packed;
  sqlite::PackJson(json, &packed);
  return packed;
}

TEST(DecisionPacking, WhateverIsKeptComesBackAsItWas) {
  constexpr std::string_view kParts[] = {R"({"expert":)",
                                         R"(,"expected":)",
                                         R"(,"excluded":null})",
                                         R"(,"request":{"user":)",
                                         R"(","request_id":)",
                                         R"(},"usage":)",
                                         R"({"id":)",
                                         R"(,"user_bytes":)",
                                         R"(,"exp)",
                                         R"({")",
                                         R"(,")",
                                         R"(,)",
                                         R"({)",
                                         R"(")",
                                         R"(}])",
                                         "0.25",
                                         "a",
                                         "a text of more than sixteen bytes",
                                         "é",
                                         "\\u0001"};
  std::mt19937 random(7);
  const auto below = [&](std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random);
  };
  for (int i = 0; i < 20'000; ++i) {
    std::string json;
    for (std::size_t parts = below(12); parts > 0; --parts)
      json += kParts[below(std::size(kParts))];
    // A control character anywhere keeps the whole as it is: codes are control characters.
    if (below(8) == 0) json.insert(below(json.size() + 1), 1, static_cast<char>(below(0x20)));
    const std::string packed = Packed(json);
    ASSERT_EQ(sqlite::UnpackJson(packed), json);
    ASSERT_LE(packed.size(), json.size() + 1);
  }
}

TEST(DecisionPacking, WhatRepeatsInEveryDecisionIsOneByteOrTwo) {
  EXPECT_EQ(Packed(R"({"expert":"e1","expected":0.5)"),
            "\x01\"e1\"\x02"
            "0.5");
  EXPECT_EQ(Packed(R"(,"request":{"user":"hello there, all of you")").substr(0, 2).front(), '\x1F');
}

TEST(DecisionPacking, PiecesThatAreWrittenNoMoreAreReadStill) {
  // As it was packed before pieces began with a comma or a brace and a quotation mark.
  EXPECT_EQ(sqlite::UnpackJson("\x12\"a\"\x13"
                               "1\x14\"r\""),
            R"({"id":"a","object":"moerge.decision","time":"1","request_id":"r")");
}

TEST(DecisionPacking, ACodeOfNoPieceIsLeftOut) {
  EXPECT_EQ(sqlite::UnpackJson("a\x1F\x7F"
                               "b\x1F"),
            "ab");
}

}  // namespace
}  // namespace moerge
