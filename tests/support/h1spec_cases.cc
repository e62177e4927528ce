// The cases of uNetworking/h1spec, written by what each asks for.
#include "tests/support/framing_cases.h"

namespace moerge::test {
namespace {

const std::string kExampleHost = "Host: example.com\r\n";

std::string RootRequest(std::string_view method, std::string_view lines,
                        std::string_view body = {}) {
  return std::string(method) + " / HTTP/1.1\r\n" + std::string(lines) + "\r\n" + std::string(body);
}

// A request that stops at each of the places where a reader could stumble.
std::vector<ConformanceCase> FragmentedRequests() {
  const std::string request = "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r";
  const auto until = [&](std::string_view part) {
    return request.substr(0, request.find(part) + part.size());
  };
  return {
      {"stops in the method", "G", {}, {}},
      {"stops behind the method", "GET ", {}, {}},
      {"stops behind the path", until("/hello"), {}, {}},
      {"stops before the version", until("/hello "), {}, {}},
      {"stops in the version", until("HTTP"), {}, {}},
      {"stops behind the first line", until("HTTP/1.1"), {}, {}},
      {"stops in the first line's end", until("HTTP/1.1\r"), {}, {}},
      {"stops behind the first line's end", until("HTTP/1.1\r\n"), {}, {}},
      {"stops in a field's name", until("Hos"), {}, {}},
      {"stops behind a field's colon", until("Host:"), {}, {}},
      {"stops behind the blank", until("Host: "), {}, {}},
      {"stops behind a field's value", until("localhost"), {}, {}},
      {"stops in a field line's end", until("localhost\r"), {}, {}},
      {"stops behind a field line's end", until("localhost\r\n"), {}, {}},
      {"stops in the head's end", request, {}, {}},
  };
}

}  // namespace

std::vector<ConformanceCase> H1SpecCases() {
  std::vector<ConformanceCase> cases = FragmentedRequests();
  const std::vector<ConformanceCase> whole = {
      {"no version", "GET / \r\n\r\n", {4, 5}, {}},
      {"an expectation", RootRequest("GET", kExampleHost + "Expect: 100-continue\r\n"), {1, 2}, {}},
      {"a plain GET", RootRequest("GET", kExampleHost), {2}, {}},
      {"odd case, a tab, an empty value",
       RootRequest("GET", "hoSt:\texample.com\r\nempty:\r\n"),
       {2},
       {}},
      {"brackets in a name", RootRequest("GET", kExampleHost + "X-Invalid[]: test\r\n"), {4}, {}},
      {"no Host", RootRequest("GET", "Content-Length: 5\r\n"), {4}, {}},
      {"two Hosts", RootRequest("GET", kExampleHost + "Host: example.org\r\n"), {4}, {}},
      {"a huge negative length",
       RootRequest("GET", kExampleHost + "Content-Length: -123456789123456789123456789\r\n"),
       {4},
       {}},
      {"a negative length",
       RootRequest("GET", kExampleHost + "Content-Length: -1234\r\n"),
       {4},
       {}},
      {"letters as length", RootRequest("GET", kExampleHost + "Content-Length: abc\r\n"), {4}, {}},
      {"an empty value", RootRequest("GET", kExampleHost + "X-Empty-Header: \r\n"), {2}, {}},
      {"a control character",
       RootRequest("GET", kExampleHost + "X-Bad-Control-Char: test\x07\r\n"),
       {4},
       {}},
      {"a version that does not exist", "GET / HTTP/9.9\r\n" + kExampleHost + "\r\n", {4, 5}, {}},
      {"words before the method", "Extra line" + RootRequest("GET", kExampleHost), {4, 5}, {}},
      {"CR in place of an empty line",
       RootRequest("GET", kExampleHost + "\rSome-Header: Test\r\n"),
       {4},
       {}},
      {"a body by length",
       RootRequest("POST", kExampleHost + "Content-Length: 5\r\n", "hello"),
       {2},
       "hello"},
      {"a body in chunks",
       RootRequest("POST", kExampleHost + "Transfer-Encoding: chunked\r\n",
                   "c\r\nHellO world1\r\n0\r\n\r\n"),
       {2},
       "HellO world1"},
      {"a length beside chunks",
       RootRequest("POST", kExampleHost + "content-LengtH: 5\r\nTransFer-Encoding: chunked\r\n",
                   "c\r\nHellO world1\r\n0\r\n\r\n"),
       {4, 2},
       "HellO world1"},
  };
  cases.insert(cases.end(), whole.begin(), whole.end());
  return cases;
}

}  // namespace moerge::test
