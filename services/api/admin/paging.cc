#include "services/api/admin/paging.h"

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
  return page;
}

}  // namespace moerge::api
