// How a model is told to think, in the words of Anthropic's API. Pure, thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "adapters/anthropic_refusals.h"
#include "adapters/anthropic_turns.h"
#include "config/base/json.h"

namespace moerge::anthropic {

// What thinking has to fit in with.
struct ThinkingFrame {
  std::int64_t max_tokens = 0;  // thoughts count in it
  bool limited = false;         // by the client or the expert
  bool forced = false;          // a call of a tool is insisted on
};

struct Thinking {
  bool on = false;              // the model is asked to
  std::string thinking;         // the member, JSON; empty: none
  std::string output_config;    // the same
  std::int64_t max_tokens = 0;  // the frame's, or more if nobody has limited it
};

// The client's own `adaptive` goes on as it is; any other wish is a budget, as a share of the limit
// where it names none, or, where the model has refused budgets, `adaptive` with an effort. `notes`
// gets what is left out.
Thinking ReadThinking(const json::Value& request, const ThinkingFrame& frame, const Turns& turns,
                      const Refusals& refused, std::vector<std::string>* notes);

}  // namespace moerge::anthropic
