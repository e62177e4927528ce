#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "config/base/json.h"

namespace moerge::json {
namespace {

// Keeps text and document together.
struct Parsed {
  explicit Parsed(std::string json) : text(std::move(json)), document(*Document::Parse(text)) {}
  Value root() const { return document.root(); }
  std::string text;
  Document document;
};

TEST(JsonValue, MembersAreFoundByDecodedKey) {
  const Parsed parsed(R"({"a":1,"\u0062":{"c":[true]}})");
  EXPECT_EQ(parsed.root().Find("a").AsInt(), 1);
  EXPECT_EQ(parsed.root().Find("b").Find("c").size(), 1u);
  EXPECT_FALSE(parsed.root().Find("x").present());
  EXPECT_FALSE(parsed.root().Find("x").Find("y").present());
  EXPECT_FALSE(parsed.root().Find("a").Find("y").present());
}

TEST(JsonValue, AbsentIsNotNull) {
  const Parsed parsed(R"({"a":null})");
  EXPECT_TRUE(parsed.root().Find("a").present());
  EXPECT_TRUE(parsed.root().Find("a").is_null());
  EXPECT_FALSE(parsed.root().Find("b").present());
}

TEST(JsonValue, AnAbsentValueAnswersEveryQuestion) {
  const Value absent;
  EXPECT_EQ(absent.size(), 0u);
  EXPECT_EQ(absent.raw(), "");
  EXPECT_EQ(absent.key(), "");
  EXPECT_FALSE(absent.AsString() || absent.AsInt() || absent.AsDouble() || absent.AsBool());
  for (const Value child : absent.children()) FAIL() << child.raw();
}

TEST(JsonValue, StringsAreDecoded) {
  const Parsed parsed(
      R"(["plain","\"\\\/\b\f\n\r\t","\u0041\u00e9\u4e2d\ud83d\ude00","a\u0000b"])");
  std::vector<std::string> strings;
  for (const Value child : parsed.root().children()) strings.emplace_back(*child.AsString());
  ASSERT_EQ(strings.size(), 4u);
  EXPECT_EQ(strings[0], "plain");
  EXPECT_EQ(strings[1], "\"\\/\b\f\n\r\t");
  EXPECT_EQ(strings[2], "A\xC3\xA9\xE4\xB8\xAD\xF0\x9F\x98\x80");
  EXPECT_EQ(strings[3], std::string("a\0b", 3));
}

TEST(JsonValue, AnEscapeIsDecodedAtEveryOffset) {
  for (std::size_t before = 0; before < 20; ++before) {
    const std::string plain(before, 'x');
    const Parsed parsed("\"" + plain + "\\n" + plain + "\"");
    EXPECT_EQ(parsed.root().AsString(), plain + "\n" + plain);
  }
}

TEST(JsonValue, PositionsAllowToSpliceTheText) {
  const Parsed parsed(R"({ "model" : "auto" , "n" : [1, 2] })");
  const Value model = parsed.root().Find("model");
  EXPECT_EQ(parsed.text.substr(model.begin(), model.end() - model.begin()), "\"auto\"");
  EXPECT_EQ(parsed.text.substr(model.member_begin(), 7), "\"model\"");
  EXPECT_EQ(parsed.root().Find("n").raw(), "[1, 2]");
  EXPECT_EQ(parsed.root().raw(), parsed.text);
}

TEST(JsonValue, ChildrenSkipWhatIsInsideThem) {
  const Parsed parsed(R"([[1,[2,3]],{"a":{"b":4}},5])");
  std::vector<std::string> raws;
  for (const Value child : parsed.root().children()) raws.emplace_back(child.raw());
  EXPECT_EQ(raws, (std::vector<std::string>{"[1,[2,3]]", R"({"a":{"b":4}})", "5"}));
  EXPECT_EQ(parsed.root().size(), 3u);
}

TEST(JsonValue, OnlyMembersOfObjectsHaveKeys) {
  const Parsed parsed(R"({"a":[1,{"b":2}]})");
  const Value list = parsed.root().Find("a");
  EXPECT_EQ(list.key(), "a");
  for (const Value child : list.children()) EXPECT_EQ(child.key(), "");
}

TEST(JsonValue, IntegersAreExactOrNothing) {
  const auto integer = [](const char* text) { return Parsed(text).root().AsInt(); };
  EXPECT_EQ(integer("-0"), 0);
  EXPECT_EQ(integer("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(integer("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(integer("1.0"), 1);
  EXPECT_EQ(integer("1e3"), 1000);
  EXPECT_EQ(integer("9223372036854775808"), std::nullopt);
  EXPECT_EQ(integer("1.5"), std::nullopt);
  EXPECT_EQ(integer("1e400"), std::nullopt);
  EXPECT_EQ(integer("\"1\""), std::nullopt);
  EXPECT_EQ(integer("true"), std::nullopt);
}

TEST(JsonValue, DoublesAreFiniteOrNothing) {
  const auto real = [](const std::string& text) { return Parsed(text).root().AsDouble(); };
  EXPECT_EQ(real("0.1"), 0.1);
  EXPECT_EQ(real("1E400"), std::nullopt);
  EXPECT_EQ(real("-1E400"), std::nullopt);
  EXPECT_EQ(real("1e-400"), 0.0);
  EXPECT_EQ(real("5e-324"), 5e-324);
  EXPECT_EQ(real("0." + std::string(400, '0') + "1"), 0.0);
  EXPECT_EQ(real("0." + std::string(400, '0') + "1e401"), 1.0);
  EXPECT_EQ(real("1" + std::string(400, '0') + "e-1"), std::nullopt);
  EXPECT_EQ(real("1" + std::string(400, '0') + "e-400"), 1.0);
}

TEST(JsonValue, StringsWithEscapesAreKeptApart) {
  const Parsed parsed(R"({"\n":"","\t":"\r\r","plain":"\u0000","a\"b":["\\",{"c\/":"\b"}]})");
  const Value root = parsed.root();
  EXPECT_EQ(root.Find("\n").AsString(), "");
  EXPECT_EQ(root.Find("\t").AsString(), "\r\r");
  EXPECT_EQ(root.Find("plain").AsString(), std::string_view("\0", 1));
  const Value list = root.Find("a\"b");
  EXPECT_EQ((*list.children().begin()).AsString(), "\\");
  EXPECT_EQ((*++list.children().begin()).Find("c/").AsString(), "\b");
}

TEST(JsonValue, LongNumbersKeepTheirText) {
  for (const std::string text : {"-12345678901234567890", "0.1234567890123e+0012345", "1E400"}) {
    const Parsed parsed("[" + text + "," + text + "]");
    ASSERT_EQ(parsed.root().size(), 2u);
    for (const Value child : parsed.root().children()) EXPECT_EQ(child.raw(), text);
  }
}

TEST(JsonValue, AMovedDocumentKeepsItsStrings) {
  const std::string text = R"({"k\n":"v\t"})";
  Document first = *Document::Parse(text);
  const std::string_view value = *first.root().Find("k\n").AsString();
  const Document second = std::move(first);
  EXPECT_EQ(value, "v\t");
  EXPECT_EQ(second.root().Find("k\n").AsString(), "v\t");
}

}  // namespace
}  // namespace moerge::json
