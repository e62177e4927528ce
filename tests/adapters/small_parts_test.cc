// The parts of the adapters that are one pure function or two.
#include <gtest/gtest.h>

#include "adapters/json_cursor.h"
#include "adapters/line_splitter.h"
#include "adapters/proxy_rules.h"
#include "adapters/retry_after.h"
#include "adapters/url.h"

namespace moerge {
namespace {

using std::chrono::seconds;

TEST(Url, TakesItApart) {
  const auto url = ParseUrl("http://[::1]:8080/v1/chat?x=1#fragment");
  ASSERT_TRUE(url.ok());
  EXPECT_EQ(url->host, "::1");
  EXPECT_EQ(url->authority, "[::1]:8080");
  EXPECT_EQ(url->port, 8080);
  EXPECT_EQ(url->target, "/v1/chat?x=1");
  const auto secure = ParseUrl("https://example.com");
  ASSERT_TRUE(secure.ok());
  EXPECT_TRUE(secure->secure);
  EXPECT_EQ(secure->port, 443);
  EXPECT_EQ(secure->target, "");
}

TEST(RetryAfter, SecondsAndDates) {
  const auto now =
      std::chrono::system_clock::from_time_t(784111777);  // Sun, 06 Nov 1994 08:49:37 GMT
  EXPECT_EQ(ParseRetryAfter("", now), seconds(0));
  EXPECT_EQ(ParseRetryAfter("soon", now), seconds(0));
  EXPECT_EQ(ParseRetryAfter("-3", now), seconds(0));
  EXPECT_EQ(ParseRetryAfter(" 120 ", now), seconds(120));
  EXPECT_EQ(ParseRetryAfter("0.2", now), seconds(1));
  EXPECT_EQ(ParseRetryAfter("999999999999", now), std::chrono::hours(24));
  EXPECT_EQ(ParseRetryAfter("Sun, 06 Nov 1994 08:49:47 GMT", now), seconds(10));
  EXPECT_EQ(ParseRetryAfter("Sunday, 06-Nov-94 08:49:47 GMT", now), seconds(10));
  EXPECT_EQ(ParseRetryAfter("Sun Nov  6 08:49:47 1994", now), seconds(10));
  EXPECT_EQ(ParseRetryAfter("Sun, 06 Nov 1994 08:49:07 GMT", now), seconds(0));
}

TEST(ProxyRules, ExceptionsStandForTheirSubdomains) {
  EXPECT_FALSE(ProxyRules(false, "").Applies("example.com"));
  const ProxyRules rules(true, "localhost, .corp.example,127.0.0.1");
  EXPECT_TRUE(rules.Applies("example.com"));
  EXPECT_TRUE(rules.Applies("notcorp.example"));
  EXPECT_FALSE(rules.Applies("corp.example"));
  EXPECT_FALSE(rules.Applies("gpu.CORP.example"));
  EXPECT_FALSE(rules.Applies("127.0.0.1"));
  EXPECT_FALSE(ProxyRules(true, "*").Applies("example.com"));
}

TEST(LineSplitter, CutAnywhere) {
  const std::string stream = "one\ntwo\r\n\nthree\n";
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    LineSplitter splitter(100);
    std::string seen;
    for (const std::string& piece : {stream.substr(0, cut), stream.substr(cut)}) {
      splitter.Feed(piece);
      std::string_view line;
      while (*splitter.Next(&line)) seen.append("[").append(line).append("]");
    }
    EXPECT_EQ(seen, "[one][two\r][][three]") << "cut at " << cut;
  }
}

TEST(LineSplitter, EndlessLine) {
  LineSplitter splitter(10);
  std::string_view line;
  for (int i = 0; i < 2; ++i) {
    splitter.Feed("12345");
    EXPECT_FALSE(*splitter.Next(&line));
  }
  splitter.Feed("6");
  EXPECT_FALSE(splitter.Next(&line).ok());
}

TEST(JsonCursor, AcceptsAndRefusesLikeTheGrammar) {
  for (const char* good :
       {"{}", "[]", " { \"a\" : [ 1 , -0.5e+3 , true , null , \"\\u00e9\\n\" ] } ", "0", "\"x\"",
        "[[[]],{}]", "{\"a\":{\"b\":[{}]},\"c\":1}"}) {
    JsonCursor cursor(good);
    EXPECT_TRUE(cursor.Skip() && cursor.AtEnd()) << good;
  }
  for (const char* bad : {"",           "{",           "}",
                          "[1,]",       "{\"a\"}",     "{\"a\":}",
                          "{\"a\":1,}", "{a:1}",       "01",
                          "1.",         "-",           "+1",
                          "1e",         "tru",         "\"",
                          "\"\\x\"",    "\"\\u12g4\"", "\"\n\"",
                          "[1 2]",      "[}",          "{]",
                          "[1}",        "1 2",         "{} x",
                          "[[1]",       ",",           "{\"a\":1 \"b\":2}",
                          "nan"}) {
    JsonCursor cursor(bad);
    EXPECT_FALSE(cursor.Skip() && cursor.AtEnd()) << bad;
  }
}

TEST(JsonCursor, DepthIsBounded) {
  const std::string deep = std::string(64, '[') + std::string(64, ']');
  EXPECT_TRUE(JsonCursor(deep).Skip());
  EXPECT_FALSE(JsonCursor("[" + deep + "]").Skip());
  EXPECT_FALSE(JsonCursor(std::string(200'000, '[')).Skip());
}

TEST(JsonCursor, HalfACharacterIsTheClientsToRead) {
  for (const char* text : {R"(["\ud83d"])", R"(["\ude00x"])", R"(["\ud83d\ud83d\ude00\\ud83d"])"}) {
    JsonCursor cursor(text);
    std::string_view inner;
    EXPECT_TRUE(cursor.Array([&] { return cursor.String(&inner); }) && cursor.AtEnd()) << text;
    EXPECT_EQ("[\"" + std::string(inner) + "\"]", text);
  }
  EXPECT_FALSE(JsonCursor(R"(["\ud83d)").Skip());
}

TEST(JsonCursor, TwoAtOnceReadTheirOwnTexts) {
  JsonCursor first("[1,[2],3]");
  std::string_view raw;
  EXPECT_TRUE(first.Array([&] { return JsonCursor("{\"a\":[]}").Skip() && first.Skip(&raw); }));
  EXPECT_EQ(raw, "3");
  EXPECT_TRUE(first.AtEnd());
}

TEST(JsonCursor, DecodedSizeOfEscapes) {
  EXPECT_EQ(DecodedSize("plain"), 5u);
  EXPECT_EQ(DecodedSize("a\\nb\\\\\\\""), 5u);
  EXPECT_EQ(DecodedSize("x\\u4e2dy"), 5u);
}

}  // namespace
}  // namespace moerge
