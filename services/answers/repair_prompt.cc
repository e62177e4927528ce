#include "services/answers/repair_prompt.h"

namespace moerge {

std::string RepairInstructions(std::string_view why) {
  return "You have answered the request above; your answer stands below. It failed a check: " +
         std::string(why) +
         "\nAnswer the request again so that it passes. Reply with the corrected answer alone.";
}

}  // namespace moerge
