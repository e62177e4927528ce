// What is asked of a Router: a request as routing reads it. A value; its views point into the
// request's body, which outlives it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace moerge {

// The text of a request as routing reads it. Views into the request; nothing is owned.
struct RequestText {
  std::string_view user;                  // the last user turn
  std::string_view system;                // system and developer messages
  std::vector<std::string_view> earlier;  // other turns, newest first; the oldest may be missing
  std::string_view first;                 // the oldest turn of all; empty: there is only `user`
};

struct Signals;

struct RouteRequest {
  RequestText text;
  std::int64_t prompt_tokens = 0;  // estimated
  std::int64_t max_tokens = 0;     // asked for; 0: not said
  bool needs_functions = false;
  bool needs_vision = false;
  std::vector<std::string> skills;   // given by the client: replaces step 1
  std::vector<std::string> experts;  // only these; empty: all
  double max_cost_usd = 0;           // of one call, estimated; 0: no ceiling
  double max_latency_ms = 0;         // until the whole answer is there; 0: no ceiling
  std::uint64_t seed = 0;
  std::shared_ptr<const Signals> signals;  // what the outside told; null: nothing was asked
};

}  // namespace moerge
