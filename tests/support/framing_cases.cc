#include "tests/support/framing_cases.h"

#include <algorithm>

#include "services/http/request_parser.h"

namespace moerge::test {
namespace {

std::string GetRequest(std::string_view lines) {
  return "GET / HTTP/1.1\r\nHost: x\r\n" + std::string(lines) + "\r\n";
}

std::string FirstLine(std::string_view first) { return std::string(first) + "\r\nHost: x\r\n\r\n"; }

std::string HeadWith(std::string_view lines) {
  return "GET / HTTP/1.1\r\n" + std::string(lines) + "\r\n";
}

std::string InChunks(std::string_view body) {
  return "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(body);
}

std::string TimesOver(std::string_view what, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += what;
  return out;
}

std::vector<FramingCase> CasesOf(std::vector<std::string> requests, const char* expected) {
  std::vector<FramingCase> cases;
  for (std::string& bytes : requests) cases.push_back({std::move(bytes), expected});
  return cases;
}

void AppendCases(std::vector<FramingCase> more, std::vector<FramingCase>* cases) {
  std::move(more.begin(), more.end(), std::back_inserter(*cases));
}

std::vector<FramingCase> TakenChunks() {
  const std::string post = "200 POST / |";
  return {
      {InChunks("0\r\n\r\n"), post + "| left="},
      {InChunks("3\r\nabc\r\n0\r\n\r\nX"), post + "abc| left=X"},
      {InChunks("003\r\nabc\r\n00\r\n\r\n"), post + "abc| left="},
      {InChunks("0000000000000003\r\nabc\r\n0\r\n\r\n"), post + "abc| left="},
      {InChunks("A\r\n0123456789\r\n0\r\n\r\n"), post + "0123456789| left="},
      {InChunks("a\r\n0123456789\r\n0\r\n\r\n"), post + "0123456789| left="},
      {InChunks("1\r\na\r\n2\r\nbc\r\n3\r\ndef\r\n0\r\n\r\n"), post + "abcdef| left="},
      {InChunks("5\r\n0\r\n\r\n\r\n0\r\n\r\n"), post + "0\r\n\r\n| left="},
      {InChunks("2\r\n\r\n\r\n0\r\n\r\n"), post + "\r\n| left="},
      {InChunks("1;a\r\nx\r\n0\r\n\r\n"), post + "x| left="},
      {InChunks("1;a=b;c=\"d;e\"\r\nx\r\n0;z\r\n\r\n"), post + "x| left="},
      {InChunks("1;a=\"b\\\"c\"\r\nx\r\n0\r\n\r\n"), post + "x| left="},
      {InChunks("1 ; a = b\r\nx\r\n0\r\n\r\n"), post + "x| left="},
      {InChunks("1\r\nx\r\n0\r\nT: 1\r\nU: 2\r\n\r\nX"), post + "x| left=X"},
      {InChunks("0\r\nHost: y\r\n\r\n"), post + "| left="},
      {"POST / HTTP/1.1\r\nHost: x\r\ntransfer-encoding:ChUnKeD \t\r\n\r\n1\r\nx\r\n0\r\n\r\n",
       post + "x| left="},
  };
}

}  // namespace

std::vector<FramingCase> TakenRequests() {
  const std::string get = "200 GET / || left=";
  const std::string inner = "GET /inner HTTP/1.1\r\n\r\n";
  std::vector<FramingCase> cases = {
      {GetRequest(""), get},
      {"\r\n\r\n" + GetRequest(""), get},
      {GetRequest("") + "NEXT", get + "NEXT"},
      {GetRequest("") + GetRequest(""), get + GetRequest("")},
      {GetRequest("A:\r\n"), get},
      {GetRequest("A: \t b \t\r\n"), get},
      {GetRequest("A:\tb\r\n"), get},
      {GetRequest("A: \"b\", (c)\r\n"), get},
      {GetRequest("A: caf\xc3\xa9\r\n"), get},
      {GetRequest("!#$%&'*+-.^_`|~09azAZ: 1\r\n"), get},
      {GetRequest(TimesOver("A: 1\r\n", 255)), get},
      {GetRequest("Content-Length: 0\r\n"), get},
      {GetRequest("Content-Length: 3\r\n") + "abcX", "200 GET / |abc| left=X"},
      {GetRequest("Content-Length: 003\r\n") + "abc", "200 GET / |abc| left="},
      {GetRequest("Content-Length:\t3 \r\n") + "abc", "200 GET / |abc| left="},
      {GetRequest("CONTENT-LENGTH:3\r\n") + "abc", "200 GET / |abc| left="},
      {GetRequest("Content-Length: 23\r\n") + inner + GetRequest(""),
       "200 GET / |" + inner + "| left=" + GetRequest("")},
      {GetRequest("X-Content-Length: 3\r\n"), get},
      {GetRequest("Expect: 100-Continue\r\n"), get},
      {GetRequest("Connection: close, x\r\n"), get},
      {GetRequest("Upgrade: h2c\r\n"), get},
      {"GET / HTTP/1.0\r\n\r\n", get},
      {"GET / HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nab",
       "200 GET / |ab| left="},
      {HeadWith("Host:\r\n"), get},
      {HeadWith("Host: [::1]:80\r\n"), get},
      {HeadWith("Host: 127.0.0.1:8080\r\n"), get},
      {HeadWith("Host: a-b.example_c~1\r\n"), get},
      {FirstLine("POST / HTTP/1.1"), "200 POST / || left="},
      {FirstLine("get /a HTTP/1.1"), "200 get /a || left="},
      {FirstLine("OPTIONS * HTTP/1.1"), "200 OPTIONS * || left="},
      {FirstLine("GET http://x/y?z HTTP/1.1"), "200 GET http://x/y?z || left="},
      {FirstLine("GET https://x HTTP/1.1"), "200 GET https://x || left="},
      {FirstLine("GET /a?b=c&d=%20~!$'()*+,;:@/? HTTP/1.1"),
       "200 GET /a?b=c&d=%20~!$'()*+,;:@/? || left="},
      {FirstLine("M-X! /a HTTP/1.1"), "200 M-X! /a || left="},
      {FirstLine(std::string(32, 'M') + " / HTTP/1.1"),
       "200 " + std::string(32, 'M') + " / || left="},
  };
  AppendCases(TakenChunks(), &cases);
  return cases;
}

std::vector<FramingCase> RefusedLines() {
  const std::string nul("A: a\0b\r\n", 8);
  const std::string nul_in_name("A\0b: 1\r\n", 8);
  std::vector<FramingCase> cases = CasesOf(
      {
          "GET / HTTP/1.1\nHost: x\r\n\r\n",
          "\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
          "\r\rGET / HTTP/1.1\r\nHost: x\r\n\r\n",
          " \r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: x\n\r\n",
          "GET / HTTP/1.1\r\nHost: x\r\n\n",
          "GET / HTTP/1.1\r\nHost: x\r\n\rA: 1\r\n\r\n",
          "GET / HTTP/1.1\r\rHost: x\r\n\r\n",
          "GET / HTTP/1.1\rHost: x\r\n\r\n",
          "GET\r\n\r\n",
          "GET /\r\n\r\n",
          "GET / H\r\n\r\n",
          "GET / \r\n\r\n",
          FirstLine("GET  / HTTP/1.1"),
          FirstLine("GET /  HTTP/1.1"),
          FirstLine("GET\t/ HTTP/1.1"),
          FirstLine("GET /\tHTTP/1.1"),
          FirstLine(" GET / HTTP/1.1"),
          FirstLine("GET / a HTTP/1.1"),
          FirstLine("GET / HTTP/1.1 "),
          FirstLine("GET / http/1.1"),
          FirstLine("GET / HTTP/1.10"),
          FirstLine("GET / HTTP/1."),
          FirstLine("GET / HTTP/1,1"),
          FirstLine("GET / HTTP/a.b"),
          FirstLine("GET / HTTP /1.1"),
          FirstLine("GET / HTTPS/1.1"),
          FirstLine("GET / HTTP/11"),
          FirstLine("G@T / HTTP/1.1"),
          FirstLine("G\xc3\x89T / HTTP/1.1"),
          FirstLine("HTTP/1.1 200 OK"),
          FirstLine(std::string(33, 'M') + " / HTTP/1.1"),
          FirstLine("GET HTTP/1.1"),
          FirstLine("GET path HTTP/1.1"),
          FirstLine("GET ?a HTTP/1.1"),
          FirstLine("GET \\ HTTP/1.1"),
          FirstLine("GET ftp://x/ HTTP/1.1"),
          FirstLine("CONNECT x:80 HTTP/1.1"),
          FirstLine("GET /\x01 HTTP/1.1"),
          FirstLine("GET /\x7f HTTP/1.1"),
          FirstLine("GET /\xff HTTP/1.1"),
          "\x16\x03\x01\x02",  // a TLS client
          "GET / HTTP/1.1\r\n Host: x\r\n\r\n",
          GetRequest(" A: 1\r\n"),
          GetRequest("A : 1\r\n"),
          GetRequest("A\t: 1\r\n"),
          GetRequest("A B: 1\r\n"),
          GetRequest(": 1\r\n"),
          GetRequest("A\r\n"),
          GetRequest("A=1\r\n"),
          GetRequest("A[]: 1\r\n"),
          GetRequest("A(b): 1\r\n"),
          GetRequest("A/b: 1\r\n"),
          GetRequest("\"A\": 1\r\n"),
          GetRequest("\xc3\xa9: 1\r\n"),
          GetRequest(nul_in_name),
          GetRequest("A: 1\r\n b\r\n"),
          GetRequest("A: 1\r\n\tb\r\n"),
          GetRequest("A:\r\n b\r\n"),
          GetRequest("A:\r\n \r\n"),
          GetRequest("A: 1\r\n \r\n"),
          GetRequest("A: a\rb\r\n"),
          GetRequest("A: a\r\r\n"),
          GetRequest("A: a\x01\r\n"),
          GetRequest("A: a\x0b\r\n"),
          GetRequest("A: a\x7f\r\n"),
          GetRequest(nul),
      },
      "400");
  AppendCases(CasesOf({FirstLine("GET / HTTP/0.9"), FirstLine("GET / HTTP/2.0"),
                       FirstLine("GET / HTTP/1.9"), FirstLine("GET / HTTP/9.9"),
                       "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
                      "505"),
              &cases);
  return cases;
}

std::vector<FramingCase> RefusedFields() {
  std::vector<FramingCase> cases = CasesOf(
      {
          HeadWith(""),
          HeadWith("Host: x\r\nHost: x\r\n"),
          HeadWith("Host: x\r\nhOST: y\r\n"),
          HeadWith("Host: x\r\nHost:\r\n"),
          HeadWith("Host: a b\r\n"),
          HeadWith("Host: a/b\r\n"),
          HeadWith("Host: a?b\r\n"),
          HeadWith("Host: a#b\r\n"),
          HeadWith("Host: u@x\r\n"),
          HeadWith("Host: \"x\"\r\n"),
          HeadWith("Host: x\\y\r\n"),
          HeadWith("Host: caf\xc3\xa9\r\n"),
          GetRequest("Content-Length: 1\r\nContent-Length: 1\r\n"),
          GetRequest("Content-Length: 1\r\nContent-Length: 2\r\n"),
          GetRequest("Content-Length: 1, 1\r\n"),
          GetRequest("Content-Length: 1,\r\n"),
          GetRequest("Content-Length: -1\r\n"),
          GetRequest("Content-Length: -123456789012345678901234567890\r\n"),
          GetRequest("Content-Length: +1\r\n"),
          GetRequest("Content-Length: 0x1\r\n"),
          GetRequest("Content-Length: a\r\n"),
          GetRequest("Content-Length: 1 1\r\n"),
          GetRequest("Content-Length: 1;\r\n"),
          GetRequest("Content-Length: \"1\"\r\n"),
          GetRequest("Content-Length: 1.0\r\n"),
          GetRequest("Content-Length: 1e1\r\n"),
          GetRequest("Content-Length: 1_0\r\n"),
          GetRequest("Content-Length: \xef\xbc\x91\r\n"),
          GetRequest("Content-Length:\r\n"),
          GetRequest("Content-Length:\r\n 1\r\n"),
          GetRequest("Content-Length : 1\r\n"),
          GetRequest("Content-Length: 18446744073709551616\r\n"),
          GetRequest("Content-Length: 99999999999999999999\r\n"),
          GetRequest("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"),
          GetRequest("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n"),
          GetRequest("content-LengtH: 1\r\nTransFer-Encoding: chunked\r\n"),
          GetRequest("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
          GetRequest("Transfer-Encoding:\r\n chunked\r\n"),
          GetRequest("Transfer-Encoding : chunked\r\n"),
          GetRequest("Transfer-Encoding: chunked\x0b\r\n"),
          "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
          "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
      },
      "400");
  AppendCases(
      CasesOf(
          {GetRequest("Transfer-Encoding: gzip\r\n"), GetRequest("Transfer-Encoding: identity\r\n"),
           GetRequest("Transfer-Encoding: gzip, chunked\r\n"),
           GetRequest("Transfer-Encoding: chunked, gzip\r\n"),
           GetRequest("Transfer-Encoding: chunked, chunked\r\n"),
           GetRequest("Transfer-Encoding: chunked;q=1\r\n"),
           GetRequest("Transfer-Encoding: chunked;\r\n"),
           GetRequest("Transfer-Encoding: \"chunked\"\r\n"),
           GetRequest("Transfer-Encoding: , chunked\r\n"),
           GetRequest("Transfer-Encoding: xchunked\r\n"),
           GetRequest("Transfer-Encoding: chunke\r\n"),
           GetRequest("Transfer-Encoding: chunked\xa0\r\n"), GetRequest("Transfer-Encoding:\r\n")},
          "501"),
      &cases);
  AppendCases(
      CasesOf({GetRequest("Expect: miracles\r\n"), GetRequest("Expect: 100-continue, x\r\n"),
               GetRequest("Expect:\r\n"), GetRequest("Expect: 100-continue\r\nExpect: x\r\n")},
              "417"),
      &cases);
  AppendCases(CasesOf({GetRequest(TimesOver("A: 1\r\n", 256)),
                       GetRequest("A: " + std::string(40'000, 'a') + "\r\n")},
                      "431"),
              &cases);
  return cases;
}

std::vector<FramingCase> RefusedChunks() {
  const std::string many(20'000, 'a');
  std::vector<std::string> requests;
  for (const std::string& body : std::vector<std::string>{
           "g\r\n",
           "-1\r\nx\r\n0\r\n\r\n",
           "+1\r\nx\r\n0\r\n\r\n",
           "0x1\r\nx\r\n0\r\n\r\n",
           " 1\r\nx\r\n0\r\n\r\n",
           "1 \r\nx\r\n0\r\n\r\n",
           "1\t\r\nx\r\n0\r\n\r\n",
           "1 foo\r\nx\r\n0\r\n\r\n",
           "1\tfoo\r\nx\r\n0\r\n\r\n",
           "1 1\r\nx\r\n0\r\n\r\n",
           "1,\r\nx\r\n0\r\n\r\n",
           "1;\r\nx\r\n0\r\n\r\n",
           "1;=a\r\nx\r\n0\r\n\r\n",
           "1;a=\r\nx\r\n0\r\n\r\n",
           "1;a b\r\nx\r\n0\r\n\r\n",
           "1;a=\"b\r\nx\r\n0\r\n\r\n",
           "1;a=\"b\r\n\"\r\nx\r\n0\r\n\r\n",
           "1;a=\"b\n\"\r\nx\r\n0\r\n\r\n",
           "1;a\nx\r\n0\r\n\r\n",
           ";a\r\nx\r\n0\r\n\r\n",
           "\r\n1\r\nx\r\n0\r\n\r\n",
           "\xef\xbc\x91\r\nx\r\n0\r\n\r\n",
           "1\nx\r\n0\r\n\r\n",
           "1\rx\r\n0\r\n\r\n",
           "1\r\nxy\r\n0\r\n\r\n",
           "1\r\nx\n0\r\n\r\n",
           "1\r\nx\r\r\n0\r\n\r\n",
           "1\r\nx0\r\n\r\n",
           "1\r\n\r\n0\r\n\r\n",
           "2\r\nx\r\n0\r\n\r\n",
           "ffffffffffffffff\r\n",
           "8000000000000000\r\n",
           "fffffffffffffffff\r\n",
           "00000000000000001\r\nx\r\n0\r\n\r\n",
           "0\n\r\n",
           "0\r\n\n",
           "0;\r\n\r\n",
           "0 x\r\n\r\n",
           "0\r\nno colon\r\n\r\n",
           "0\r\nA : 1\r\n\r\n",
           "0\r\nA: 1\n\r\n",
           "0\r\nContent-Length: 1\r\n\r\n",
           "0\r\nTransfer-Encoding: chunked\r\n\r\n",
           "0\r\nA: \x01\r\n\r\n",
           "1;" + many + "\r\nx\r\n",
           "0\r\nA: " + many,
       }) {
    requests.push_back(InChunks(body));
  }
  return CasesOf(std::move(requests), "400");
}

std::vector<FramingCase> UnfinishedRequests() {
  const std::string host = "GET / HTTP/1.1\r\nHost: x\r\n";
  return CasesOf({"G",
                  "GET ",
                  "GET /",
                  "GET / HTTP",
                  "GET / HTTP/1.1",
                  "GET / HTTP/1.1\r",
                  "GET / HTTP/1.1\r\n",
                  "\r\n",
                  "\r",
                  host,
                  host + "\r",
                  host + "A",
                  host + "A:",
                  host + "A: 1\r",
                  GetRequest("Content-Length: 2\r\n") + "a",
                  InChunks(""),
                  InChunks("1"),
                  InChunks("1;a"),
                  InChunks("1\r\n"),
                  InChunks("1\r\nx"),
                  InChunks("1\r\nx\r"),
                  InChunks("1\r\nx\r\n"),
                  InChunks("1\r\nx\r\n0\r\n"),
                  InChunks("1\r\nx\r\n0\r\nA: 1\r\n"),
                  InChunks("1\r\nx\r\n0\r\n\r"),
                  InChunks("7fffffffffffffff\r\nabc")},
                 "more");
}

std::vector<FramingCase> AllFramingCases() {
  std::vector<FramingCase> cases = TakenRequests();
  AppendCases(RefusedLines(), &cases);
  AppendCases(RefusedFields(), &cases);
  AppendCases(RefusedChunks(), &cases);
  AppendCases(UnfinishedRequests(), &cases);
  return cases;
}

std::string ReadRequest(std::string_view bytes, const std::function<std::size_t()>& next_piece,
                        std::size_t max_head) {
  using State = http::RequestParser::State;
  http::RequestParser parser;
  parser.Reset(max_head);
  std::string in;
  std::string body;
  std::string head;
  while (!bytes.empty()) {
    const std::size_t size = std::min(next_piece(), bytes.size());
    in.append(bytes.substr(0, size));
    bytes.remove_prefix(size);
    if (head.empty()) {
      const State state = parser.Parse(in);
      if (state == State::kFailed) return std::to_string(parser.failure().status);
      if (state == State::kMore) continue;
      head = std::string(parser.method().In(in)) + " " + std::string(parser.target().In(in));
      in.erase(0, parser.head_size());
    }
    std::size_t used = 0;
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
    if (done) return "200 " + head + " |" + body + "| left=" + in + std::string(bytes);
  }
  return "more";
}

}  // namespace moerge::test
