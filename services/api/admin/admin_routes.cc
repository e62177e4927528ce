#include "services/api/admin/admin_routes.h"

namespace moerge::api {

void AddAdminRoutes(RouteTable& table, ApiContext& context) {
  AddEntityRoutes(table, context);
  AddOnboardingRoutes(table, context);
  AddVocabularyRoutes(table, context);
  AddPolicyKindRoutes(table, context);
  AddProfileRoutes(table, context);
  AddMappingRoutes(table, context);
  AddTrialRoutes(table, context);
  AddBackendModelRoutes(table, context);
  AddCompareRoutes(table, context);
  AddRetireRoutes(table, context);
  AddAlarmRoutes(table, context);
  AddProfileFileRoutes(table, context);
  AddFeedbackRoutes(table, context);
  AddDecisionRoutes(table, context);
  AddUsageRoutes(table, context);
  AddResidencyRoutes(table, context);
  AddVariantRoutes(table, context);
  AddSessionRoutes(table, context);
  AddEventRoutes(table, context);
  AddEvaluationRoutes(table, context);
  AddConfusionRoutes(table, context);
  AddFirstKeyRoutes(table, context);
  AddSettingRoutes(table, context);
  AddKeyRoutes(table, context);
  AddAuditRoutes(table, context);
  AddRevisionRoutes(table, context);
  AddRegistryFileRoutes(table, context);
  AddServerRoutes(table, context);
}

}  // namespace moerge::api
