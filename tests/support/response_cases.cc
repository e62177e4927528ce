#include "tests/support/response_cases.h"

#include <algorithm>

#include "adapters/response_parser.h"

namespace moerge::test {
namespace {

const std::string kOkLine = "HTTP/1.1 200 OK\r\n";
const std::string kChunkedHead = kOkLine + "Transfer-Encoding: chunked\r\n\r\n";

std::vector<ResponseCase> ResponsesOf(std::vector<std::string> responses, const char* expected) {
  std::vector<ResponseCase> cases;
  for (std::string& bytes : responses) cases.push_back({std::move(bytes), expected});
  return cases;
}

std::string InterimTimes(int times) {
  std::string bytes;
  for (int i = 0; i < times; ++i) bytes += "HTTP/1.1 100 Continue\r\n\r\n";
  return bytes;
}

std::vector<ResponseCase> RefusedHeads() {
  const std::string nul("A: b\0c", 6);
  return ResponsesOf(
      {
          "GET / HTTP/1.1\r\n\r\n",
          "<html><body>hello</body></html>",
          "HTTP/1.2 200 OK\r\n\r\n",
          "HTTP/1.1 20 OK\r\n\r\n",
          "HTTP/1.1 2000 OK\r\n\r\n",
          "HTTP/1.1 099 OK\r\n\r\n",
          "HTTP/1.1 600 OK\r\n\r\n",
          "HTTP/1.1 999 OK\r\n\r\n",
          "HTTP/1.1  200 OK\r\n\r\n",
          "HTTP/1.1\t200 OK\r\n\r\n",
          "HTTP/1.1 2x0 OK\r\n\r\n",
          "HTTP/1.1 200OK\r\n\r\n",
          "http/1.1 200 OK\r\n\r\n",
          "HTTP/1.1 101 Switching\r\n\r\n",
          "\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
          "HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
          kOkLine + "no colon\r\n\r\n",
          kOkLine + ": no name\r\n\r\n",
          kOkLine + "Space : x\r\n\r\n",
          kOkLine + " A: x\r\n\r\n",
          kOkLine + "A: b\r\n folded\r\n\r\n",
          kOkLine + "A: b\nB: c\r\n\r\n",
          kOkLine + "A: b\rc\r\n\r\n",
          kOkLine + "A: \x01\r\n\r\n",
          kOkLine + nul + "\r\n\r\n",
          kOkLine + "Content-Length : 2\r\n\r\nok",
          kOkLine + "Content-Length: -1\r\n\r\n",
          kOkLine + "Content-Length: +2\r\n\r\nok",
          kOkLine + "Content-Length: 2, 2\r\n\r\nok",
          kOkLine + "Content-Length: 0x2\r\n\r\nok",
          kOkLine + "Content-Length: 2a\r\n\r\nok",
          kOkLine + "Content-Length: abc\r\n\r\nok",
          kOkLine + "Content-Length: 2.0\r\n\r\nok",
          kOkLine + "Content-Length:\r\n\r\n",
          kOkLine + "Content-Length:\r\n 2\r\n\r\nok",
          kOkLine + "Content-Length: 99999999999999999999\r\n\r\nok",
          kOkLine + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nok",
          kOkLine + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
          kOkLine + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n1\r\nx\r\n0\r\n\r\n",
          kOkLine + "Transfer-Encoding: gzip\r\n\r\nx",
          kOkLine + "Transfer-Encoding: identity\r\n\r\nx",
          kOkLine + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
          kOkLine + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
          kOkLine + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
          kOkLine + "Transfer-Encoding:\r\n\r\nx",
          kOkLine + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          InterimTimes(1'001) + kOkLine + "Content-Length: 0\r\n\r\n",
      },
      "refused");
}

std::vector<ResponseCase> RefusedBodies() {
  std::vector<std::string> responses;
  for (const std::string& body : std::vector<std::string>{
           "\r\n5\r\nhello\r\n0\r\n\r\n",
           "nothex\r\nhello\r\n0\r\n\r\n",
           "-5\r\nhello\r\n0\r\n\r\n",
           "+5\r\nhello\r\n0\r\n\r\n",
           "0x5\r\nhello\r\n0\r\n\r\n",
           " 5\r\nhello\r\n0\r\n\r\n",
           "5 x\r\nhello\r\n0\r\n\r\n",
           "5x\r\nhello\r\n0\r\n\r\n",
           "5,\r\nhello\r\n0\r\n\r\n",
           "5;\r\nhello\r\n0\r\n\r\n",
           "5;a b\r\nhello\r\n0\r\n\r\n",
           "5;a=\"b\r\nhello\r\n0\r\n\r\n",
           "5\nhello\r\n0\r\n\r\n",
           "5\rhello\r\n0\r\n\r\n",
           "5\r\nhello\n0\r\n\r\n",
           "5\r\nhello0\r\n\r\n",
           "5\r\nhelloX\r\n0\r\n\r\n",
           "5\r\nhell\r\n0\r\n\r\n",
           "5\r\nhello\n\n",
           "ffffffffffffffff\r\nhello",
           "fffffffffffffffff\r\nhello",
           "00000000000000005\r\nhello\r\n0\r\n\r\n",
           "5\r\nhello\r\n0\n\r\n",
           "5\r\nhello\r\n0\r\n\n",
           "5\r\nhello\r\n0\r\nno colon\r\n\r\n",
           "5\r\nhello\r\n0\r\nA : 1\r\n\r\n",
           "5\r\nhello\r\n0\r\nA: \x01\r\n\r\n",
           "5\r\nhello\r\n0\r\nA: 1\n\r\n",
           "5;" + std::string(5000, 'x') + "\r\nhello\r\n0\r\n\r\n",
           "5\r\nhello\r\n0\r\nA: " + std::string(70'000, 'x') + "\r\n\r\n",
       }) {
    responses.push_back(kChunkedHead + body);
  }
  return ResponsesOf(std::move(responses), "refused");
}

}  // namespace

std::vector<ResponseCase> TakenResponses() {
  return {
      {kOkLine + "Content-Length: 5\r\n\r\nhello", "200 hello"},
      {kOkLine + "content-length:5 \r\n\r\nhello", "200 hello"},
      {kOkLine + "Content-Length: 005\r\n\r\nhello", "200 hello"},
      {kOkLine + "Content-Length: 0\r\n\r\n", "200 "},
      {kOkLine + "Content-Length: 2\r\nContent-Length: 2\r\n\r\nok", "200 ok"},
      {kOkLine + "Connection: close\r\n\r\nuntil the end", "200 until the end"},
      {kOkLine + "\r\n", "200 "},
      {"HTTP/1.0 200 OK\r\n\r\nuntil the end", "200 until the end"},
      {"HTTP/1.0 200\r\n\r\nuntil the end", "200 until the end"},
      {"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok", "200 ok"},
      {"HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok", "200 ok"},
      {"HTTP/1.1 200 caf\xc3\xa9\r\nContent-Length: 2\r\n\r\nok", "200 ok"},
      {"HTTP/1.1 599 Odd\r\nContent-Length: 2\r\n\r\nno", "599 no"},
      {"HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 2\r\n\r\nno", "429 no"},
      {"HTTP/1.1 204 No Content\r\n\r\n", "204 "},
      {"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", "204 "},
      {"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "304 "},
      {InterimTimes(20) + kOkLine + "Content-Length: 2\r\n\r\nok", "200 ok"},
      {"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + kOkLine + "Content-Length: 2\r\n\r\nok",
       "200 ok"},
      {kOkLine + "A:\r\nB: \t c \r\nContent-Length: 2\r\n\r\nok", "200 ok"},
      {kOkLine + "A: caf\xc3\xa9\r\nContent-Length: 2\r\n\r\nok", "200 ok"},
      {kChunkedHead + "0\r\n\r\n", "200 "},
      {kChunkedHead + "5\r\nhello\r\n0\r\n\r\n", "200 hello"},
      {kChunkedHead + "0000000000000005\r\nhello\r\n000\r\n\r\n", "200 hello"},
      {kChunkedHead + "5 \r\nhello\r\n0  \r\n\r\n", "200 hello"},  // padded, as some servers do
      {kChunkedHead + "5;a=\"b;c\";d\r\nhello\r\n0;e\r\n\r\n", "200 hello"},
      {kChunkedHead + "5 ;a\r\nhello\r\n0\r\n\r\n", "200 hello"},
      {kChunkedHead + "A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n",
       "200 01234567890123456789"},
      {kChunkedHead + "7\r\n0\r\n\r\nab\r\n0\r\n\r\n", "200 0\r\n\r\nab"},
      {kChunkedHead + "5\r\nhello\r\n0\r\nX: y\r\nZ: 1\r\n\r\n", "200 hello"},
      {kOkLine + "transfer-encoding:CHUNKED\t\r\n\r\n2\r\nok\r\n0\r\n\r\n", "200 ok"},
  };
}

std::vector<ResponseCase> RefusedResponses() {
  std::vector<ResponseCase> cases = RefusedHeads();
  for (ResponseCase& each : RefusedBodies()) cases.push_back(std::move(each));
  return cases;
}

std::vector<ResponseCase> IncompleteResponses() {
  return ResponsesOf(
      {"", "HTTP/1.1", "HTTP/1.1 200 OK", kOkLine, kOkLine + "Content-Length: 5\r\n",
       kOkLine + "Content-Length: 5\r\n\r", kOkLine + "Content-Length: 5\r\n\r\n",
       kOkLine + "Content-Length: 5\r\n\r\nhell", InterimTimes(1), kChunkedHead, kChunkedHead + "5",
       kChunkedHead + "5\r\n", kChunkedHead + "5\r\nhell", kChunkedHead + "5\r\nhello",
       kChunkedHead + "5\r\nhello\r\n", kChunkedHead + "5\r\nhello\r\n0",
       kChunkedHead + "5\r\nhello\r\n0\r\n", kChunkedHead + "5\r\nhello\r\n0\r\n\r",
       kChunkedHead + "5\r\nhello\r\n0\r\nX: y\r\n"},
      "incomplete");
}

std::vector<ResponseCase> AllResponseCases() {
  std::vector<ResponseCase> cases = TakenResponses();
  for (ResponseCase& each : RefusedResponses()) cases.push_back(std::move(each));
  for (ResponseCase& each : IncompleteResponses()) cases.push_back(std::move(each));
  return cases;
}

ReadResponseResult ReadResponse(std::string_view bytes,
                                const std::function<std::size_t()>& next_piece, bool head_request) {
  using Step = ResponseParser::Step;
  ResponseParser parser;
  parser.Reset(head_request);
  std::string body;
  const auto answer = [&] { return std::to_string(parser.status()) + " " + body; };
  while (!bytes.empty()) {
    std::string_view input = bytes.substr(0, next_piece());
    bytes.remove_prefix(input.size());
    std::string_view piece;
    while (true) {
      const auto step = parser.Next(&input, &piece);
      if (!step.ok()) return {"refused", {}, step.error().message, false};
      if (*step == Step::kNeedMore) break;
      if (*step == Step::kBody) body.append(piece);
      if (*step != Step::kEnd) continue;
      return {answer(), std::string(input) + std::string(bytes), {}, parser.keep_alive()};
    }
  }
  const Status end = parser.EndOfStream();
  if (!end.ok()) return {"incomplete", {}, end.error().message, false};
  return {answer(), {}, {}, false};
}

}  // namespace moerge::test
