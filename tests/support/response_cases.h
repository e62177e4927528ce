// HTTP/1.x responses as bytes, and what a client makes of each: one table for the parser alone, for
// both clients over sockets, and as seeds for fuzzing.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace moerge::test {

struct ResponseCase {
  std::string bytes;     // behind them the server closes the connection
  std::string expected;  // "STATUS BODY"; "refused"; "incomplete"
};

std::vector<ResponseCase> TakenResponses();
std::vector<ResponseCase> RefusedResponses();
std::vector<ResponseCase> IncompleteResponses();
std::vector<ResponseCase> AllResponseCases();

struct ReadResponseResult {
  std::string text;  // as ResponseCase::expected
  std::string left;  // bytes behind the end
  std::string error;
  bool keep_alive = false;  // once the end was seen
};
// What ResponseParser makes of `bytes` that arrive in pieces of the sizes that `next_piece` gives.
ReadResponseResult ReadResponse(std::string_view bytes,
                                const std::function<std::size_t()>& next_piece,
                                bool head_request = false);

}  // namespace moerge::test
