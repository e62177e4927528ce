// The tools of an OpenAI chat request, and which of them are to be called, as Anthropic's API wants
// them said. Pure, thread-safe.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/json.h"

namespace moerge::anthropic {

// The tool whose call is the answer, where a request prescribes a JSON schema: the reply's
// translator turns its arguments into text.
inline constexpr std::string_view kAnswerTool = "moerge_json_answer";

struct ToolSet {
  std::string tools;        // the array, JSON; empty: none
  std::string tool_choice;  // the object, JSON; empty: none
  std::size_t marks = 0;    // where the API's cache is to begin, at most as many as it takes
  bool all_marks = true;    // false: there were more, of which the last are kept
  bool forced = false;      // a call is insisted on, with which the API does not let a model think
};

// `used`: tools that the conversation has called. They are declared if the request declares none,
// as the API wants. Errors: kInvalid with the field.
Result<ToolSet> ReadTools(const json::Value& request, const std::set<std::string>& used,
                          std::vector<std::string>* notes);

// Whether `response_format` can be had as a forced call of kAnswerTool: a schema of an object that
// the API takes as it is, and no tools of the client's.
bool AnswersByTool(const json::Value& request);

}  // namespace moerge::anthropic
