// GET / and /ui/...: the dashboard's files. They hold no secret, so that no key is needed; what the
// page then asks of the API is another matter.
#pragma once

#include "services/api/context.h"
#include "services/api/routes.h"

namespace moerge::api {

// Any path below /ui/ that is no file's is the page's own, which shows what the path means.
void AddDashboardRoutes(RouteTable& table, ApiContext& context);

}  // namespace moerge::api
