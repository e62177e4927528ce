#include "router/onboard/infer_text.h"

namespace moerge {

Demand InferText(const Router& router, std::string_view text) {
  const Policy* policy = router.snapshot()->FindPolicy("auto");
  if (policy == nullptr) return {};
  RouteRequest request;
  request.text.user = text;
  return router.Infer(request, *policy);
}

}  // namespace moerge
