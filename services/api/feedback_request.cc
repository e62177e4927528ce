#include "services/api/feedback_request.h"

#include <algorithm>

#include "config/base/json.h"
#include "config/base/text.h"
#include "router/onboard/infer_text.h"
#include "router/onboard/skill_shares.h"
#include "services/api/decision_json.h"
#include "services/api/field_error.h"

namespace moerge::api {
namespace {

Status TakeText(json::Value value, std::string* out) {
  const auto text = value.AsString();
  if (!text || text->empty()) return WrongType(std::string(value.key()), "a text", value);
  *out = *text;
  return Ok{};
}

Status TakeShare(json::Value value, std::optional<double>* out) {
  const auto share = value.AsDouble();
  if (!share || !(*share >= 0 && *share <= 1)) {
    return FieldError(std::string(value.key()), "a number from 0 to 1");
  }
  *out = *share;
  return Ok{};
}

Status TakeMember(json::Value member, FeedbackRequest* request) {
  const std::string_view key = member.key();
  if (key == "decision") return TakeText(member, &request->decision);
  if (key == "request_id") return TakeText(member, &request->request_id);
  if (key == "expert") return TakeText(member, &request->expert);
  if (key == "skill") return TakeText(member, &request->skill);
  if (key == "score") return TakeShare(member, &request->score);
  if (key == "helpfulness") return TakeShare(member, &request->helpfulness);
  return UnknownField(std::string(key), key,
                      {"decision", "request_id", "score", "helpfulness", "expert", "skill"});
}

// Every expert that was called.
std::vector<std::string> Asked(json::Value decision) {
  std::vector<std::string> names;
  for (const json::Value attempt : decision.Find("attempts").children()) {
    std::string name(StringAt(attempt, "expert"));
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

Result<std::string> ExpertOf(const FeedbackRequest& request, const DecisionRecord& record,
                             json::Value decision) {
  if (request.expert.empty() && record.expert.empty()) {
    return Error{ErrorCode::kConflict,
                 "no expert answered this request: there is nothing to judge"};
  }
  if (request.expert.empty() || request.expert == record.expert) return record.expert;
  const std::vector<std::string> asked = Asked(decision);
  if (std::find(asked.begin(), asked.end(), request.expert) != asked.end()) return request.expert;
  return FieldError("expert", "one that was asked: " + Join(asked, ", "));
}

SkillShares DemandOf(json::Value decision) {
  SkillShares demand;
  for (const json::Value part : decision.Find("demand").Find("skills").children()) {
    demand.emplace_back(StringAt(part, "skill"), part.Find("probability").AsDouble().value_or(0));
  }
  return SharesOf(std::move(demand));
}

SkillShares Inferred(const Router& router, std::string_view text) {
  if (text.empty()) return {};
  return SharesOf(InferText(router, text));
}

Result<SkillShares> SkillsOf(const FeedbackRequest& request, json::Value decision,
                             const Router& router) {
  if (!request.skill.empty()) {
    const Snapshot& snapshot = *router.snapshot();
    if (snapshot.FindSkill(request.skill) != nullptr || request.skill == kGeneralSkill) {
      return SkillShares{{request.skill, 1}};
    }
    std::vector<std::string> names;
    for (const SkillEntry& skill : snapshot.skills) names.push_back(skill.spec.name);
    return FieldError("skill", "the name of a skill." + DidYouMean(request.skill, names));
  }
  SkillShares shares = DemandOf(decision);
  if (shares.empty()) shares = Inferred(router, StringAt(decision.Find("request"), "user"));
  if (shares.empty()) {
    return FieldError("skill", "given: the decision does not say what the request needed");
  }
  return shares;
}

}  // namespace

Result<FeedbackRequest> ParseFeedback(std::string_view body) {
  const Result<json::Document> document = ParseObject(body);
  if (!document) return document.error();
  const json::Value root = document->root();
  FeedbackRequest request;
  for (const json::Value member : root.children()) {
    if (Status taken = TakeMember(member, &request); !taken) return std::move(taken).error();
  }
  if (!request.score && !request.helpfulness) {
    return FieldError("score", "given, from 0 to 1, or `helpfulness`, or both");
  }
  if (request.decision.empty() == request.request_id.empty()) {
    return FieldError("decision", "given, or `request_id`, and not both");
  }
  return request;
}

Result<DecisionRecord> FindDecision(Store& store, const FeedbackRequest& request) {
  if (!request.decision.empty()) {
    auto record = store.decisions().Get(request.decision);
    if (!record) return std::move(record).error();
    if (*record) return **std::move(record);
    return Error{.code = ErrorCode::kNotFound,
                 .message = "there is no decision `" + request.decision + "`; it may be too old",
                 .param = "decision"};
  }
  DecisionFilter newest;
  newest.limit = FeedbackRequest::kNewest;
  const auto records = store.decisions().List(newest);
  if (!records) return records.error();
  for (const DecisionRecord& listed : *records) {
    if (listed.request_id != request.request_id) continue;
    auto record = store.decisions().Get(listed.id);
    if (!record) return std::move(record).error();
    if (*record) return **std::move(record);
  }
  return Error{.code = ErrorCode::kNotFound,
               .message = "none of the newest " + std::to_string(FeedbackRequest::kNewest) +
                          " decisions has the request id `" + request.request_id +
                          "`; the id of the decision finds older ones",
               .param = "request_id"};
}

Result<Judgement> Judge(const FeedbackRequest& request, const DecisionRecord& record,
                        const Router& router, WallTime now) {
  const auto document = json::Document::Parse(record.json);
  if (!document) return Error{ErrorCode::kInternal, "the kept decision cannot be read"};
  const json::Value decision = document->root();
  const auto expert = ExpertOf(request, record, decision);
  if (!expert) return expert.error();
  Judgement out;
  out.feedback = {.decision = record.id,
                  .key = request.key,
                  .expert = *expert,
                  .score = request.score,
                  .skills = {},
                  .time = now,
                  .decided = record.time,
                  .helpfulness = request.helpfulness};
  if (!request.score) return out;  // helpfulness is no evidence of skills
  auto skills = SkillsOf(request, decision, router);
  if (!skills) return std::move(skills).error();
  out.feedback.skills = *std::move(skills);
  out.observation.skill = request.skill == kGeneralSkill ? std::string() : request.skill;
  out.observation.prompt = StringAt(decision.Find("request"), "user");
  out.observation.scores = {{*expert, *request.score}};
  return out;
}

}  // namespace moerge::api
