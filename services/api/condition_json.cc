#include "services/api/condition_json.h"

#include "config/base/json.h"

namespace moerge::api {

namespace {

void WriteWhy(const Gate::Avoidance& avoidance, json::Writer* writer) {
  if (!avoidance.avoided) return;
  writer->Field("reason", avoidance.reason);
  writer->Field("for_seconds", static_cast<std::int64_t>(avoidance.for_seconds.count()));
}

void WriteModel(const Gate::ModelAvoidance& model, json::Writer* writer) {
  writer->Field("avoided", model.avoided);
  if (model.avoided) writer->Field("whole_backend", model.whole_backend);
  WriteWhy(model, writer);
  writer->Field("resting_ms", static_cast<std::int64_t>(model.resting_ms.count()));
}

}  // namespace

std::string ConditionJson(const Gate::Condition& condition) {
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("avoided", condition.avoided);
  WriteWhy(condition, &writer);
  writer.Field("resting_ms", static_cast<std::int64_t>(condition.resting_ms.count()));
  writer.Field("in_flight", condition.in_flight).Field("queued", condition.queued);
  writer.Key("models").BeginArray();
  for (const Gate::ModelAvoidance& each : condition.models) {
    writer.BeginObject().Field("model", each.model);
    WriteModel(each, &writer);
    writer.EndObject();
  }
  writer.EndArray().EndObject();
  return out;
}

std::string ConditionJson(const Gate::ModelAvoidance& condition) {
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject();
  WriteModel(condition, &writer);
  writer.EndObject();
  return out;
}

}  // namespace moerge::api
