// What experts are asked for the sake of routing. The request they are asked about is quoted as
// data. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "router/request.h"

namespace moerge {

struct RoutingQuestion {
  std::string_view instructions;
  const RequestText& text;  // at most the first and last kilobytes of it are quoted
  int max_tokens = 0;
  double temperature = 0;
  bool logprobs = false;
};
// The body of a chat completion; its model is the caller's to fill in.
std::string RoutingBody(const RoutingQuestion& question);

// Names a few of these skills, or ones like them.
std::string KeywordInstructions(const std::vector<std::string>& skills);
// Says a number from 0 to 100.
std::string_view BidInstructions();

// The mean of the numbers that the first number's token could have been, weighted by their
// probabilities; none if the reply has no log-probabilities of a number.
std::optional<double> BidFromLogprobs(std::string_view reply);

}  // namespace moerge
