// How it is named what an expert does in a role for others' answers: "author.algebra" (writes one
// answer of several about algebra), "judge.algebra" (says which of two is right). Evidence bears
// these names where it else bears a skill's, so that it is stored, shown, carried and aged like it;
// but roles are no skills: nothing routes by them, and they count neither for an expert's strength
// nor for how well it is known. Thread-safe, pure.
#pragma once

#include <string>
#include <string_view>

namespace moerge {

inline constexpr std::string_view kAuthorRole = "author";
inline constexpr std::string_view kJudgeRole = "judge";

// `category`: a skill's name or a skill's category.
inline std::string RoleName(std::string_view role, std::string_view category) {
  return std::string(role).append(".").append(category);
}

// Whether `name` is of that form: no skill may be called so.
inline bool IsRoleName(std::string_view name) {
  for (const std::string_view role : {kAuthorRole, kJudgeRole}) {
    if (name.size() > role.size() && name.starts_with(role) && name[role.size()] == '.')
      return true;
  }
  return false;
}

}  // namespace moerge
