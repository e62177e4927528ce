#include "adapters/anthropic_refusals.h"

#include <algorithm>

namespace moerge::anthropic {

bool Learn(std::string_view message, Refusals* refusals) {
  const auto says = [message](std::string_view words) {
    return message.find(words) != message.npos;
  };
  constexpr std::string_view kRefusing[] = {"not support", "unsupported", "deprecated",
                                            "no longer"};
  if (std::ranges::none_of(kRefusing, says)) return false;
  const Refusals before = *refusals;
  // A refusal of one way to think names the other as the way to go.
  if (says("thinking.type.enabled") || says("budget_tokens")) {
    refusals->budget = true;
  } else if (says("adaptive")) {
    refusals->adaptive = true;
  } else if (says("effort")) {
    if (!says("level")) refusals->effort = true;  // one level of it is the client's to change
  } else if (says("thinking")) {
    refusals->thinking = true;
  } else if (says("temperature") || says("top_p") || says("top_k")) {
    refusals->sampling = true;
  }
  return *refusals != before;
}

}  // namespace moerge::anthropic
