// Which variants of its experts are worth a device's memory, as things stand or
// with more or less of it.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/base/json.h"
#include "config/base/text.h"
#include "registry/snapshot.h"
#include "router/mapping/variants.h"
#include "services/api/admin/admin_routes.h"
#include "services/api/error.h"
#include "services/api/field_error.h"
#include "services/calls/model_turns.h"

namespace moerge::api {
namespace {

// What is known of an expert's model where it was loaded.
struct LoadedBefore {
  double memory_gb = 0;  // measured, else declared; 0: not known
  std::int64_t load_ms = 0;
};

std::vector<LoadedBefore> KnownOf(const Snapshot &snapshot,
                                  const std::vector<ModelTurns::DeviceView> &devices) {
  std::vector<LoadedBefore> known;
  for (const ExpertEntry &expert : snapshot.experts) {
    LoadedBefore &one = known.emplace_back();
    one.memory_gb = expert.spec.memory_gb;
    if (expert.backend == nullptr) continue;
    for (const ModelTurns::DeviceView &device : devices) {
      for (const ModelTurns::DeviceView::Model &model : device.models) {
        if (model.backend != expert.backend->name || model.model != expert.spec.model) continue;
        if (model.view.bytes > 0) {
          one.memory_gb = static_cast<double>(model.view.bytes) / kBytesPerGb;
        }
        one.load_ms =
            std::chrono::duration_cast<std::chrono::milliseconds>(model.view.load_time).count();
      }
    }
  }
  return known;
}

class VariantsPage {
 public:
  VariantsPage(const SnapshotPtr &snapshot, const std::vector<ModelTurns::DeviceView> &devices)
      : snapshot_(*snapshot), competence_(snapshot), known_(KnownOf(*snapshot, devices)) {
    for (const LoadedBefore &each : known_) memory_gb_.push_back(each.memory_gb);
  }

  void Write(const Backend &backend, double memory_gb, json::Writer &writer) const {
    const DeviceMemory memory{memory_gb, static_cast<int>(DevicesOf(backend).size())};
    const std::vector<VariantFamily> families = FamiliesOn(competence_, backend.name, memory_gb_);
    const VariantChoice choice = ChooseVariants(families, memory);
    writer.BeginObject().Field("backend", backend.name).Field("memory_gb", memory.each_gb);
    writer.Field("devices", memory.devices).Field("used_gb", choice.memory_gb);
    writer.Field("expected", choice.expected).Field("exact", choice.exact);
    writer.Key("families").BeginArray();
    for (std::size_t i = 0; i < families.size(); ++i) {
      WriteFamily(families[i], choice.kept[i], writer);
    }
    writer.EndArray().Key("unknown").BeginArray();
    for (std::size_t i = 0; i < known_.size(); ++i) {
      const ExpertEntry &expert = snapshot_.experts[i];
      const bool there = expert.backend != nullptr && expert.backend->name == backend.name;
      if (there && expert.spec.enabled && memory_gb_[i] <= 0) writer.String(expert.spec.name);
    }
    writer.EndArray().EndObject();
  }

 private:
  void WriteFamily(const VariantFamily &family, std::optional<std::size_t> kept,
                   json::Writer &writer) const {
    writer.BeginObject().Field("name", family.name).Field("share", family.share);
    writer.Key("variants").BeginArray();
    for (std::size_t i = 0; i < family.variants.size(); ++i) {
      const ExpertVariant &variant = family.variants[i];
      writer.BeginObject().Field("expert", snapshot_.experts[variant.expert].spec.name);
      writer.Field("memory_gb", variant.memory_gb).Field("expected", variant.expected);
      writer.Field("load_ms", known_[variant.expert].load_ms);
      writer.Field("keep", kept == i).EndObject();
    }
    writer.EndArray().EndObject();
  }

  const Snapshot &snapshot_;
  const Competence competence_;
  const std::vector<LoadedBefore> known_;
  std::vector<double> memory_gb_;
};

// What the client wants to know the choice for; nothing: what each backend has.
Result<std::optional<double>> MemoryOf(const ApiCall &call) {
  const std::string text = call.exchange.request().Query("memory_gb");
  if (text.empty()) return std::optional<double>();
  const std::optional<double> memory = ParseDouble(text);
  if (!memory || *memory < 0 || *memory > 1e6) return FieldError("memory_gb", "0 to 1000000");
  return memory;
}

Task<void> ShowVariants(ApiCall &call, ApiContext &context) {
  const Result<std::optional<double>> asked = MemoryOf(call);
  if (!asked) co_return co_await SendError(call, asked.error());
  const SnapshotPtr &snapshot = call.router->snapshot();
  const VariantsPage page(snapshot, context.shared().turns.Devices());
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("object", "list").Key("data").BeginArray();
  for (const Backend &backend : snapshot->backends) {
    const double memory = asked->value_or(backend.residency.memory_gb);
    if (ModelTurns::Manages(backend) && (*asked || memory > 0)) {
      page.Write(backend, memory, writer);
    }
  }
  writer.EndArray().Field("has_more", false).EndObject();
  co_await SendJson(call, std::move(out));
}

}  // namespace

void AddVariantRoutes(RouteTable &table, ApiContext &context) {
  table.Add("GET", "/api/v1/residency/variants", Access::kRead,
            [&context](ApiCall &call) { return ShowVariants(call, context); });
}

}  // namespace moerge::api
