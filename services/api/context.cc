#include "services/api/context.h"

#include "services/api/request_metrics.h"

namespace moerge::api {

ApiContext::ApiContext(const ApiShared& shared, Engine& engine)
    : shared_(shared),
      engine_(engine),
      metrics_(std::make_unique<RequestMetrics>(shared.metrics)),
      counts_(shared.live->AddLoop()) {}

ApiContext::~ApiContext() = default;

}  // namespace moerge::api
