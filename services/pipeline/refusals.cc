#include "services/pipeline/refusals.h"

#include <string>
#include <utility>

namespace moerge {
namespace {

Error CannotHonour(std::string_view aggregate, std::string field, std::string_view what,
                   std::string_view alternatives) {
  return Error{.code = ErrorCode::kInvalid,
               .message = "this policy's answers are made of several (aggregate `" +
                          std::string(aggregate) + "`), which cannot " + std::string(what) +
                          "; use a policy with aggregate " + std::string(alternatives) +
                          ", or an expert by name",
               .param = std::move(field)};
}

}  // namespace

std::string_view FunctionsField(const ChatRequest& request) {
  for (const std::string_view field : {"tools", "functions"}) {
    const json::Value value = request.body->Field(field);
    if (value.is_array() && value.size() > 0) return field;
  }
  return {};
}

Status RefuseField(const ChatRequest& request, std::string_view aggregate, std::string_view field) {
  const json::Value value = request.body->Field(field);
  if (!value || value.is_null() || value.type() == json::Type::kFalse) return Ok{};
  return CannotHonour(aggregate, std::string(field), "honour `" + std::string(field) + "`",
                      "`first`, `vote`, `cascade` or `race`");
}

Status RefuseForAuthors(const ChatRequest& request, std::string_view aggregate) {
  const std::string_view field = FunctionsField(request);
  if (field.empty()) return RefuseChoices(request, aggregate);
  return CannotHonour(aggregate, std::string(field), "call functions",
                      "`first`, `vote`, `cascade` or `race`");
}

Status RefuseChoices(const ChatRequest& request, std::string_view aggregate) {
  if (request.body->Field("n").AsInt().value_or(1) <= 1) return Ok{};
  return CannotHonour(aggregate, "n", "give several choices", "`first` or `race`");
}

Status RefuseVerifier(const ChatRequest& request, std::string_view why) {
  if (!request.verifier) return Ok{};
  return Error{
      .code = ErrorCode::kInvalid,
      .message = std::string(why) + "; use a policy with another aggregate, such as moerge/best_of",
      .param = "moerge.verify"};
}

}  // namespace moerge
