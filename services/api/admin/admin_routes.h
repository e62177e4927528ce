// The routes that people and programs administer a server with: /api/v1/..., /health, /ready,
// /metrics, /openapi.json.
#pragma once

#include "services/api/context.h"
#include "services/api/routes.h"

namespace moerge::api {

// All groups below.
void AddAdminRoutes(RouteTable& table, ApiContext& context);

void AddEntityRoutes(RouteTable& table, ApiContext& context);    // backends, experts, skills, policies
void AddOnboardingRoutes(RouteTable& table, ApiContext& context);  // experts and tasks from samples
void AddProfileRoutes(RouteTable& table, ApiContext& context);     // /api/v1/profiles
void AddProfileFileRoutes(RouteTable& table, ApiContext& context);  // import, export, forget
void AddFeedbackRoutes(RouteTable& table, ApiContext& context);     // /api/v1/feedback
void AddDecisionRoutes(RouteTable& table, ApiContext& context);  // /api/v1/decisions
void AddPolicyKindRoutes(RouteTable& table, ApiContext& context);  // /api/v1/policy-kinds
void AddServerRoutes(RouteTable& table, ApiContext& context);    // health, metrics, reload, openapi

}  // namespace moerge::api
