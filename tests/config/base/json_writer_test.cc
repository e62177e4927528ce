#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <string>

#include "config/base/json.h"
#include "config/base/random.h"
#include "config/base/utf8.h"

namespace moerge::json {
namespace {

std::string Quoted(std::string_view value) {
  std::string out;
  AppendQuoted(value, &out);
  return out;
}

TEST(JsonWriter, PlacesCommas) {
  std::string out;
  Writer writer(&out);
  writer.BeginObject().Field("a", 1).Key("b").BeginArray().Int(1).BeginArray().EndArray().Null();
  writer.BeginObject().EndObject().EndArray().Field("c", true).Field("d", "x").EndObject();
  EXPECT_EQ(out, R"({"a":1,"b":[1,[],null,{}],"c":true,"d":"x"})");
}

TEST(JsonWriter, EscapesWhatMustBeEscaped) {
  EXPECT_EQ(Quoted("a\"b\\c\n\r\t\b\f\x01\x1f"), R"("a\"b\\c\n\r\t\b\f\u0001\u001f")");
  EXPECT_EQ(Quoted("/\x7f\xC3\xA9"), "\"/\x7f\xC3\xA9\"");
}

TEST(JsonWriter, RepairsInvalidUtf8) { EXPECT_EQ(Quoted("a\xFFz"), "\"a\xEF\xBF\xBDz\""); }

TEST(JsonWriter, NumbersReadBackTheSame) {
  Random random(1);
  for (int i = 0; i < 20'000; ++i) {
    const double number = std::bit_cast<double>(random.Next());
    if (!std::isfinite(number)) continue;
    std::string out;
    Writer(&out).Number(number);
    const auto document = Document::Parse(out);
    ASSERT_TRUE(document.ok()) << out;
    EXPECT_EQ(document->root().AsDouble(), number) << out;
  }
}

TEST(JsonWriter, WhatIsNotFiniteIsNull) {
  std::string out;
  Writer writer(&out);
  writer.BeginArray().Number(std::nan("")).Number(std::numeric_limits<double>::infinity());
  writer.Fixed(-std::numeric_limits<double>::infinity(), 2).EndArray();
  EXPECT_EQ(out, "[null,null,null]");
}

TEST(JsonWriter, FixedKeepsDecimals) {
  std::string out;
  Writer writer(&out);
  writer.BeginArray().Fixed(0.5, 3).Fixed(1e300, 0).Fixed(-2.345, 1).EndArray();
  EXPECT_TRUE(Document::Parse(out).ok());
  EXPECT_TRUE(out.starts_with("[0.500,1"));
  EXPECT_TRUE(out.ends_with(",-2.3]"));
}

TEST(JsonWriter, ExtremeIntegers) {
  std::string out;
  Writer writer(&out);
  writer.BeginArray().Int(std::numeric_limits<std::int64_t>::min());
  writer.Int(std::numeric_limits<std::int64_t>::max()).EndArray();
  EXPECT_EQ(out, "[-9223372036854775808,9223372036854775807]");
}

std::string RandomBytes(Random& random) {
  constexpr std::string_view kOften = "\"\\\n\x01 a\xC3\xA9\xE4\xB8\xAD";
  std::string bytes;
  for (std::uint64_t left = random.Below(60); left > 0; --left) {
    const bool often = random.Below(2) == 0;
    bytes += often ? kOften[random.Below(kOften.size())] : static_cast<char>(random.Below(256));
  }
  return bytes;
}

TEST(JsonWriter, AnyBytesRoundTrip) {
  Random random(2);
  for (int i = 0; i < 20'000; ++i) {
    const std::string bytes = RandomBytes(random);
    const std::string quoted = Quoted(bytes);
    const auto document = Document::Parse(quoted);
    ASSERT_TRUE(document.ok()) << document.error().message;
    EXPECT_EQ(document->root().AsString(), utf8::Repair(bytes));
  }
}

}  // namespace
}  // namespace moerge::json
