// The mapping of a policy: which expert each skill goes to, and what other budgets would buy.
#include "router/mapping/mappings.h"

#include "config/base/json.h"
#include "registry/registry.h"
#include "router/router.h"
#include "services/api/admin/admin_routes.h"
#include "services/api/error.h"

namespace moerge::api {
namespace {

// Of a long curve, the corners and an even sample are listed.
constexpr std::size_t kToldPoints = 200;

void WriteCurve(const BudgetCurve& curve, json::Writer& writer) {
  const std::vector<BudgetPoint>& points = curve.points();
  const std::size_t step = 1 + points.size() / kToldPoints;
  writer.Field("exact", curve.exact()).Key("curve").BeginArray();
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (i % step != 0 && !points[i].hull) continue;
    writer.BeginObject().Field("cost", points[i].cost).Field("expected", points[i].value);
    writer.Field("hull", points[i].hull).EndObject();
  }
  writer.EndArray();
}

void WriteRow(const Mapping::Row& row, const Snapshot& snapshot, json::Writer& writer) {
  writer.BeginObject().Field("skill", NameOf(row.skill)).Field("frequency", row.frequency);
  writer.Key("expert");
  row.expert ? writer.String(snapshot.experts[*row.expert].spec.name) : writer.Null();
  writer.Field("expected", row.expected).Field("cost", row.cost).EndObject();
}

std::string MappingJson(const Mapping& mapping, const Policy& policy, const Snapshot& snapshot) {
  std::string out;
  json::Writer writer(&out);
  const CostMeasure measure = mapping.options().measure;
  writer.BeginObject().Field("object", "moerge.mapping").Field("policy", policy.name);
  writer.Field("revision", snapshot.revision).Field("measure", CostMeasureName(measure));
  writer.Field("unit", UnitOf(measure));
  writer.Field("budget", mapping.options().budget).Field("cost", mapping.point().cost);
  writer.Field("expected", mapping.point().value).Key("skills").BeginArray();
  for (const Mapping::Row& row : mapping.rows()) WriteRow(row, snapshot, writer);
  writer.EndArray();
  writer.Key("unknown").BeginArray();
  for (const std::uint32_t expert : mapping.unknown()) {
    writer.String(snapshot.experts[expert].spec.name);
  }
  writer.EndArray();
  WriteCurve(mapping.curve(), writer);
  writer.EndObject();
  return out;
}

Result<std::string> Describe(const Router& router, std::string_view name) {
  const Snapshot& snapshot = *router.snapshot();
  const Policy* policy = snapshot.FindPolicy(name);
  if (policy == nullptr) {
    return Error{.code = ErrorCode::kNotFound,
                 .message = "there is no policy `" + std::string(name) + "`",
                 .param = "name"};
  }
  const MappingPtr mapping = policy->recruiter == "mapping" ? router.MappingFor(*policy) : nullptr;
  if (mapping == nullptr) {
    return Error{.code = ErrorCode::kConflict,
                 .message = "policy `" + policy->name + "` does not use the recruiter `mapping`",
                 .param = "name"};
  }
  if (!mapping->ok()) return mapping->error();
  return MappingJson(**mapping, *policy, snapshot);
}

Task<void> GetMapping(ApiCall& call, ApiContext& context) {
  const RouterPtr router = context.shared().router();
  Result<std::string> mapping = Describe(*router, call.Parameter("name"));
  if (!mapping) co_return co_await SendError(call, std::move(mapping).error());
  co_await SendJson(call, *std::move(mapping));
}

}  // namespace

void AddMappingRoutes(RouteTable& table, ApiContext& context) {
  table.Add("GET", "/api/v1/policies/{name}/mapping", Access::kRead,
            [&context](ApiCall& call) { return GetMapping(call, context); });
}

}  // namespace moerge::api
