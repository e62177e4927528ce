// Which requests are taken, which are refused and with which status: a table, read by the parser
// however the bytes are cut.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "services/http/request_parser.h"

namespace moerge::http {
namespace {

using State = RequestParser::State;

// "200 METHOD TARGET |body| left=..." or the status it is refused with, or "more".
std::string ReadRequest(std::string_view bytes, std::size_t cut, std::size_t max_head = 32 << 10) {
  RequestParser parser;
  parser.Reset(max_head);
  std::string in;
  std::string body;
  bool head_done = false;
  std::string seen;
  for (std::size_t at = 0; at < bytes.size(); at += cut) {
    in.append(bytes.substr(at, cut));
    if (!head_done) {
      const State state = parser.Parse(in);
      if (state == State::kFailed) return std::to_string(parser.failure().status);
      if (state == State::kMore) continue;
      head_done = true;
      seen =
          "200 " + std::string(parser.method().In(in)) + " " + std::string(parser.target().In(in));
      in.erase(0, parser.head_size());
    }
    std::size_t used = in.size();
    bool done = true;
    if (parser.chunked()) {
      const State state = parser.DecodeChunks(in, &body, &used);
      if (state == State::kFailed) return std::to_string(parser.failure().status);
      done = state == State::kDone;
    } else {
      used = std::min<std::size_t>(parser.length() - body.size(), in.size());
      body.append(in, 0, used);
      done = body.size() == parser.length();
    }
    in.erase(0, used);
    if (!done) continue;
    const std::size_t next = std::min(bytes.size(), at + cut);
    return seen + " |" + body + "| left=" + in + std::string(bytes.substr(next));
  }
  return "more";
}

void ExpectHoweverCut(const std::string& bytes, const std::string& expected) {
  for (const std::size_t cut : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{5},
                                std::size_t{7}, std::size_t{13}, bytes.size()}) {
    EXPECT_EQ(ReadRequest(bytes, cut), expected) << "pieces of " << cut << ": " << bytes;
  }
}

std::string Get(std::string_view lines) {
  return "GET / HTTP/1.1\r\nHost: x\r\n" + std::string(lines) + "\r\n";
}
std::string Chunks(std::string_view body) {
  return "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(body);
}

TEST(RequestFraming, Taken) {
  const std::string get = "200 GET / || left=";
  const std::string post = "200 POST / |";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {Get(""), get},
      {"\r\n\r\n" + Get(""), get},
      {Get("") + "NEXT", get + "NEXT"},
      {Get("A:\r\n"), get},
      {Get("A: \t b \t\r\n"), get},
      {Get("A: caf\xc3\xa9\r\n"), get},
      {Get("!#$%&'*+-.^_`|~09azAZ: 1\r\n"), get},
      {Get("Content-Length: 0\r\n"), get},
      {Get("Content-Length: 3\r\n") + "abcX", "200 GET / |abc| left=X"},
      {Get("Content-Length: 003\r\n") + "abc", "200 GET / |abc| left="},
      {Get("CONTENT-LENGTH:3\r\n") + "abc", "200 GET / |abc| left="},
      {Get("Expect: 100-Continue\r\n"), get},
      {Get("Connection: close, x\r\n"), get},
      {Get("Upgrade: h2c\r\n"), get},
      {"GET / HTTP/1.0\r\n\r\n", get},
      {"GET / HTTP/1.1\r\nHost:\r\n\r\n", get},
      {"GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", get},
      {"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "200 OPTIONS * || left="},
      {"GET http://x/y?z HTTP/1.1\r\nHost: x\r\n\r\n", "200 GET http://x/y?z || left="},
      {"M-X! /a HTTP/1.1\r\nHost: x\r\n\r\n", "200 M-X! /a || left="},
      {Chunks("0\r\n\r\n"), post + "| left="},
      {Chunks("3\r\nabc\r\n0\r\n\r\nX"), post + "abc| left=X"},
      {Chunks("003\r\nabc\r\n00\r\n\r\n"), post + "abc| left="},
      {Chunks("A\r\n0123456789\r\n0\r\n\r\n"), post + "0123456789| left="},
      {Chunks("a\r\n0123456789\r\n0\r\n\r\n"), post + "0123456789| left="},
      {Chunks("1;a\r\nx\r\n0\r\n\r\n"), post + "x| left="},
      {Chunks("1;a=b;c=\"d;e\"\r\nx\r\n0;z\r\n\r\n"), post + "x| left="},
      {Chunks("1 ; a = b\r\nx\r\n0\r\n\r\n"), post + "x| left="},
      {Chunks("1\r\nx\r\n0\r\nT: 1\r\nU: 2\r\n\r\nX"), post + "x| left=X"},
      {Chunks("2\r\n\r\n\r\n0\r\n\r\n"), post + "\r\n| left="},
  };
  for (const auto& [bytes, expected] : cases) ExpectHoweverCut(bytes, expected);
}

TEST(RequestFraming, RefusedLines) {
  const std::string nul("A: a\0b\r\n", 8);
  const std::vector<std::pair<std::string, int>> cases = {
      {"GET / HTTP/1.1\nHost: x\r\n\r\n", 400},
      {"\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: x\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: x\r\n\n", 400},
      {"GET / HTTP/1.1\r\rHost: x\r\n\r\n", 400},
      {"GET / HTTP/1.1\rHost: x\r\n\r\n", 400},
      {"GET\r\n\r\n", 400},
      {"GET /\r\n\r\n", 400},
      {"GET / H\r\n\r\n", 400},
      {"GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET /  HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET\t/ HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {" GET / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET / a HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET / HTTP/1.1 \r\nHost: x\r\n\r\n", 400},
      {"GET / http/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET / HTTP/1.10\r\nHost: x\r\n\r\n", 400},
      {"GET / HTTP/11\r\nHost: x\r\n\r\n", 400},
      {"GET / HTTP/0.9\r\nHost: x\r\n\r\n", 505},
      {"GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505},
      {"GET / HTTP/1.9\r\nHost: x\r\n\r\n", 505},
      {"G@T / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {std::string(33, 'M') + " / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET path HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET ftp://x/ HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET /\x7f HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n Host: x\r\n\r\n", 400},
      {Get(" A: 1\r\n"), 400},
      {Get("A : 1\r\n"), 400},
      {Get("A\t: 1\r\n"), 400},
      {Get("A B: 1\r\n"), 400},
      {Get(": 1\r\n"), 400},
      {Get("A\r\n"), 400},
      {Get("\xc3\xa9: 1\r\n"), 400},
      {Get("A: 1\r\n b\r\n"), 400},
      {Get("A: 1\r\n\tb\r\n"), 400},
      {Get("A:\r\n b\r\n"), 400},
      {Get("A:\r\n \r\n"), 400},
      {Get("A: 1\r\n \r\n"), 400},
      {Get("A: a\rb\r\n"), 400},
      {Get("A: a\x01\r\n"), 400},
      {Get("A: a\x7f\r\n"), 400},
      {Get(nul), 400},
  };
  for (const auto& [bytes, status] : cases) ExpectHoweverCut(bytes, std::to_string(status));
}

TEST(RequestFraming, RefusedFields) {
  const std::string host = "GET / HTTP/1.1\r\n";
  const std::vector<std::pair<std::string, int>> cases = {
      {host + "\r\n", 400},
      {host + "Host: x\r\nHost: x\r\n\r\n", 400},
      {host + "Host: x\r\nhOST: y\r\n\r\n", 400},
      {host + "Host: a b\r\n\r\n", 400},
      {host + "Host: a/b\r\n\r\n", 400},
      {host + "Host: u@x\r\n\r\n", 400},
      {Get("Content-Length: 1\r\nContent-Length: 1\r\n"), 400},
      {Get("Content-Length: 1\r\nContent-Length: 2\r\n"), 400},
      {Get("Content-Length: 1, 1\r\n"), 400},
      {Get("Content-Length: 1,\r\n"), 400},
      {Get("Content-Length: -1\r\n"), 400},
      {Get("Content-Length: +1\r\n"), 400},
      {Get("Content-Length: 0x1\r\n"), 400},
      {Get("Content-Length: 1 1\r\n"), 400},
      {Get("Content-Length: 1.0\r\n"), 400},
      {Get("Content-Length: 1e1\r\n"), 400},
      {Get("Content-Length:\r\n"), 400},
      {Get("Content-Length: 99999999999999999999\r\n"), 400},
      {Get("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"), 400},
      {Get("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n"), 400},
      {Get("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
      {Get("Transfer-Encoding: gzip\r\n"), 501},
      {Get("Transfer-Encoding: identity\r\n"), 501},
      {Get("Transfer-Encoding: gzip, chunked\r\n"), 501},
      {Get("Transfer-Encoding: chunked, gzip\r\n"), 501},
      {Get("Transfer-Encoding: chunked, chunked\r\n"), 501},
      {Get("Transfer-Encoding: chunked;q=1\r\n"), 501},
      {Get("Transfer-Encoding: \"chunked\"\r\n"), 501},
      {Get("Transfer-Encoding: , chunked\r\n"), 501},
      {Get("Transfer-Encoding: xchunked\r\n"), 501},
      {Get("Transfer-Encoding:\r\n"), 501},
      {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {Get("Expect: miracles\r\n"), 417},
      {Get("Expect: 100-continue, x\r\n"), 417},
      {Get("Expect:\r\n"), 417},
  };
  for (const auto& [bytes, status] : cases) ExpectHoweverCut(bytes, std::to_string(status));
}

TEST(RequestFraming, RefusedChunks) {
  const std::vector<std::string> bodies = {
      "g\r\n",
      "-1\r\nx\r\n0\r\n\r\n",
      "+1\r\nx\r\n0\r\n\r\n",
      "0x1\r\nx\r\n0\r\n\r\n",
      " 1\r\nx\r\n0\r\n\r\n",
      "1 \r\nx\r\n0\r\n\r\n",
      "1 foo\r\nx\r\n0\r\n\r\n",
      "1\tfoo\r\nx\r\n0\r\n\r\n",
      "1 1\r\nx\r\n0\r\n\r\n",
      "1,\r\nx\r\n0\r\n\r\n",
      "1;\r\nx\r\n0\r\n\r\n",
      "1;=a\r\nx\r\n0\r\n\r\n",
      "1;a=\r\nx\r\n0\r\n\r\n",
      "1;a b\r\nx\r\n0\r\n\r\n",
      "\r\n1\r\nx\r\n0\r\n\r\n",
      "1\nx\r\n0\r\n\r\n",
      "1\rx\r\n0\r\n\r\n",
      "1\r\nxy\r\n0\r\n\r\n",
      "1\r\nx\n0\r\n\r\n",
      "1\r\nx0\r\n\r\n",
      "2\r\nx\r\n0\r\n\r\n",
      "ffffffffffffffff\r\n",
      "8000000000000000\r\n",
      "fffffffffffffffff\r\n",
      "0\r\nno colon\r\n\r\n",
      "0\r\nA : 1\r\n\r\n",
      "0\r\nContent-Length: 1\r\n\r\n",
      "0\r\nTransfer-Encoding: chunked\r\n\r\n",
      "0\r\nA: \x01\r\n\r\n",
  };
  for (const std::string& body : bodies) ExpectHoweverCut(Chunks(body), "400");
  const std::string many(20'000, 'a');
  ExpectHoweverCut(Chunks("1;" + many + "\r\nx\r\n"), "400");
  ExpectHoweverCut(Chunks("0\r\nA: " + many), "400");
}

// The limit counts bytes, not reads.
TEST(RequestFraming, AHeadIsMeasuredExactly) {
  std::string head = "GET / HTTP/1.1\r\nHost: x\r\nA: ";
  head += std::string(1000 - head.size() - 4, 'a') + "\r\n\r\n";
  for (const std::size_t cut : {std::size_t{1}, std::size_t{16}, std::size_t{999}, head.size()}) {
    EXPECT_EQ(ReadRequest(head, cut, 1000), "200 GET / || left=") << cut;
    EXPECT_EQ(ReadRequest(head, cut, 999), "431") << cut;
  }
  std::string many = "GET / HTTP/1.1\r\nHost: x\r\n";
  for (int i = 0; i < 256; ++i) many += "A: 1\r\n";
  EXPECT_EQ(ReadRequest(many + "\r\n", many.size()), "431");
}

}  // namespace
}  // namespace moerge::http
