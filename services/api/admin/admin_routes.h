// The routes that people and programs administer a server with: /api/v1/..., /health, /ready,
// /metrics, /openapi.json.
#pragma once

#include "services/api/context.h"
#include "services/api/routes.h"

namespace moerge::api {

// All groups below.
void AddAdminRoutes(RouteTable& table, ApiContext& context);

// Backends, experts, skills, policies.
void AddEntityRoutes(RouteTable& table, ApiContext& context);
void AddOnboardingRoutes(RouteTable& table, ApiContext& context);  // experts and tasks from samples
void AddVocabularyRoutes(RouteTable& table, ApiContext& context);  // proposals of skills
void AddPolicyKindRoutes(RouteTable& table, ApiContext& context);  // /api/v1/policy-kinds
void AddMappingRoutes(RouteTable& table, ApiContext& context);     // /api/v1/policies/NAME/mapping
void AddTrialRoutes(RouteTable& table, ApiContext& context);       // /api/v1/policies/NAME/trial
void AddBackendModelRoutes(RouteTable& table, ApiContext& context);  // .../models, .../probe
void AddCompareRoutes(RouteTable& table, ApiContext& context);       // /api/v1/policies/compare
void AddRetireRoutes(RouteTable& table, ApiContext& context);        // a skill from an expert
void AddAlarmRoutes(RouteTable& table, ApiContext& context);         // /api/v1/alarms
void AddProfileRoutes(RouteTable& table, ApiContext& context);       // /api/v1/profiles
void AddProfileFileRoutes(RouteTable& table, ApiContext& context);   // import, export, forget
void AddFeedbackRoutes(RouteTable& table, ApiContext& context);      // /api/v1/feedback
void AddDecisionRoutes(RouteTable& table, ApiContext& context);      // /api/v1/decisions
void AddUsageRoutes(RouteTable& table, ApiContext& context);         // /api/v1/usage
void AddResidencyRoutes(RouteTable& table, ApiContext& context);     // /api/v1/residency
void AddVariantRoutes(RouteTable& table, ApiContext& context);       // /api/v1/residency/variants
void AddSessionRoutes(RouteTable& table, ApiContext& context);       // /api/v1/session
void AddEventRoutes(RouteTable& table, ApiContext& context);         // /api/v1/events
void AddEvaluationRoutes(RouteTable& table, ApiContext& context);    // /api/v1/evaluations
void AddConfusionRoutes(RouteTable& table, ApiContext& context);     // /api/v1/confusion
void AddFirstKeyRoutes(RouteTable& table, ApiContext& context);      // /first/TOKEN
void AddSettingRoutes(RouteTable& table, ApiContext& context);       // /api/v1/settings
void AddKeyRoutes(RouteTable& table, ApiContext& context);           // /api/v1/keys
void AddAuditRoutes(RouteTable& table, ApiContext& context);         // /api/v1/audit
void AddRevisionRoutes(RouteTable& table, ApiContext& context);      // /api/v1/revisions
void AddRegistryFileRoutes(RouteTable& table, ApiContext& context);  // /api/v1/registry
// Health, metrics, reload, openapi.
void AddServerRoutes(RouteTable& table, ApiContext& context);

}  // namespace moerge::api
