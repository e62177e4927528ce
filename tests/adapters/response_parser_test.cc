#include "adapters/response_parser.h"

#include <gtest/gtest.h>

#include <string>

namespace moerge {
namespace {

using Step = ResponseParser::Step;

struct Outcome {
  std::string text;  // "200 body" or "error: ..." or "incomplete"
  std::string left;  // bytes behind the end
  bool keep_alive = false;
};

Outcome Parse(std::string_view bytes, std::size_t piece_size, bool head_request = false) {
  ResponseParser parser;
  parser.Reset(head_request);
  std::string body;
  for (std::size_t at = 0; at < bytes.size(); at += piece_size) {
    std::string_view input = bytes.substr(at, piece_size);
    std::string_view piece;
    for (;;) {
      auto step = parser.Next(&input, &piece);
      if (!step) return {"error: " + step.error().message, {}, false};
      if (*step == Step::kNeedMore) break;
      if (*step == Step::kBody) body.append(piece);
      if (*step != Step::kEnd) continue;
      const std::string rest =
          std::string(input) + std::string(bytes.substr(std::min(bytes.size(), at + piece_size)));
      return {std::to_string(parser.status()) + " " + body, rest, parser.keep_alive()};
    }
  }
  const Status end = parser.EndOfStream();
  if (end.ok()) return {std::to_string(parser.status()) + " " + body, {}, false};
  return {"incomplete", {}, false};
}

void ExpectInAllPieces(const std::string& bytes, const std::string& text,
                       const std::string& left = "") {
  for (std::size_t size = 1; size <= bytes.size(); ++size) {
    const Outcome outcome = Parse(bytes, size);
    ASSERT_EQ(outcome.text, text) << "pieces of " << size;
    ASSERT_EQ(outcome.left, left) << "pieces of " << size;
  }
}

TEST(ResponseParser, LengthChunksTrailersAndInterimInAnyPieces) {
  ExpectInAllPieces("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloEXTRA", "200 hello", "EXTRA");
  ExpectInAllPieces(
      "HTTP/1.1 103 Early\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: CHUNKED\r\n\r\n"
      "3;a=\"b;c\"\r\nabc\r\n00A \r\n0123456789\r\n0\r\nX: y\r\n\r\nNEXT",
      "200 abc0123456789", "NEXT");
  ExpectInAllPieces("HTTP/1.0 200\r\n\r\nuntil the end", "200 until the end");
  ExpectInAllPieces("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", "204 ");
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
  EXPECT_TRUE(Parse("HTTP/1.1 200 OK\r\n" + length, 9).keep_alive);
  EXPECT_FALSE(Parse("HTTP/1.0 200 OK\r\n" + length, 9).keep_alive);
  EXPECT_TRUE(Parse("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n" + length, 9).keep_alive);
  EXPECT_FALSE(Parse("HTTP/1.1 200 OK\r\nConnection: x , Close\r\n" + length, 9).keep_alive);
}

TEST(ResponseParser, HeadRequestHasNoBody) {
  const Outcome outcome = Parse("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 100, true);
  EXPECT_EQ(outcome.text, "200 ");
}

TEST(ResponseParser, RefusesWhatIsMalformed) {
  const std::string start = "HTTP/1.1 200 OK\r\n";
  const std::string chunked = start + "Transfer-Encoding: chunked\r\n\r\n";
  const std::string nul("A: b\0c", 6);
  const std::string cases[] = {
      "GET / HTTP/1.1\r\n\r\n",
      "HTTP/2 200\r\n\r\n",
      "HTTP/1.2 200 OK\r\n\r\n",
      "HTTP/1.1 20 OK\r\n\r\n",
      "HTTP/1.1 2000 OK\r\n\r\n",
      "HTTP/1.1 099 OK\r\n\r\n",
      "HTTP/1.1 600 OK\r\n\r\n",
      "HTTP/1.1  200 OK\r\n\r\n",
      "HTTP/1.1 101 Switching\r\n\r\n",
      "\r\nHTTP/1.1 200 OK\r\n\r\n",
      start + "no colon\r\n\r\n",
      start + ": no name\r\n\r\n",
      start + "Space : x\r\n\r\n",
      start + "A: b\r\n folded\r\n\r\n",
      start + "A: b\nB: c\r\n\r\n",
      start + nul + "\r\n\r\n",
      start + "Content-Length: -1\r\n\r\n",
      start + "Content-Length: +1\r\n\r\n",
      start + "Content-Length: 1,1\r\n\r\n",
      start + "Content-Length:\r\n\r\n",
      start + "Content-Length: 99999999999999999999\r\n\r\n",
      start + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
      start + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
      start + "Transfer-Encoding: gzip\r\n\r\n",
      start + "Transfer-Encoding: gzip, chunked\r\n\r\n",
      start + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
      "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
      chunked + "\r\n",
      chunked + "-5\r\nhello\r\n",
      chunked + "0x5\r\nhello\r\n",
      chunked + " 5\r\nhello\r\n",
      chunked + "5 x\r\nhello\r\n",
      chunked + "5\nhello\r\n",
      chunked + "ffffffffffffffffff\r\n",
      chunked + "5\r\nhelloX\r\n",
      chunked + "5\r\nhello\n\n",
      chunked + "5;" + std::string(5000, 'x') + "\r\nhello\r\n",
  };
  for (const std::string& bytes : cases) {
    for (const std::size_t size : {std::size_t{1}, std::size_t{7}, bytes.size()}) {
      EXPECT_TRUE(Parse(bytes, size).text.starts_with("error: "))
          << bytes.substr(0, 120) << " -> " << Parse(bytes, size).text;
    }
  }
}

TEST(ResponseParser, SameLengthTwiceIsFine) {
  EXPECT_EQ(Parse("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok", 50).text,
            "200 ok");
}

TEST(ResponseParser, BoundsTheHeadAndTheTrailers) {
  std::string head = "HTTP/1.1 200 OK\r\n";
  while (head.size() < ResponseParser::kMaxHead) head += "X: " + std::string(1000, 'x') + "\r\n";
  EXPECT_NE(Parse(head, 1000).text.find("64 KiB"), std::string::npos);
  EXPECT_NE(Parse("HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x'), 70'000).text.find("64 KiB"),
            std::string::npos);
  std::string trailers = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
  for (int i = 0; i < 100; ++i) trailers += "X: " + std::string(1000, 'x') + "\r\n";
  EXPECT_TRUE(Parse(trailers, 4096).text.starts_with("error: "));
}

TEST(ResponseParser, EndlessInterimResponsesAreAnError) {
  std::string bytes;
  for (int i = 0; i < 20; ++i) bytes += "HTTP/1.1 100 Continue\r\n\r\n";
  EXPECT_TRUE(Parse(bytes, bytes.size()).text.starts_with("error: "));
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
}  // namespace moerge
