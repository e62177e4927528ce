#include "adapters/chat.h"

#include <algorithm>
#include <utility>

namespace moerge {

Result<ChatBodyPtr> ChatBody::Parse(std::string text) {
  const auto body = std::make_shared<ChatBody>(Key());
  body->text_ = std::move(text);
  auto document = json::Document::Parse(body->text_);
  if (!document) return std::move(document).error();
  if (!document->root().is_object()) {
    return Error{ErrorCode::kInvalid, "the request's body must be a JSON object, not " +
                                          std::string(json::TypeName(document->root().type()))};
  }
  body->document_.emplace(std::move(*document));
  return ChatBodyPtr(body);
}

void NoteMended(AnswerNotes* notes, std::string_view what) {
  if (notes == nullptr) return;
  std::vector<std::string>& all = notes->mended;
  if (std::ranges::find(all, what) == all.end()) all.emplace_back(what);
}

}  // namespace moerge
