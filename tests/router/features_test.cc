#include <gtest/gtest.h>

#include <map>
#include <set>

#include "router/features/normaliser.h"
#include "router/features/text_features.h"

namespace moerge {
namespace {

std::map<std::uint32_t, float> Features(const RequestText& text) {
  std::map<std::uint32_t, float> features;
  for (const Feature& feature : ExtractFeatures(Window(text))) {
    EXPECT_TRUE(features.emplace(feature.bucket, feature.value).second) << "a bucket came twice";
  }
  return features;
}

std::map<std::uint32_t, float> Features(std::string_view user) {
  RequestText text;
  text.user = user;
  return Features(text);
}

std::size_t Shared(const std::map<std::uint32_t, float>& a,
                   const std::map<std::uint32_t, float>& b) {
  std::size_t shared = 0;
  for (const auto& [bucket, value] : a) shared += b.contains(bucket);
  return shared;
}

TEST(Features, EmptyAndBlankTextHaveNone) {
  EXPECT_TRUE(Features("").empty());
  EXPECT_LE(Features(" \n\t ").size(), 2u);  // at most its shape
}

TEST(Features, CaseIsFoldedInEveryScript) {
  EXPECT_EQ(Features("Integrate The FUNCTION"), Features("integrate the function"));
  EXPECT_EQ(Features("ПРИВЕТ МИР"), Features("привет мир"));
  EXPECT_EQ(Features("ΑΒΓΔΕ"), Features("αβγδε"));
}

TEST(Features, DigitsOfAnyScriptCountAsTheSame) {
  EXPECT_EQ(Features("12 + 34"), Features("98 + 76"));
  EXPECT_EQ(Features("١٢ + ٣٤"), Features("12 + 34"));
}

TEST(Features, ScriptsWithoutSpacesShareTheirParts) {
  const auto whole = Features("计算这个函数的积分");
  EXPECT_GE(Shared(whole, Features("积分")), 3u);  // 积, 分, 积分
}

TEST(Features, InvalidBytesAreReadAsSymbols) {
  const auto broken = Features("caf\xff\xfe and \xe2\x82 tea\xc3");
  EXPECT_GE(Shared(broken, Features("and tea")), 3u);
}

TEST(Features, EqualTextGivesEqualFeaturesInEqualOrder) {
  RequestText text;
  text.user = "Prove that √2 is irrational; then 计算 2^10";
  const auto first = ExtractFeatures(Window(text));
  const std::vector<Feature> kept(first.begin(), first.end());
  const auto second = ExtractFeatures(Window(text));
  ASSERT_EQ(kept.size(), second.size());
  for (std::size_t i = 0; i < kept.size(); ++i) {
    EXPECT_EQ(kept[i].bucket, second[i].bucket);
    EXPECT_EQ(kept[i].value, second[i].value);
  }
}

TEST(Features, WhatIsNotTheLastTurnWeighsLess) {
  RequestText text;
  text.system = "derivative";
  const auto system = Features(text);
  text = {};
  text.earlier = {"derivative"};
  const auto earlier = Features(text);
  for (const auto& [bucket, value] : Features("derivative")) {
    EXPECT_TRUE(!system.contains(bucket) || system.at(bucket) < value);
    EXPECT_TRUE(!earlier.contains(bucket) || earlier.at(bucket) < value);
  }
  EXPECT_GE(system.size(), 5u);
  EXPECT_GE(earlier.size(), 5u);
}

TEST(Window, MegabytesCostNoMoreThanKilobytes) {
  std::string text;
  for (int i = 0; text.size() < (1u << 20); ++i) text += "word" + std::to_string(i * 7919) + " ";
  RequestText request;
  request.user = text;
  request.system = text;
  request.earlier.assign(100, text);
  const Window window(request);
  EXPECT_LE(window.bytes_read(), std::size_t{16} << 10);
  EXPECT_EQ(window.bytes_total(), text.size() * 102);
  EXPECT_LE(ExtractFeatures(window).size(), 3 * window.bytes_read());
  EXPECT_NE(window.Note().find("of 102.0 MB"), std::string::npos) << window.Note();
}

TEST(Window, ShortTextsAreReadWholeAndNothingIsNoted) {
  RequestText request;
  request.user = "hello";
  request.earlier = {"a", "b"};
  const Window window(request);
  EXPECT_EQ(window.bytes_read(), 7u);
  EXPECT_EQ(window.Note(), "");
}

TEST(Window, CutsBetweenCodePoints) {
  std::string text;
  while (text.size() < 20'000) text += "€";
  RequestText request;
  request.user = text;
  std::vector<FoldedChar> folded;
  const Window window(request);
  std::set<char32_t> seen;
  for (const auto& piece : window.pieces()) {
    for (const FoldedChar& c : FoldText(piece.text, &folded)) seen.insert(c.code);
  }
  EXPECT_FALSE(seen.contains(0xFFFD));
}

TEST(Window, KeepsTheBeginningAndTheEnd) {
  const std::string text = "first" + std::string(50'000, 'x') + "last";
  RequestText request;
  request.user = text;
  const Window window(request);
  ASSERT_EQ(window.pieces().size(), 2u);
  EXPECT_TRUE(window.pieces()[0].text.starts_with("first"));
  EXPECT_TRUE(window.pieces()[1].text.ends_with("last"));
}

}  // namespace
}  // namespace moerge
