// HTTP/1.x requests as bytes, and what a server makes of each: one table for the parser alone, for
// the server over sockets, and as seeds for fuzzing.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace moerge::test {

struct FramingCase {
  std::string bytes;
  // "200 METHOD TARGET |body| left=REST", the status it is refused with, or "more".
  std::string expected;
};

std::vector<FramingCase> TakenRequests();
std::vector<FramingCase> RefusedLines();
std::vector<FramingCase> RefusedFields();
std::vector<FramingCase> RefusedChunks();
std::vector<FramingCase> UnfinishedRequests();
std::vector<FramingCase> AllFramingCases();

// What RequestParser makes of `bytes` that arrive in pieces of the sizes that `next_piece` gives.
std::string ReadRequest(std::string_view bytes, const std::function<std::size_t()>& next_piece,
                        std::size_t max_head = 32 << 10);

// What the public conformance suite uNetworking/h1spec asks of a server that echoes bodies, in our
// words: 33 cases.
struct ConformanceCase {
  const char* what;
  std::string bytes;
  // Statuses that are right: those of these hundreds. Empty: the server must wait for more.
  std::vector<int> hundreds;
  std::string body;  // of a 200; empty: any
};
std::vector<ConformanceCase> H1SpecCases();

}  // namespace moerge::test
