#include "services/api/admin/paging.h"

#include <utility>

#include "config/base/text.h"
#include "services/api/field_error.h"

namespace moerge::api {

Result<int> ReadLimit(const http::Request& request, int preset) {
  const std::string text = request.Query("limit");
  if (text.empty()) return preset;
  const auto limit = ParseInt(text);
  if (!limit || *limit < 1 || *limit > 1000) return FieldError("limit", "a whole number, 1..1000");
  return static_cast<int>(*limit);
}

Result<Page> ReadPage(const http::Request& request) {
  Page page;
  const Result<int> limit = ReadLimit(request, page.limit);
  if (!limit) return limit.error();
  page.limit = *limit;
  page.after = request.Query("after");
  page.search = Search(request.Query("find"));
  return page;
}

std::string ListJson(std::string_view items, bool has_more) {
  std::string out;
  out.reserve(items.size() + 64);
  out.append(R"({"object":"list","data":[)").append(items);
  out.append(has_more ? R"(],"has_more":true})" : R"(],"has_more":false})");
  return out;
}

Status TakeFlag(const http::Request& request, std::string_view name, bool* out) {
  const std::string text = request.Query(name);
  if (text.empty()) return Ok{};
  if (text != "true" && text != "false") return FieldError(std::string(name), "true or false");
  *out = text == "true";
  return Ok{};
}

void TakeTextFilter(const http::Request& request, std::string_view name,
                    std::optional<std::string>* out) {
  std::string value = request.Query(name);
  if (!value.empty()) *out = std::move(value);
}

Status TakeTimeFilter(const http::Request& request, std::string_view name,
                      std::optional<WallTime>* out) {
  const std::string value = request.Query(name);
  if (value.empty()) return Ok{};
  *out = ParseTime(value);
  if (*out) return Ok{};
  return FieldError(std::string(name), "a time such as 2026-01-31T12:00:00Z");
}

}  // namespace moerge::api
