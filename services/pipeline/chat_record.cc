#include "services/pipeline/chat_record.h"

namespace moerge {

std::string_view AttemptOutcomeName(AttemptOutcome outcome) {
  switch (outcome) {
    case AttemptOutcome::kOk: return "ok";
    case AttemptOutcome::kFailed: return "failed";
    case AttemptOutcome::kDeclined: return "declined";
    case AttemptOutcome::kSkipped: return "skipped";
    case AttemptOutcome::kCancelled: return "cancelled";
  }
  return "failed";
}

}  // namespace moerge
