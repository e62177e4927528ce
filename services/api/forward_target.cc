#include "services/api/forward_target.h"

#include <string>
#include <utility>

#include "services/pipeline/model_choice.h"

namespace moerge::api {
namespace {

Error NeedsExpert(std::string message) {
  return Error{.code = ErrorCode::kInvalid, .message = std::move(message), .param = "model"};
}

}  // namespace

Result<const ExpertEntry*> ForwardTarget(const Snapshot& snapshot, json::Value model) {
  const auto name = model.AsString();
  if (!name || name->empty()) return NeedsExpert("`model` must be the name of an expert");
  Result<ModelChoice> choice = ChooseModel(snapshot, *name, {});
  if (!choice) return std::move(choice).error();
  if (choice->expert == nullptr) {
    return NeedsExpert("`" + std::string(*name) + "` routes chat requests only; name an expert");
  }
  if (choice->expert->backend == nullptr) {
    return NeedsExpert("`" + std::string(*name) + "` is a tool, which answers chat requests only");
  }
  return choice->expert;
}

}  // namespace moerge::api
