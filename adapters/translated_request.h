// A chat request in the words of an API of another make.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace moerge {

struct TranslatedRequest {
  std::string body;                // JSON
  std::vector<std::string> notes;  // what of the request is not in it, for the reply's notes
  std::int64_t own_limit = 0;      // tokens of an answer to which moerge limited it; 0: it did not
};

// Says that a limit is lower than the client's.
inline std::string LimitNote(std::int64_t most) {
  return "the answer's limit is " + std::to_string(most) + " tokens, the expert's `max_output`";
}

// Says that an effort to think was taken as another.
inline std::string UnknownEffortNote(std::string_view said, std::string_view taken) {
  return "the effort `" + std::string(said) + "` is not known and taken as " + std::string(taken);
}

}  // namespace moerge
