#include "registry/decision_pieces.h"

#include <gtest/gtest.h>

#include <set>

namespace moerge {
namespace {

std::string Code(std::size_t piece) {
  if (piece < kShortPieces) return {static_cast<char>(piece + 1)};
  return {kLongPiece, static_cast<char>(piece - kShortPieces + 0x20)};
}

TEST(DecisionPieces, EveryCodeStandsForItsPiece) {
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < std::size(kDecisionPieces); ++i) {
    EXPECT_EQ(Unpacked("a" + Code(i) + "b"), "a" + std::string(kDecisionPieces[i]) + "b");
    EXPECT_TRUE(seen.insert(kDecisionPieces[i]).second) << kDecisionPieces[i];
  }
  EXPECT_EQ(std::string_view(PieceOf(R"({"expert":)")), Code(0));
  EXPECT_EQ(Unpacked(PieceOf(R"(,"cost_usd":)")), R"(,"cost_usd":)");
}

TEST(DecisionPieces, JsonStandsForItself) {
  const std::string json = R"({"a":["\u0001 \n",null,"gr\u00fc\u00df \\"]})";
  EXPECT_EQ(Unpacked(json), json);
  EXPECT_EQ(Unpacked(""), "");
}

TEST(DecisionPieces, WhatIsNoCodeIsLeftOut) {
  EXPECT_EQ(Unpacked(std::string_view("a\0b", 3)), "ab");
  EXPECT_EQ(Unpacked("a\x1f"), "a");
  EXPECT_EQ(Unpacked("a\x1f\x7e"
                     "b"),
            "ab");
  EXPECT_EQ(Unpacked("a\x1f\x01"
                     "b"),
            "ab");
}

}  // namespace
}  // namespace moerge
