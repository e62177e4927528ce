// Which models are loaded where backends have room for few of them, what waits for them, and why
// the last one was loaded in another's place.
#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/base/json.h"
#include "config/base/text.h"
#include "registry/snapshot.h"
#include "services/api/admin/admin_routes.h"
#include "services/api/error.h"
#include "services/calls/model_turns.h"

namespace moerge::api {
namespace {

using Plan = ResidencyPlan;

std::string_view StateName(Plan::State state) {
  switch (state) {
    case Plan::State::kOut: return "out";
    case Plan::State::kLoading: return "loading";
    case Plan::State::kLoaded: return "loaded";
    case Plan::State::kDraining: return "draining";
    case Plan::State::kFailed: return "failed";
  }
  return "out";
}

std::string_view CauseName(Plan::Cause cause) {
  switch (cause) {
    case Plan::Cause::kRoom: return "room";
    case Plan::Cause::kIdle: return "idle";
    case Plan::Cause::kWaitLimit: return "wait_limit";
    case Plan::Cause::kPays: return "pays";
    case Plan::Cause::kPrefetch: return "prefetch";
  }
  return "room";
}

std::string_view TierName(Plan::Tier tier) {
  switch (tier) {
    case Plan::Tier::kDisk: return "disk";
    case Plan::Tier::kHost: return "host";
    case Plan::Tier::kDevice: return "device";
  }
  return "disk";
}

std::int64_t MillisecondsOf(Plan::Duration time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
}

using DeviceModel = ModelTurns::DeviceView::Model;

const DeviceModel* FindModel(const ModelTurns::DeviceView* device, const ExpertEntry& expert) {
  if (device == nullptr) return nullptr;
  const auto found = std::ranges::find_if(device->models, [&](const DeviceModel& each) {
    return each.backend == expert.backend->name && each.model == expert.spec.model;
  });
  return found == device->models.end() ? nullptr : &*found;
}

// Of an expert whose model no call has asked for yet: out.
void WriteModel(const ExpertEntry& expert, const DeviceModel& of, Plan::Time now,
                json::Writer& writer) {
  const Plan::ModelView& model = of.view;
  writer.BeginObject().Field("expert", expert.spec.name).Field("model", expert.spec.model);
  writer.Field("state", StateName(model.state)).Field("tier", TierName(model.tier));
  const bool used = model.last_used != Plan::Time{};
  writer.Key("for_ms");
  if (model.since == Plan::Time{}) {
    writer.Null();
  } else {
    writer.Int(MillisecondsOf(now - model.since));
  }
  writer.Key("idle_ms");
  if (!used || model.running > 0) {
    writer.Null();
  } else {
    writer.Int(MillisecondsOf(now - model.last_used));
  }
  writer.Field("running", model.running).Field("waiting", model.waiting);
  const double measured = static_cast<double>(model.bytes) / kBytesPerGb;
  writer.Field("memory_gb", model.bytes > 0 ? measured : expert.spec.memory_gb);
  writer.Field("loads", model.loads).Field("failed_loads", model.failed_loads);
  writer.Field("server_deaths", model.deaths).Key("error");
  of.error.empty() ? writer.Null() : writer.String(of.error);
  writer.Field("load_ms", MillisecondsOf(model.load_time));
  writer.Field("wake_ms", MillisecondsOf(model.wake_time)).EndObject();
}

void WriteSwap(const Plan::Swap& swap, Plan::Time now, json::Writer& writer) {
  writer.Key("last_load");
  if (swap.loaded.empty()) {
    writer.Null();
    return;
  }
  writer.BeginObject().Field("model", swap.loaded).Key("evicted").BeginArray();
  for (const std::string& model : swap.evicted) writer.String(model);
  writer.EndArray().Field("cause", CauseName(swap.cause)).Field("from", TierName(swap.from));
  writer.Field("waiting", swap.waiting);
  writer.Field("oldest_wait_ms", MillisecondsOf(swap.oldest));
  writer.Field("ago_ms", MillisecondsOf(now - swap.when)).EndObject();
}

void WriteDevice(const Backend& backend, const std::string& name, const Snapshot& snapshot,
                 const ModelTurns::DeviceView* device, json::Writer& writer) {
  const Plan::Time now = Plan::Clock::now();
  writer.BeginObject().Field("backend", backend.name);
  writer.Field("kind", ResidencyKindName(backend.residency.kind));
  writer.Field("device", name);
  writer.Field("slots", backend.residency.slots);
  writer.Field("memory_gb", backend.residency.memory_gb);
  writer.Field("host_memory_gb", backend.residency.host_memory_gb);
  const std::int64_t asleep = device == nullptr ? 0 : device->host_bytes;
  writer.Field("host_used_gb", static_cast<double>(asleep) / kBytesPerGb);
  writer.Field("max_wait_ms", static_cast<std::int64_t>(backend.residency.max_wait.count()));
  writer.Field("swaps", device == nullptr ? 0 : device->swaps);
  WriteSwap(device == nullptr ? Plan::Swap() : device->last_swap, now, writer);
  writer.Key("models").BeginArray();
  for (const ExpertEntry& expert : snapshot.experts) {
    if (expert.backend == nullptr || expert.backend->name != backend.name) continue;
    if (!ModelTurns::Manages(expert)) continue;
    const DeviceModel* model = FindModel(device, expert);
    WriteModel(expert, model == nullptr ? DeviceModel() : *model, now, writer);
  }
  writer.EndArray().EndObject();
}

Task<void> ShowResidency(ApiCall& call, ApiContext& context) {
  const std::vector<ModelTurns::DeviceView> devices = context.shared().turns.Devices();
  const SnapshotPtr& snapshot = call.router->snapshot();
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("object", "list").Key("data").BeginArray();
  for (const Backend& backend : snapshot->backends) {
    if (!ModelTurns::Manages(backend)) continue;
    for (const std::string& name : DevicesOf(backend)) {
      const auto device = std::ranges::find(devices, name, &ModelTurns::DeviceView::device);
      WriteDevice(backend, name, *snapshot, device == devices.end() ? nullptr : &*device, writer);
    }
  }
  writer.EndArray().Field("has_more", false).EndObject();
  co_await SendJson(call, std::move(out));
}

std::string SystemTime(Plan::Time time) {
  const auto ago = std::chrono::duration_cast<std::chrono::milliseconds>(Plan::Clock::now() - time);
  return FormatTime(std::chrono::system_clock::now() - ago);
}

// Empty: none has the model any more.
std::string_view ExpertOf(const Snapshot& snapshot, std::string_view backend,
                          std::string_view model) {
  for (const ExpertEntry& expert : snapshot.experts) {
    if (expert.backend == nullptr || expert.backend->name != backend) continue;
    if (expert.spec.model == model) return expert.spec.name;
  }
  return {};
}

void WriteLoad(const Plan::Swap& load, json::Writer& writer) {
  writer.BeginObject().Field("cause", CauseName(load.cause)).Field("from", TierName(load.from));
  writer.Field("waiting", load.waiting)
      .Field("oldest_wait_ms", MillisecondsOf(load.oldest))
      .Key("evicted")
      .BeginArray();
  for (const std::string& model : load.evicted) writer.String(model);
  writer.EndArray().EndObject();
}

void WriteSpell(const ModelTurns::PastSpell& past, const Snapshot& snapshot, json::Writer& writer) {
  const Plan::Spell& spell = past.spell;
  const std::string_view expert = ExpertOf(snapshot, past.backend, spell.model);
  writer.BeginObject().Field("device", past.device).Field("backend", past.backend);
  writer.Key("expert");
  expert.empty() ? writer.Null() : writer.String(expert);
  writer.Field("model", spell.model).Field("state", StateName(spell.state));
  writer.Field("begun", SystemTime(spell.begun)).Key("ended");
  spell.ended == Plan::Time{} ? writer.Null() : writer.String(SystemTime(spell.ended));
  writer.Key("load");
  if (spell.state == Plan::State::kLoading) {
    WriteLoad(spell.load, writer);
  } else {
    writer.Null();
  }
  writer.EndObject();
}

Task<void> ShowHistory(ApiCall& call, ApiContext& context) {
  std::vector<ModelTurns::PastSpell> history = context.shared().turns.History();
  std::ranges::stable_sort(history, std::ranges::greater(),
                           [](const ModelTurns::PastSpell& past) { return past.spell.begun; });
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("object", "list").Key("data").BeginArray();
  for (const ModelTurns::PastSpell& past : history) {
    WriteSpell(past, *call.router->snapshot(), writer);
  }
  writer.EndArray().Field("has_more", false).EndObject();
  co_await SendJson(call, std::move(out));
}

// What the server of an expert's model wrote, where moerge runs it.
Task<void> ShowServerLog(ApiCall& call, ApiContext& context) {
  const SnapshotPtr& snapshot = call.router->snapshot();
  const std::string_view name = call.Parameter("expert");
  const auto expert = std::ranges::find_if(
      snapshot->experts, [&](const ExpertEntry& each) { return each.spec.name == name; });
  if (expert == snapshot->experts.end() || expert->backend == nullptr) {
    const Error unknown{ErrorCode::kNotFound,
                        "there is no expert `" + std::string(name) + "` behind a backend"};
    co_await SendError(call, unknown);
    co_return;
  }
  const ModelTurns& turns = context.shared().turns;
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("expert", name).Field("model", expert->spec.model);
  writer.Key("lines").BeginArray();
  for (const std::string& line : turns.Log(*expert->backend, expert->spec.model)) {
    writer.String(line);
  }
  writer.EndArray().EndObject();
  co_await SendJson(call, std::move(out));
}

}  // namespace

void AddResidencyRoutes(RouteTable& table, ApiContext& context) {
  table.Add("GET", "/api/v1/residency", Access::kRead,
            [&context](ApiCall& call) { return ShowResidency(call, context); });
  table.Add("GET", "/api/v1/residency/history", Access::kRead,
            [&context](ApiCall& call) { return ShowHistory(call, context); });
  table.Add("GET", "/api/v1/residency/log/{expert...}", Access::kRead,
            [&context](ApiCall& call) { return ShowServerLog(call, context); });
}

}  // namespace moerge::api
