// What becomes of each field of an OpenAI chat request on its way to an API of another make: one
// table per API, beside the rest of its rules. Nothing is left out in silence. Pure, thread-safe.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/json.h"

namespace moerge {

enum class Handling {
  kTranslated,  // said in the API's own words
  kRefused,     // the answer would be another without it: a 400 that names the field
  kNoted,       // left out, and the reply's notes say so
  kOwn,         // moerge's, no expert sees it
};

struct FieldRule {
  std::string_view field;
  Handling handling;
  std::string_view plain = {};  // the value that says nothing: a number or a word
  bool empty_counts = false;    // {} says something
};

// Refuses or notes what of `request` the API cannot say. Fields that are not in the table are
// noted. null, false, empty values and `plain` say nothing. Error: kInvalid with the field.
Status ApplyFieldRules(std::span<const FieldRule> rules, const json::Value& request,
                       std::string_view api, std::vector<std::string>* notes);

// "`seed` is not passed on: Anthropic's API has nothing like it"
std::string NotPassedOn(std::string_view field, std::string_view api);

}  // namespace moerge
