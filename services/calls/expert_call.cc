#include "services/calls/expert_call.h"

namespace moerge {

const OriginPtr& NoOrigin() {
  static const OriginPtr none = std::make_shared<const RequestOrigin>();
  return none;
}

}  // namespace moerge
