// POST /api/v1/feedback: how good an answer was.
//
// An inference key may do this: the client that got an answer can judge it and knows the id of its
// decision. What one key can do is bounded: one judgement per decision, of experts that were asked.
#include <utility>

#include "config/base/json.h"
#include "services/api/admin/admin_routes.h"
#include "services/api/error.h"
#include "services/api/feedback_intake.h"
#include "services/api/store_call.h"

namespace moerge::api {
namespace {

std::string CountedJson(const Counted& counted) {
  const Feedback& feedback = counted.feedback;
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("object", "moerge.feedback").Field("decision", feedback.decision);
  writer.Field("expert", feedback.expert).Field("score", feedback.score);
  writer.Key("skills").BeginArray();
  for (const auto& [skill, share] : feedback.skills) {
    writer.BeginObject().Field("skill", skill).Key("trials").Fixed(share, 4).EndObject();
  }
  writer.EndArray().Field("replaced", counted.replaced).Field("revision", counted.revision);
  writer.EndObject();
  return out;
}

Task<void> TakeFeedback(ApiCall& call, std::shared_ptr<FeedbackIntake> intake) {
  Result<FeedbackRequest> request = ParseFeedback(call.exchange.TakeBody());
  if (!request) co_return co_await SendError(call, std::move(request).error());
  request->key = call.key_name;
  const Executor loop = co_await ThisLoop();
  const auto handover = std::make_shared<Handover<Counted>>(loop);
  FeedbackIntake::Done done = [handover](Result<Counted> counted) {
    Handover<Counted>::Give(handover, std::move(counted));
  };
  intake->Submit(*std::move(request), std::move(done));
  Result<Counted> counted = co_await handover->Take();
  if (!counted) co_return co_await SendError(call, std::move(counted).error());
  co_await SendJson(call, CountedJson(*counted));
}

}  // namespace

void AddFeedbackRoutes(RouteTable& table, ApiContext& context) {
  table.Add("POST", "/api/v1/feedback", Access::kInference,
            [&context](ApiCall& call) { return TakeFeedback(call, context.shared().feedback); });
}

}  // namespace moerge::api
