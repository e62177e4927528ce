#include "adapters/json_edit.h"

#include <algorithm>

namespace moerge {

JsonEdit Replacement(const json::Value& value, std::string text) {
  return {value.begin(), value.end(), std::move(text)};
}

void SetMembers(const json::Value& object, const JsonMembers& members,
                std::vector<JsonEdit>* edits) {
  std::string front;
  for (const auto& [key, text] : members) {
    if (const json::Value value = object.Find(key)) {
      edits->push_back(Replacement(value, text));
      continue;
    }
    if (!front.empty()) front.push_back(',');
    json::AppendQuoted(key, &front);
    front.append(":").append(text);
  }
  if (front.empty()) return;
  if (object.size() > 0) front.push_back(',');
  const std::size_t at = object.begin() + 1;
  edits->push_back({at, at, std::move(front)});
}

std::string Edited(std::string_view json, std::vector<JsonEdit> edits) {
  std::ranges::sort(edits, {}, &JsonEdit::begin);
  std::string out;
  std::size_t from = 0;
  for (const JsonEdit& edit : edits) {
    out.append(json.substr(from, edit.begin - from)).append(edit.text);
    from = edit.end;
  }
  return out.append(json.substr(from));
}

}  // namespace moerge
