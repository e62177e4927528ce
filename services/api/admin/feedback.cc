// /api/v1/feedback: how good answers were, correctness and helpfulness apart.
//
// An inference key may judge: the client that got an answer can judge it and knows the id of its
// decision. What one key can do is bounded: one judgement per decision, of experts that were asked.
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/base/json.h"
#include "config/base/text.h"
#include "services/api/admin/admin_routes.h"
#include "services/api/admin/paging.h"
#include "services/api/error.h"
#include "services/api/feedback_intake.h"
#include "services/api/store_call.h"
#include "services/watch/feedback_figures.h"

namespace moerge::api {
namespace {

constexpr int kMostSummed = 10'000;

void WriteShare(std::string_view key, const std::optional<double>& share, json::Writer& writer) {
  writer.Key(key);
  share ? writer.Number(*share) : writer.Null();
}

void WriteSaid(const Feedback& feedback, json::Writer& writer) {
  writer.Field("decision", feedback.decision).Field("expert", feedback.expert);
  WriteShare("score", feedback.score, writer);
  WriteShare("helpfulness", feedback.helpfulness, writer);
}

std::string CountedJson(const Counted& counted) {
  const Feedback& feedback = counted.feedback;
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("object", "moerge.feedback");
  WriteSaid(feedback, writer);
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

using FeedbackPage = std::vector<Feedback>;

// Of one decision, or the newest.
Task<Result<FeedbackPage>> ReadFeedback(ApiContext& context, std::string decision, int limit) {
  std::function<Result<FeedbackPage>(Store&)> read = [decision, limit](Store& store) {
    if (decision.empty()) return store.observations().ListFeedback(limit);
    return store.observations().FeedbackOn(decision);
  };
  co_return co_await OnStore(context.shared().store, std::move(read));
}

Task<void> ListJudgements(ApiCall& call, ApiContext& context) {
  const http::Request& request = call.exchange.request();
  const Result<int> limit = ReadLimit(request, 100);
  if (!limit) co_return co_await SendError(call, limit.error());
  std::string decision = request.Query("decision");
  Result<FeedbackPage> page = co_await ReadFeedback(context, std::move(decision), *limit);
  if (!page) co_return co_await SendError(call, std::move(page).error());
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("object", "list").Key("data").BeginArray();
  for (const Feedback& one : *page) {
    writer.BeginObject();
    WriteSaid(one, writer);
    writer.TextOrNull("client", one.key).Field("time", FormatTime(one.time)).EndObject();
  }
  writer.EndArray().Field("has_more", false).EndObject();
  co_await SendJson(call, std::move(out));
}

void WriteJudged(std::string_view key, const JudgedShare& judged, json::Writer& writer) {
  writer.Key(key).BeginObject().Field("judged", judged.count);
  writer.Field("sum", judged.sum).EndObject();
}

void WriteFeedbackFigures(const FeedbackFigures& figures, json::Writer& writer) {
  writer.BeginObject().TextOrNull("expert", figures.expert);
  WriteJudged("correctness", figures.correctness, writer);
  WriteJudged("helpfulness", figures.helpfulness, writer);
  writer.Field("both", figures.both);
  WriteShare("correlation", figures.correlation, writer);
  writer.EndObject();
}

Task<void> SumJudgements(ApiCall& call, ApiContext& context) {
  std::string any_decision;
  Result<FeedbackPage> newest =
      co_await ReadFeedback(context, std::move(any_decision), kMostSummed);
  if (!newest) co_return co_await SendError(call, std::move(newest).error());
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("object", "moerge.feedback_summary").Key("all");
  WriteFeedbackFigures(FiguresOfAll(*newest), writer);
  writer.Key("experts").BeginArray();
  for (const FeedbackFigures& figures : FiguresByExpert(*newest))
    WriteFeedbackFigures(figures, writer);
  writer.EndArray().EndObject();
  co_await SendJson(call, std::move(out));
}

}  // namespace

void AddFeedbackRoutes(RouteTable& table, ApiContext& context) {
  table.Add("POST", "/api/v1/feedback", Access::kInference,
            [&context](ApiCall& call) { return TakeFeedback(call, context.shared().feedback); });
  table.Add("GET", "/api/v1/feedback", Access::kRead,
            [&context](ApiCall& call) { return ListJudgements(call, context); });
  table.Add("GET", "/api/v1/feedback/summary", Access::kRead,
            [&context](ApiCall& call) { return SumJudgements(call, context); });
}

}  // namespace moerge::api
