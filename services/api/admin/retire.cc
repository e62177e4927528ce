// POST /api/v1/experts/NAME/retire-skill: keeps an expert from the requests that need a skill above
// all, and leaves every other request as it was. ?dry_run=true says on recorded traffic which
// requests would go where.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "registry/change_check.h"
#include "services/api/admin/admin_routes.h"
#include "services/api/admin/entity_edit.h"
#include "services/api/admin/examine.h"
#include "services/api/error.h"
#include "services/api/field_error.h"
#include "services/api/store_call.h"

namespace moerge::api {
namespace {

struct Retirement {
  std::string expert;
  std::string skill;
  std::string if_match;
  bool dry = false;
  Traffic traffic;
};

Result<Retirement> ReadRetirement(const ApiCall& call, std::string_view body) {
  const Result<bool> dry = WantsDryRun(call.exchange.request());
  if (!dry) return dry.error();
  Retirement read;
  read.expert = call.Parameter("name");
  read.if_match = call.exchange.request().Find("if-match");
  read.dry = *dry;
  const Result<json::Document> document = ParseObject(body);
  if (!document) return document.error();
  const json::Value root = document->root();
  Status known = CheckFields(root, {"skill", "traffic"});
  if (!known) return std::move(known).error();
  const auto skill = root.Find("skill").AsString();
  if (!skill || skill->empty()) return FieldError("skill", "the name of a skill");
  read.skill = *skill;
  Result<Traffic> traffic = ReadTraffic(root.Find("traffic"));
  if (!traffic) return std::move(traffic).error();
  read.traffic = *std::move(traffic);
  return read;
}

// The expert as it would be.
Result<Expert> RetiredIn(const Retirement& asked, const Snapshot& snapshot) {
  const ExpertEntry* entry = snapshot.FindExpert(asked.expert);
  if (entry == nullptr) return NoSuchEntity<Expert>(snapshot, asked.expert);
  if (Status match = CheckMatch(asked.if_match, TagOf(entry->spec)); !match) {
    return std::move(match).error();
  }
  if (snapshot.FindSkill(asked.skill) == nullptr) {
    Error none = NoSuchEntity<Skill>(snapshot, asked.skill);
    none.code = ErrorCode::kInvalid;
    none.param = "skill";
    return none;
  }
  Expert expert = entry->spec;
  auto& retired = expert.retired_skills;
  if (std::ranges::find(retired, asked.skill) != retired.end()) {
    return Error{.code = ErrorCode::kConflict,
                 .message = "`" + asked.skill + "` is retired from `" + asked.expert +
                            "` already; PATCH its `retired_skills` to give it back",
                 .param = "skill"};
  }
  retired.push_back(asked.skill);
  return expert;
}

// The snapshot with that expert in place of the one of its name.
SnapshotPtr WithExpert(const Snapshot& snapshot, const Expert& expert) {
  auto changed = std::make_shared<Snapshot>(snapshot);
  const auto at = std::ranges::find(changed->experts, expert.name,
                                    [](const ExpertEntry& entry) { return entry.spec.name; });
  at->spec = expert;
  at->retired = InternSkills(expert.retired_skills);
  changed->Seal();
  return changed;
}

StoreChange ChangeTo(Expert expert) {
  StoreChange change;
  expert.origin = Origin::kStore;
  change.put_experts.push_back(std::move(expert));
  return change;
}

void BeginReply(const Retirement& asked, std::uint64_t revision, json::Writer& writer) {
  writer.BeginObject().Field("object", "moerge.retirement").Field("expert", asked.expert);
  writer.Field("skill", asked.skill).Field("applied", !asked.dry).Field("revision", revision);
}

Task<void> Preview(ApiCall& call, ApiContext& context, const Retirement& asked) {
  const RouterPtr router = call.router;
  const SnapshotPtr snapshot = router->snapshot();
  const Result<Expert> expert = RetiredIn(asked, *snapshot);
  if (!expert) co_return co_await SendError(call, expert.error());
  const Status may = CheckChange(ChangeTo(*expert), *snapshot, call.config->file);
  std::function<RouterPtr()> make = [router, snapshot, expert = *expert] {
    return router->Over(WithExpert(*snapshot, expert));
  };
  const RouterPtr changed = co_await context.shared().pool.Run(std::move(make));
  const ApiShared& shared = context.shared();
  ChooseWays choose = [&shared, router, snapshot, changed](const KeptRequest& request, Way* before,
                                                           Way* after) {
    const Policy* policy = snapshot->FindPolicy(request.policy());
    if (policy == nullptr) return false;
    const std::shared_ptr<const Policy> shown(snapshot, policy);
    *before = WayOf(shared, router, shown);
    *after = WayOf(shared, changed, shown);
    return true;
  };
  const auto examined = co_await Examine(call, context, asked.traffic, std::move(choose));
  if (!examined) co_return co_await SendError(call, examined.error());
  std::string out;
  json::Writer writer(&out);
  BeginReply(asked, snapshot->revision, writer);
  writer.TextOrNull("refused", may ? std::string_view() : may.error().message);
  writer.Key("impact").BeginObject();
  WriteImpact((*examined)->impact, (*examined)->reach, writer);
  writer.EndObject().EndObject();
  call.exchange.SetHeader("x-moerge-dry-run", "true");
  call.exchange.SetHeader("etag", TagOf(snapshot->FindExpert(asked.expert)->spec));
  co_await SendJson(call, std::move(out));
}

Task<void> Retire(ApiCall& call, ApiContext& context, const Retirement& asked) {
  Registry& registry = context.shared().registry;
  const auto done = std::make_shared<Expert>();
  Registry::Make make = [done, asked, &registry](Store&,
                                                 const StoredState&) -> Result<StoreChange> {
    Result<Expert> expert = RetiredIn(asked, *registry.Current());
    if (!expert) return std::move(expert).error();
    StoreChange change = ChangeTo(*std::move(expert));
    *done = change.put_experts.front();
    return change;
  };
  const Result<std::uint64_t> revision =
      co_await ChangeRegistry(registry, AuthorOf(call), std::move(make));
  if (!revision) co_return co_await SendError(call, revision.error());
  std::string out;
  json::Writer writer(&out);
  BeginReply(asked, *revision, writer);
  writer.Key("refused").Null().Key("impact").Null().EndObject();
  call.exchange.SetHeader("etag", TagOf(*done));
  co_await SendJson(call, std::move(out));
}

Task<void> HandleRetirement(ApiCall& call, ApiContext& context) {
  const std::string body = call.exchange.TakeBody();
  const Result<Retirement> asked = ReadRetirement(call, body);
  if (!asked) co_return co_await SendError(call, asked.error());
  if (asked->dry) co_return co_await Preview(call, context, *asked);
  co_await Retire(call, context, *asked);
}

}  // namespace

void AddRetireRoutes(RouteTable& table, ApiContext& context) {
  table.Add("POST", "/api/v1/experts/{name...}/retire-skill", Access::kAdmin,
            [&context](ApiCall& call) { return HandleRetirement(call, context); });
}

}  // namespace moerge::api
