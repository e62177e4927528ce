// GET /api/v1/confusion: which skills the router takes for which.
#include <string>
#include <utility>

#include "config/base/json.h"
#include "services/api/admin/admin_routes.h"
#include "services/api/error.h"

namespace moerge::api {
namespace {

std::string CategoryOf(const Snapshot& snapshot, const std::string& skill) {
  const SkillEntry* entry = snapshot.FindSkill(skill);
  const bool named = entry != nullptr && !entry->spec.category.empty();
  return named ? entry->spec.category : skill;
}

std::string ConfusionJson(const Confusion& confusion, const Snapshot& snapshot) {
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("object", "moerge.confusion").Field("classifier", "lexical");
  writer.Key("skills").BeginArray();
  for (const std::string& skill : confusion.skills) {
    writer.BeginObject().Field("name", skill);
    writer.Field("category", CategoryOf(snapshot, skill)).EndObject();
  }
  writer.EndArray().Key("data").BeginArray();
  for (const ConfusionCount& cell : confusion.counts) {
    writer.BeginObject().Field("skill", confusion.skills[cell.truth]);
    writer.Field("recognised", confusion.skills[cell.recognised]);
    writer.Field("questions", cell.questions).Field("examples", cell.examples).EndObject();
  }
  writer.EndArray().EndObject();
  return out;
}

Task<void> GetConfusion(ApiCall& call, ApiContext& context) {
  const RouterPtr router = context.shared().router();
  std::string json = ConfusionJson(router->WhatIsTakenForWhat(), *router->snapshot());
  co_await SendJson(call, std::move(json));
}

}  // namespace

void AddConfusionRoutes(RouteTable& table, ApiContext& context) {
  table.Add("GET", "/api/v1/confusion", Access::kRead,
            [&context](ApiCall& call) { return GetConfusion(call, context); });
}

}  // namespace moerge::api
