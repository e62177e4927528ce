#include "services/api/admin/entity_edit.h"

#include <algorithm>

#include "config/base/text.h"
#include "services/api/admin/paging.h"

namespace moerge::api {

std::string TagOf(std::string_view name, std::string_view origin, std::string_view json) {
  std::string all(name);
  all.append("\n").append(origin).append("\n").append(json);
  constexpr std::size_t kDigits = 32;
  return "\"" + Sha256Hex(all).substr(0, kDigits) + "\"";
}

Status CheckMatch(std::string_view if_match, std::string_view tag) {
  if (if_match.empty()) return Ok{};
  const auto elements = Split(if_match, ',');
  const bool matches = std::ranges::any_of(elements, [tag](std::string_view element) {
    element = Trim(element);
    return element == tag || (element == "*" && !tag.empty());
  });
  if (matches) return Ok{};
  return Error{.code = ErrorCode::kConflict,
               .message = tag.empty()
                              ? "If-Match names a state of it, and it is not there any more"
                              : "it was changed since it was read; read it again, and change that",
               .reason = "stale",
               .status = 412};
}

Result<bool> WantsDryRun(const http::Request& request) {
  bool dry = false;
  if (Status flag = TakeFlag(request, "dry_run", &dry); !flag) return std::move(flag).error();
  return dry;
}

}  // namespace moerge::api
