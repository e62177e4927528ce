// A chat request in the words of an API of another make.
#pragma once

#include <cstdint>
#include <string>
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

}  // namespace moerge
