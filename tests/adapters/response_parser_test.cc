#include "adapters/response_parser.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/response_cases.h"

namespace moerge::test {
namespace {

using Step = ResponseParser::Step;

ReadResponseResult ReadInPiecesOf(std::size_t size, std::string_view bytes, bool head = false) {
  return ReadResponse(
      bytes, [size] { return size; }, head);
}

TEST(ResponseParser, ReadsWhatTheTableSaysHoweverItIsCut) {
  for (const ResponseCase& each : AllResponseCases()) {
    const std::size_t all = std::max<std::size_t>(each.bytes.size(), 1);
    for (const std::size_t size :
         {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7}, std::size_t{64}, all}) {
      const ReadResponseResult read = ReadInPiecesOf(size, each.bytes);
      EXPECT_EQ(read.text, each.expected)
          << "pieces of " << size << ": " << each.bytes.substr(0, 200) << " " << read.error;
    }
  }
}

TEST(ResponseParser, LeavesWhatIsBehindTheEndInAnyPieces) {
  for (const char* response :
       {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 103 Early\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: CHUNKED\r\n\r\n"
        "2;a=\"b;c\"\r\nhe\r\n003 \r\nllo\r\n0\r\nX: y\r\n\r\n"}) {
    const std::string bytes = std::string(response) + "NEXT";
    for (std::size_t size = 1; size <= bytes.size(); ++size) {
      const ReadResponseResult read = ReadInPiecesOf(size, bytes);
      ASSERT_EQ(read.text, "200 hello") << "pieces of " << size;
      ASSERT_EQ(read.left, "NEXT") << "pieces of " << size;
    }
  }
}

TEST(ResponseParser, HeadersAreFoundInAnyCase) {
  ResponseParser parser;
  parser.Reset(false);
  std::string_view input =
      "HTTP/1.1 429 Slow\r\nRETRY-after:  7 \r\nEmpty:\r\nX: 1\r\nx: 2\r\n\r\n";
  std::string_view piece;
  ASSERT_EQ(*parser.Next(&input, &piece), Step::kHead);
  EXPECT_EQ(parser.status(), 429);
  EXPECT_EQ(parser.Header("Retry-After"), "7");
  EXPECT_EQ(parser.Header("empty"), "");
  EXPECT_EQ(parser.Header("X"), "1");
  EXPECT_EQ(parser.Header("absent"), "");
}

TEST(ResponseParser, KeepsAliveAsTheVersionAndHeaderSay) {
  const std::string length = "Content-Length: 0\r\n\r\n";
  EXPECT_TRUE(ReadInPiecesOf(9, "HTTP/1.1 200 OK\r\n" + length).keep_alive);
  EXPECT_FALSE(ReadInPiecesOf(9, "HTTP/1.0 200 OK\r\n" + length).keep_alive);
  EXPECT_TRUE(
      ReadInPiecesOf(9, "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n" + length).keep_alive);
  EXPECT_FALSE(
      ReadInPiecesOf(9, "HTTP/1.1 200 OK\r\nConnection: x , Close\r\n" + length).keep_alive);
}

TEST(ResponseParser, HeadRequestHasNoBody) {
  const std::string bytes = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
  EXPECT_EQ(ReadInPiecesOf(100, bytes, true).text, "200 ");
}

TEST(ResponseParser, BoundsTheHeadAndTheTrailers) {
  std::string head = "HTTP/1.1 200 OK\r\n";
  while (head.size() < ResponseParser::kMaxHead) head += "X: " + std::string(1000, 'x') + "\r\n";
  EXPECT_NE(ReadInPiecesOf(1000, head).error.find("64 KiB"), std::string::npos);
  EXPECT_NE(ReadInPiecesOf(70'000, "HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x'))
                .error.find("64 KiB"),
            std::string::npos);
  std::string trailers = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
  for (int i = 0; i < 100; ++i) trailers += "X: " + std::string(1000, 'x') + "\r\n";
  EXPECT_EQ(ReadInPiecesOf(4096, trailers).text, "refused");
}

TEST(ResponseParser, EndsTooEarly) {
  ResponseParser parser;
  parser.Reset(false);
  EXPECT_EQ(parser.EndOfStream().error().code, ErrorCode::kUnavailable);
  std::string_view piece;
  std::string_view input = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
  ASSERT_EQ(*parser.Next(&input, &piece), Step::kHead);
  EXPECT_EQ(parser.EndOfStream().error().code, ErrorCode::kUpstream);
}

}  // namespace
}  // namespace moerge::test
