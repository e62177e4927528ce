// A task as experts are asked it in a role, quoted as serving quotes answers, and whether what they
// say is right. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "services/roles/role_tasks.h"

namespace moerge {

// How often an expert is asked about one task: authors once, judges twice, the positions swapped.
std::size_t CallsOf(std::string_view role);

// The body of the call `turn` (below CallsOf) for `expert`.
std::string RoleBody(const RoleTask& task, std::string_view role, std::size_t turn,
                     std::string_view expert);

// Whether the replies, one a call, are right. An author's must state the reference; a judge's must
// name the right one of a right and a wrong answer in both orders: a verdict that changes with the
// order is wrong.
bool IsRight(const RoleTask& task, std::string_view role, const std::vector<std::string>& replies);

// 95 % interval of a share (Wilson 1927, "Probable inference"). REQUIRES: trials > 0.
struct ShareInterval {
  double low = 0;
  double high = 1;
};
ShareInterval WilsonInterval(double wins, double trials);

}  // namespace moerge
