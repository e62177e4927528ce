#include "services/calls/expert_call.h"

#include <string_view>

namespace moerge {

const OriginPtr& NoOrigin() {
  static const OriginPtr none = std::make_shared<const RequestOrigin>();
  return none;
}

std::string AskedBy(const ExpertCall& call, std::string_view path) {
  const Expert& expert = call.expert->spec;
  std::string asked;
  for (const std::string_view part :
       {std::string_view(expert.name), std::string_view(call.expert->backend->name),
        std::string_view(expert.model), path, call.body->text()}) {
    asked.append(std::to_string(part.size())).append(":").append(part);
  }
  return asked;
}

}  // namespace moerge
