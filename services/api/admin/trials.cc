// /api/v1/policies/NAME/trial: another version of a policy for a share of its requests; what both
// do; that version taken back or put in force.
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "config/base/json.h"
#include "services/api/admin/admin_routes.h"
#include "services/api/admin/dry_change.h"
#include "services/api/admin/entity_edit.h"
#include "services/api/admin/trial_json.h"
#include "services/api/error.h"
#include "services/api/field_error.h"
#include "services/api/store_call.h"
#include "services/watch/success_watch.h"

namespace moerge::api {
namespace {

// What a request about a trial says besides its body.
struct TrialCall {
  std::string policy;
  std::string if_match;
};

TrialCall ReadTrialCall(const ApiCall& call) {
  return {std::string(call.Parameter("name")),
          std::string(call.exchange.request().Find("if-match"))};
}

Error NoTrial(const std::string& policy) {
  return Error{.code = ErrorCode::kNotFound,
               .message = "no other version of the policy `" + policy +
                          "` is on trial; PUT {\"share\", \"candidate\"} here begins one",
               .param = "name"};
}

// The version of the path's policy that is on trial, in the state that the client means.
Result<Policy> FindTrial(const TrialCall& asked, const Snapshot& snapshot) {
  if (snapshot.FindPolicy(asked.policy) == nullptr) {
    return NoSuchEntity<Policy>(snapshot, asked.policy);
  }
  const Policy* candidate = snapshot.FindPolicy(CandidateName(asked.policy));
  if (candidate == nullptr) return NoTrial(asked.policy);
  if (Status match = CheckMatch(asked.if_match, TagOf(*candidate)); !match) {
    return std::move(match).error();
  }
  return *candidate;
}

// {"share", "candidate"?: the fields in which it differs from the policy}.
struct TrialBody {
  double share = 0;
  std::string candidate;  // JSON; empty: the one that is on trial
};

Result<TrialBody> ReadTrialBody(std::string_view body) {
  const Result<json::Document> document = ParseObject(body);
  if (!document) return document.error();
  const json::Value root = document->root();
  Status known = CheckFields(root, {"share", "candidate"});
  if (!known) return std::move(known).error();
  TrialBody read;
  if (const json::Value candidate = root.Find("candidate")) {
    if (!candidate.is_object()) return WrongType("candidate", "an object", candidate);
    read.candidate = candidate.raw();
  }
  const auto share = root.Find("share").AsDouble();
  if (!share || !(*share >= 0 && *share <= 1)) return FieldError("share", "a number from 0 to 1");
  read.share = *share;
  return read;
}

// The candidate that a PUT makes of what is there.
Result<Policy> CandidateOf(const TrialCall& asked, const TrialBody& body, const Snapshot& snapshot,
                           WallTime now) {
  const Policy* policy = snapshot.FindPolicy(asked.policy);
  if (policy == nullptr) return NoSuchEntity<Policy>(snapshot, asked.policy);
  if (policy->trial) {
    return Error{ErrorCode::kConflict, "`" + policy->name + "` is itself on trial"};
  }
  const Policy* present = snapshot.FindPolicy(CandidateName(policy->name));
  const std::string tag = present == nullptr ? std::string() : TagOf(*present);
  if (Status match = CheckMatch(asked.if_match, tag); !match) return std::move(match).error();
  if (body.candidate.empty() && present == nullptr) {
    return FieldError("candidate", "given: what the other version has different");
  }
  Result<Policy> candidate =
      body.candidate.empty() ? Result<Policy>(*present) : ReadEntity(body.candidate, *policy);
  if (!candidate) return candidate;
  candidate->name = CandidateName(policy->name);
  candidate->origin = Origin::kStore;
  if (Status known = CheckPolicyIn(snapshot, *candidate); !known) return std::move(known).error();
  candidate->trial = PolicyTrial{policy->name, body.share, now};
  // A version that stays goes on being counted from its beginning.
  if (present != nullptr) {
    Policy same = *candidate;
    same.trial = present->trial;
    if (same == *present) candidate->trial->since = present->trial->since;
  }
  return candidate;
}

// `make` gives the change out of what is in force.
Task<Result<ChangeMade>> MakeOrTry(ApiCall& call, ApiContext& context,
                                   std::function<Result<StoreChange>(const Snapshot&)> make) {
  Registry& registry = context.shared().registry;
  Registry::Make change = [make = std::move(make), &registry](Store&, const StoredState&) {
    return make(*registry.Current());
  };
  co_return co_await ChangeOrTry(call, context, std::move(change));
}

using FeedbackList = std::vector<Feedback>;

// With what was decided until now on the disk.
Task<Result<FeedbackList>> ListFeedback(ApiContext& context) {
  std::function<Result<FeedbackList>(Store&)> list = [](Store& store) {
    return store.observations().ListFeedback(SuccessWatch::kFeedback);
  };
  co_return co_await OnStore(context.shared().store, std::move(list),
                             &StoreThread::PostAfterDecisions);
}

Task<Result<std::string>> ReadFigures(ApiContext& context, Policy candidate) {
  const Result<FeedbackList> feedback = co_await ListFeedback(context);
  if (!feedback) co_return feedback.error();
  std::function<Result<std::string>(DecisionQueries&)> ask =
      [candidate = std::move(candidate),
       judgements = JudgementsOf(*feedback)](DecisionQueries& decisions) -> Result<std::string> {
    const Result<TrialFigures> figures = ReadTrial(decisions, candidate, judgements);
    if (!figures) return figures.error();
    return TrialJson(candidate, &*figures);
  };
  co_return co_await OnDecisions(context.shared().store, std::move(ask));
}

Task<void> GetTrial(ApiCall& call, ApiContext& context) {
  const TrialCall asked{.policy = std::string(call.Parameter("name"))};
  const Result<Policy> candidate = FindTrial(asked, *context.shared().registry.Current());
  if (!candidate) co_return co_await SendError(call, candidate.error());
  Result<std::string> json = co_await ReadFigures(context, *candidate);
  if (!json) co_return co_await SendError(call, std::move(json).error());
  call.exchange.SetHeader("etag", TagOf(*candidate));
  co_await SendJson(call, *std::move(json));
}

Task<void> PutTrial(ApiCall& call, ApiContext& context) {
  const TrialCall asked = ReadTrialCall(call);
  Result<TrialBody> body = ReadTrialBody(call.exchange.TakeBody());
  if (!body) co_return co_await SendError(call, std::move(body).error());
  const auto done = std::make_shared<Policy>();
  std::function<Result<StoreChange>(const Snapshot&)> make =
      [done, asked, body = *std::move(body)](const Snapshot& at) -> Result<StoreChange> {
    // As exactly as it is kept: conversations are drawn by it.
    const auto now =
        std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    Result<Policy> candidate = CandidateOf(asked, body, at, now);
    if (!candidate) return std::move(candidate).error();
    *done = *candidate;
    StoreChange change;
    change.put_policies.push_back(*std::move(candidate));
    return change;
  };
  const Result<ChangeMade> made = co_await MakeOrTry(call, context, std::move(make));
  if (!made) co_return co_await SendError(call, made.error());
  call.exchange.SetHeader("etag", TagOf(*done));
  co_await SendJson(call, TrialJson(*done, nullptr));
}

// The policy itself stays as it was all the time.
Task<void> EndTrial(ApiCall& call, ApiContext& context) {
  const TrialCall asked = ReadTrialCall(call);
  std::function<Result<StoreChange>(const Snapshot&)> make =
      [asked](const Snapshot& at) -> Result<StoreChange> {
    const Result<Policy> candidate = FindTrial(asked, at);
    if (!candidate) return candidate.error();
    StoreChange change;
    change.remove_policies.push_back(candidate->name);
    return change;
  };
  const Result<ChangeMade> made = co_await MakeOrTry(call, context, std::move(make));
  if (!made) co_return co_await SendError(call, made.error());
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("name", CandidateName(asked.policy)).Field("removed", true);
  writer.Field("revision", made->revision).EndObject();
  co_await SendJson(call, std::move(out));
}

Task<void> Promote(ApiCall& call, ApiContext& context) {
  Status nothing = ReadNothing(call.exchange.TakeBody());
  if (!nothing) co_return co_await SendError(call, std::move(nothing).error());
  const TrialCall asked = ReadTrialCall(call);
  const auto done = std::make_shared<Policy>();
  std::function<Result<StoreChange>(const Snapshot&)> make =
      [done, asked](const Snapshot& at) -> Result<StoreChange> {
    Result<Policy> candidate = FindTrial(asked, at);
    if (!candidate) return std::move(candidate).error();
    StoreChange change;
    change.remove_policies.push_back(candidate->name);
    *done = *std::move(candidate);
    done->name = asked.policy;
    done->trial.reset();
    change.put_policies.push_back(*done);
    return change;
  };
  const Result<ChangeMade> made = co_await MakeOrTry(call, context, std::move(make));
  if (!made) co_return co_await SendError(call, made.error());
  call.exchange.SetHeader("etag", TagOf(*done));
  co_await SendJson(call, EntityJson(*done));
}

}  // namespace

void AddTrialRoutes(RouteTable& table, ApiContext& context) {
  const std::string path = "/api/v1/policies/{name}/trial";
  table.Add("GET", path, Access::kRead,
            [&context](ApiCall& call) { return GetTrial(call, context); });
  table.Add("PUT", path, Access::kAdmin,
            [&context](ApiCall& call) { return PutTrial(call, context); });
  table.Add("DELETE", path, Access::kAdmin,
            [&context](ApiCall& call) { return EndTrial(call, context); });
  table.Add("POST", path + "/promote", Access::kAdmin,
            [&context](ApiCall& call) { return Promote(call, context); });
}

}  // namespace moerge::api
