#include "adapters/model_list.h"

#include <algorithm>

#include "adapters/openai_fields.h"
#include "config/base/json.h"

namespace moerge {
namespace {

json::Value ModelsIn(const json::Value& root) {
  if (root.is_array()) return root;
  const json::Value data = root.Find("data");
  return data.is_array() ? data : root.Find("models");
}

}  // namespace

std::vector<std::string> ModelNames(std::string_view list, std::size_t most) {
  std::vector<std::string> names;
  const auto document = json::Document::Parse(list);
  if (!document) return names;
  for (const json::Value model : ModelsIn(document->root()).children()) {
    std::string_view name = StringAt(model, "id");
    if (name.empty()) name = StringAt(model, "name");
    const bool ours = model.Find("moerge").present();
    if (!name.empty() && !ours && names.size() < most) names.emplace_back(name);
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace moerge
