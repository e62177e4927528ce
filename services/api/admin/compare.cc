// POST /api/v1/policies/compare: what would have changed on recorded traffic if another policy had
// decided. Policies that are not in force, drafts, may be compared too.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "services/api/admin/admin_routes.h"
#include "services/api/admin/entity_edit.h"
#include "services/api/admin/examine.h"
#include "services/api/error.h"
#include "services/api/field_error.h"

namespace moerge::api {
namespace {

using PolicyPtr = std::shared_ptr<const Policy>;

// Of a policy in force, or of a draft: the fields in which that differs from the policy of its
// name, or from a new one's.
Result<PolicyPtr> ReadOne(json::Value value, const std::string& param, const Snapshot& snapshot) {
  if (value.is_string()) {
    const Policy* policy = snapshot.FindPolicy(*value.AsString());
    if (policy == nullptr) return NoSuchEntity<Policy>(snapshot, *value.AsString());
    return std::make_shared<const Policy>(*policy);
  }
  if (!value.is_object()) return WrongType(param, "a policy's name or an object", value);
  Policy draft;
  draft.name = "draft";
  if (const auto name = value.Find("name").AsString()) {
    const Policy* known = snapshot.FindPolicy(*name);
    if (known != nullptr) draft = *known;
  }
  Result<Policy> policy = ReadEntity(value.raw(), std::move(draft));
  if (!policy) return std::move(policy).error();
  policy->trial.reset();
  if (policy->name.ends_with(CandidateName({}))) policy->name = "draft";
  if (Status sound = Validate(*policy); !sound) return std::move(sound).error();
  if (Status known = CheckPolicyIn(snapshot, *policy); !known) return std::move(known).error();
  return std::make_shared<const Policy>(*std::move(policy));
}

struct Comparison {
  PolicyPtr first;
  PolicyPtr second;
  Traffic traffic;
};

Result<Comparison> ReadComparison(std::string_view body, const Snapshot& snapshot) {
  const Result<json::Document> document = ParseObject(body);
  if (!document) return document.error();
  const json::Value root = document->root();
  Status known = CheckFields(root, {"policies", "traffic"});
  if (!known) return std::move(known).error();
  const json::Value policies = root.Find("policies");
  if (!policies.is_array() || policies.size() != 2) {
    return FieldError("policies", "two policies, each a name or an object");
  }
  std::vector<PolicyPtr> both;
  for (const json::Value each : policies.children()) {
    const std::string param = "policies[" + std::to_string(both.size()) + "]";
    Result<PolicyPtr> policy = ReadOne(each, param, snapshot);
    if (!policy) return std::move(policy).error();
    both.push_back(*std::move(policy));
  }
  Result<Traffic> traffic = ReadTraffic(root.Find("traffic"));
  if (!traffic) return std::move(traffic).error();
  return Comparison{both[0], both[1], *std::move(traffic)};
}

std::string ComparisonJson(const Comparison& asked, std::uint64_t revision,
                           const Examined& examined) {
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("object", "moerge.comparison").Field("revision", revision);
  writer.Key("policies").BeginArray().String(asked.first->name).String(asked.second->name);
  writer.EndArray();
  WriteImpact(examined.impact, examined.reach, writer);
  writer.EndObject();
  return out;
}

Task<void> ComparePolicies(ApiCall& call, ApiContext& context) {
  const RouterPtr router = call.router;
  const Snapshot& snapshot = *router->snapshot();
  const std::string body = call.exchange.TakeBody();
  const Result<Comparison> asked = ReadComparison(body, snapshot);
  if (!asked) co_return co_await SendError(call, asked.error());
  const Way first = WayOf(context.shared(), router, asked->first);
  const Way second = WayOf(context.shared(), router, asked->second);
  ChooseWays choose = [first, second](const KeptRequest&, Way* before, Way* after) {
    *before = first;
    *after = second;
    return true;
  };
  const auto examined = co_await Examine(call, context, asked->traffic, std::move(choose));
  if (!examined) co_return co_await SendError(call, examined.error());
  std::string json = ComparisonJson(*asked, snapshot.revision, **examined);
  co_await SendJson(call, std::move(json));
}

}  // namespace

void AddCompareRoutes(RouteTable& table, ApiContext& context) {
  table.Add("POST", "/api/v1/policies/compare", Access::kRead,
            [&context](ApiCall& call) { return ComparePolicies(call, context); });
}

}  // namespace moerge::api
