// Experts and tasks from samples.
#include "services/onboarding.h"

#include <cmath>
#include <utility>

#include "config/base/json.h"
#include "registry/provisional.h"
#include "services/api/admin/admin_routes.h"
#include "services/api/admin/dry_change.h"
#include "services/api/admin/entity_body.h"
#include "services/api/admin/entity_edit.h"
#include "services/api/admin/entity_kinds.h"
#include "services/api/error.h"
#include "services/api/store_call.h"

namespace moerge::api {
namespace {

// A body of POST /api/v1/experts: the expert and its samples.
struct NewExpert {
  Expert expert;
  std::vector<ExpertSample> samples;
  bool declares = false;  // the body says `skills`
};

Result<NewExpert> ReadNewExpert(std::string_view body, const Snapshot& snapshot) {
  const Result<json::Document> document = json::Document::Parse(body);
  if (!document) return document.error();
  NewExpert out;
  if (!document->root().is_object()) return ReadEntity(body, Expert()).error();
  for (const json::Value member : document->root().children()) {
    if (member.key() == "samples") {
      auto samples = ReadSamples(member, snapshot);
      if (!samples) return std::move(samples).error();
      out.samples = *std::move(samples);
      continue;
    }
    out.declares |= member.key() == "skills";
    if (Status applied = ApplyMember(member, &out.expert); !applied) {
      return std::move(applied).error();
    }
  }
  out.expert.origin = Origin::kStore;
  if (Status sound = Validate(out.expert); !sound) return std::move(sound).error();
  return out;
}

Task<void> AddExpert(ApiCall& call, ApiContext& context) {
  const ApiShared& shared = context.shared();
  const std::string body = call.exchange.TakeBody();
  const SnapshotPtr before = shared.registry.Current();
  Result<NewExpert> read = ReadNewExpert(body, *before);
  if (!read) co_return co_await SendError(call, std::move(read).error());
  const std::string name = read->expert.name;
  if (before->FindExpert(name) != nullptr) {
    Error exists{
        .code = ErrorCode::kConflict,
        .message = "there is already a expert `" + name +
                   "`; PUT replaces it, PATCH changes it, POST .../samples teaches about it",
        .param = "name"};
    co_return co_await SendError(call, std::move(exists));
  }
  if (Status match = CheckMatch(call.exchange.request().Find("if-match"), {}); !match) {
    co_return co_await SendError(call, std::move(match).error());
  }
  const auto fresh = std::make_shared<NewExpert>(*std::move(read));
  Registry::Make make = [fresh, router = shared.router()](
                            Store& store, const StoredState&) -> Result<StoreChange> {
    if (!fresh->declares) {
      fresh->expert.skills = ClaimsOfText(*router, fresh->expert.description);
    }
    Result<StoreChange> change = StoreChange();
    if (!fresh->samples.empty()) {
      change = OnboardSamples(store, *router, fresh->expert.name, fresh->samples,
                              std::chrono::system_clock::now());
    }
    if (change) change->put_experts = {fresh->expert};
    return change;
  };
  Result<ChangeMade> made = co_await ChangeOrTry(call, context, std::move(make));
  if (!made) co_return co_await SendError(call, std::move(made).error());
  const SnapshotPtr after = shared.registry.Current();
  const ExpertEntry* saved = after->FindExpert(name);
  std::string reply = Shown(shared, *after, saved == nullptr ? fresh->expert : saved->spec);
  const int status = made->dry ? 200 : 201;
  co_await SendJson(call, std::move(reply), status);
}

std::string SamplesJson(const ExpertEntry& expert, std::size_t samples, std::uint64_t revision) {
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("expert", expert.spec.name).Field("samples", samples);
  writer.Field("trials", MeasuredTrials(expert)).Field("provisional", IsProvisional(expert));
  writer.Field("revision", revision).EndObject();
  return out;
}

Task<void> AddSamples(ApiCall& call, ApiContext& context) {
  const ApiShared& shared = context.shared();
  const std::string name(call.Parameter("name"));
  const SnapshotPtr before = shared.registry.Current();
  const ExpertEntry* expert = before->FindExpert(name);
  if (expert == nullptr) {
    Error missing{ErrorCode::kNotFound, "there is no expert `" + name + "`"};
    co_return co_await SendError(call, std::move(missing));
  }
  Status match = CheckMatch(call.exchange.request().Find("if-match"), TagOf(expert->spec));
  if (!match) co_return co_await SendError(call, std::move(match).error());
  const std::string body = call.exchange.TakeBody();
  const Result<json::Document> document = json::Document::Parse(body);
  if (!document) co_return co_await SendError(call, document.error());
  auto samples = ReadSamples(document->root().Find("samples"), *before);
  if (!samples) co_return co_await SendError(call, std::move(samples).error());
  const std::size_t count = samples->size();
  Registry::Make make = [name, samples = *std::move(samples), router = shared.router()](
                            Store& store, const StoredState&) {
    return OnboardSamples(store, *router, name, samples, std::chrono::system_clock::now());
  };
  Result<ChangeMade> made = co_await ChangeOrTry(call, context, std::move(make));
  if (!made) co_return co_await SendError(call, std::move(made).error());
  const SnapshotPtr after = shared.registry.Current();
  const ExpertEntry* taught = after->FindExpert(name);
  std::string reply = taught == nullptr ? "{}" : SamplesJson(*taught, count, made->revision);
  co_await SendJson(call, std::move(reply));
}

void WriteChosen(const TaskSet& set, json::Writer& writer) {
  writer.Key("experts").BeginArray();
  for (const ChosenExpert& one : set.set.chosen) {
    const KShotRecord& record = set.records[one.record];
    writer.BeginObject().Field("expert", record.expert).Key("abidance").Fixed(one.abidance, 4);
    writer.Field("solved", one.solved).Field("trials", one.trials).Key("prior");
    std::isnan(record.prior) ? writer.Null() : writer.Fixed(record.prior, 4);
    writer.Key("overlap").Fixed(one.overlap, 4).Field("reason", one.reason).EndObject();
  }
  writer.EndArray().Key("rejected").BeginArray();
  for (const RejectedExpert& one : set.set.rejected) {
    writer.BeginObject().Field("expert", set.records[one.record].expert);
    writer.Field("reason", one.reason).EndObject();
  }
  writer.EndArray();
}

std::string TaskJson(const TaskBody& task, const TaskSet& set, const std::uint64_t* revision) {
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("object", "moerge.task").Field("name", task.name);
  writer.Field("samples", task.samples.size());
  WriteChosen(set, writer);
  writer.Key("revision");
  revision == nullptr ? writer.Null() : writer.Int(static_cast<std::int64_t>(*revision));
  writer.EndObject();
  return out;
}

// A task is the skill of its name. Empty: there is none.
std::string TagOfTask(const Snapshot& snapshot, std::string_view name) {
  const SkillEntry* skill = snapshot.FindSkill(name);
  return skill == nullptr ? std::string() : TagOf(skill->spec);
}

// The set comes from what was recorded; no expert is asked.
Task<void> AddTask(ApiCall& call, ApiContext& context) {
  const ApiShared& shared = context.shared();
  Result<TaskBody> read = ReadTask(call.exchange.TakeBody());
  if (!read) co_return co_await SendError(call, std::move(read).error());
  const Result<bool> dry_run = WantsDryRun(call.exchange.request());
  if (!dry_run) co_return co_await SendError(call, dry_run.error());
  read->dry_run |= *dry_run;
  const auto task = std::make_shared<const TaskBody>(*std::move(read));
  const auto set = std::make_shared<TaskSet>();
  Registry& registry = shared.registry;
  Registry::Make make = [task, set, router = shared.router(), &registry,
                         if_match = std::string(call.exchange.request().Find("if-match"))](
                            Store&, const StoredState&) -> Result<StoreChange> {
    Status same = CheckMatch(if_match, TagOfTask(*registry.Current(), task->name));
    if (!same) return std::move(same).error();
    *set = ChooseForTask(*router, *task);
    if (task->dry_run) return Error{ErrorCode::kCancelled, "a dry run"};
    return TaskChange(*router->snapshot(), *task, std::chrono::system_clock::now());
  };
  Result<std::uint64_t> revision =
      co_await ChangeRegistry(shared.registry, AuthorOf(call), std::move(make));
  const bool kept = static_cast<bool>(revision);
  const bool dry = task->dry_run && !kept && revision.error().code == ErrorCode::kCancelled;
  if (!kept && !dry) co_return co_await SendError(call, std::move(revision).error());
  if (dry) call.exchange.SetHeader("x-moerge-dry-run", "true");
  const std::string tag = TagOfTask(*registry.Current(), task->name);
  if (!tag.empty()) call.exchange.SetHeader("etag", tag);
  const std::uint64_t* number = kept ? &*revision : nullptr;
  std::string reply = TaskJson(*task, *set, number);
  const int status = kept ? 201 : 200;
  co_await SendJson(call, std::move(reply), status);
}

}  // namespace

void AddOnboardingRoutes(RouteTable& table, ApiContext& context) {
  table.Add("POST", "/api/v1/experts", Access::kAdmin,
            [&context](ApiCall& call) { return AddExpert(call, context); });
  table.Add("POST", "/api/v1/experts/{name...}/samples", Access::kAdmin,
            [&context](ApiCall& call) { return AddSamples(call, context); });
  table.Add("POST", "/api/v1/tasks", Access::kAdmin,
            [&context](ApiCall& call) { return AddTask(call, context); });
}

}  // namespace moerge::api
