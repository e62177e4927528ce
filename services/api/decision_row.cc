#include "services/api/decision_row.h"

#include "config/base/text.h"

namespace moerge::api {

void WriteDecisionRow(const DecisionRecord& record, json::Writer& writer) {
  writer.BeginObject().Field("id", record.id).Field("time", FormatTime(record.time));
  writer.Field("request_id", record.request_id).Field("policy", record.policy);
  writer.Field("expert", record.expert).Field("skill", record.skill);
  writer.Field("outcome", record.outcome).Field("status", record.status);
  writer.Field("client", record.client).Field("prompt_tokens", record.prompt_tokens);
  writer.Field("completion_tokens", record.completion_tokens);
  writer.Key("cost_usd").Fixed(record.cost_usd, kUsdDigits);
  writer.Key("latency_ms").Fixed(record.latency_ms, kMsDigits);
  writer.Field("calls", record.calls).EndObject();
}

}  // namespace moerge::api
