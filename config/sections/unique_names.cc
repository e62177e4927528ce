#include "config/sections/sections.h"

namespace moerge {

void UniqueNames::Add(const std::string& name, FieldReader* in) {
  if (name.empty()) return;
  const auto [first, added] = lines_.emplace(name, in->Locate("name").line);
  if (added) return;
  in->AddError("name", "`" + name + "` is taken by the entry in line " +
                           std::to_string(first->second) + "; names must be unique");
}

}  // namespace moerge
