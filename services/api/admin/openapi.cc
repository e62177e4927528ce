#include "services/api/admin/openapi.h"

#include "config/defaults/embedded.h"

namespace moerge::api {

std::string OpenApiDocument() {
  static const std::string kDocument = EmbeddedApiFiles().front().text;
  return kDocument;
}

}  // namespace moerge::api
