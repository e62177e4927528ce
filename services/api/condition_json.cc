#include "services/api/condition_json.h"

#include "config/base/json.h"

namespace moerge::api {

std::string ConditionJson(const Gate::Condition& condition) {
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("avoided", condition.avoided);
  if (condition.avoided) {
    writer.Field("reason", condition.reason);
    writer.Field("for_seconds", static_cast<std::int64_t>(condition.for_seconds.count()));
  }
  writer.Field("resting_ms", static_cast<std::int64_t>(condition.resting_ms.count()));
  writer.Field("in_flight", condition.in_flight).Field("queued", condition.queued);
  writer.EndObject();
  return out;
}

}  // namespace moerge::api
