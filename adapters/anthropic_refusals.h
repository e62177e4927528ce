// What single models behind Anthropic's API do not take, as their refusals say: newer ones take no
// budget to think with and no sampling values, older ones do not decide themselves how much to
// think. Pure, thread-safe.
#pragma once

#include <string_view>

namespace moerge::anthropic {

struct Refusals {
  bool budget = false;    // `thinking` of the type `enabled`
  bool adaptive = false;  // `thinking` of the type `adaptive`
  bool effort = false;    // `output_config.effort`
  bool thinking = false;  // of any type
  bool sampling = false;  // temperature, top_p and top_k, which went together

  bool operator==(const Refusals&) const = default;
};

// Adds what `message`, a 400's, says is not supported. False: nothing new.
bool Learn(std::string_view message, Refusals* refusals);

}  // namespace moerge::anthropic
