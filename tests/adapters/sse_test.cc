#include "adapters/sse.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace moerge {
namespace {

using Events = std::vector<std::pair<std::string, std::string>>;

// All events of a stream that arrives in pieces of at most `size` bytes.
Events ParseInPieces(std::string_view stream, std::size_t size, SseParser parser = SseParser()) {
  Events events;
  for (std::size_t at = 0; at < stream.size(); at += size) {
    const std::string piece(stream.substr(at, size));
    parser.Feed(piece);
    SseParser::Event event;
    for (;;) {
      const auto next = parser.Next(&event);
      if (!next.ok()) {
        events.emplace_back("error", next.error().message);
        return events;
      }
      if (!*next) break;
      events.emplace_back(event.name, event.data);
    }
  }
  return events;
}

TEST(SseParser, SameEventsHoweverTheStreamIsCut) {
  const std::string stream =
      "\xEF\xBB\xBF: comment\n\nevent: first\ndata: one\n\n"
      "data: a\r\ndata: b\r\n\r\ndata:c\rdata\r\rid: 7\nretry: 5\nunknown: x\ndata:  two spaces\n\n"
      "event: lost\n\ndata: not named lost\n\ndata: [DONE]\n\n";
  const Events whole = ParseInPieces(stream, stream.size());
  const Events expected = {
      {"first", "one"},           {"message", "a\nb"},           {"message", "c\n"},
      {"message", " two spaces"}, {"message", "not named lost"}, {"message", "[DONE]"}};
  EXPECT_EQ(whole, expected);
  for (std::size_t size = 1; size < stream.size(); ++size) {
    EXPECT_EQ(ParseInPieces(stream, size), expected) << "pieces of " << size;
  }
}

TEST(SseParser, EveryPlaceOfOneCut) {
  const std::string stream = "event: e\r\ndata: {\"x\":1}\r\n\r\ndata: 2\n\n";
  const Events expected = {{"e", "{\"x\":1}"}, {"message", "2"}};
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    SseParser parser;
    Events events;
    for (const std::string& piece : {stream.substr(0, cut), stream.substr(cut)}) {
      parser.Feed(piece);
      SseParser::Event event;
      while (*parser.Next(&event)) events.emplace_back(event.name, event.data);
    }
    EXPECT_EQ(events, expected) << "cut at " << cut;
    EXPECT_TRUE(parser.AtBoundary()) << "cut at " << cut;
  }
}

TEST(SseParser, PartOfAByteOrderMarkIsText) {
  EXPECT_EQ(ParseInPieces("\xEF\xBB"
                          "data: x\n\ndata: y\n\n",
                          1),
            (Events{{"message", "y"}}));
}

TEST(SseParser, RemembersLinesThatTheStandardHasNoWordFor) {
  SseParser parser;
  SseParser::Event event;
  parser.Feed(
      ": c\nid: 1\nretry: 2\n \n<html>\ndata: x\n\n{\"a\":1}\nevent: Error\n\nevent: lost\n\n");
  EXPECT_TRUE(*parser.Next(&event));
  EXPECT_FALSE(*parser.Next(&event));
  EXPECT_EQ(parser.ignored(), "<html>\n{\"a\":1}\nError");
  const std::string lines = std::string(3000, 'a') + "\n" + std::string(3000, 'b') + "\n";
  SseParser long_lines;
  long_lines.Feed(lines);
  EXPECT_FALSE(*long_lines.Next(&event));
  EXPECT_EQ(long_lines.ignored(), std::string(3000, 'a'));
}

TEST(SseParser, EventWithoutItsEmptyLineIsNotGiven) {
  SseParser parser;
  SseParser::Event event;
  parser.Feed("data: half\n");
  EXPECT_FALSE(*parser.Next(&event));
  EXPECT_FALSE(parser.AtBoundary());
  parser.Feed("\n");
  ASSERT_TRUE(*parser.Next(&event));
  EXPECT_EQ(event.data, "half");
  EXPECT_FALSE(*parser.Next(&event));
  EXPECT_TRUE(parser.AtBoundary());
  parser.Feed("dat");
  EXPECT_FALSE(*parser.Next(&event));
  EXPECT_FALSE(parser.AtBoundary());
}

TEST(SseParser, OneEventInOnePieceIsNotCopied) {
  const std::string stream = "data: hello\n\n";
  SseParser parser;
  SseParser::Event event;
  parser.Feed(stream);
  ASSERT_TRUE(*parser.Next(&event));
  EXPECT_EQ(event.data.data(), stream.data() + 6);
}

TEST(SseParser, EndlessLineIsAnError) {
  const std::string endless = "data: " + std::string(5000, 'x');
  const Events events = ParseInPieces(endless, 100, SseParser(1000));
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].first, "error");
  EXPECT_NE(events[0].second.find("1000 bytes"), std::string::npos);
}

TEST(SseParser, EndlessEventOfShortLinesIsAnError) {
  std::string endless;
  for (int i = 0; i < 500; ++i) endless += "data: xxxxxxxx\n";
  for (const std::size_t size : {std::size_t{7}, endless.size()}) {
    const Events events = ParseInPieces(endless, size, SseParser(1000));
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].first, "error");
  }
}

TEST(SseParser, EventOfExactlyTheLimitIsFine) {
  const std::string data(1000, 'x');
  EXPECT_EQ(ParseInPieces("data: " + data + "\n\n", 13, SseParser(1000)),
            (Events{{"message", data}}));
}

}  // namespace
}  // namespace moerge
