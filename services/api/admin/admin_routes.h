// The routes that people and programs administer a server with: /api/v1/..., /health, /ready,
// /metrics, /openapi.json.
#pragma once

#include "services/api/context.h"
#include "services/api/routes.h"

namespace moerge::api {

// All groups below.
void AddAdminRoutes(RouteTable& table, ApiContext& context);

void AddEntityRoutes(RouteTable& table, ApiContext& context);    // backends, experts, skills, policies
void AddProfileRoutes(RouteTable& table, ApiContext& context);   // /api/v1/profiles
void AddMappingRoutes(RouteTable& table, ApiContext& context);   // /api/v1/policies/NAME/mapping
void AddDecisionRoutes(RouteTable& table, ApiContext& context);  // /api/v1/decisions
void AddServerRoutes(RouteTable& table, ApiContext& context);    // health, metrics, reload, openapi

}  // namespace moerge::api
