#include "services/api/decision_row.h"

namespace moerge::api {

void AppendDecisionRow(const DecisionRecord& record, TextBuffer* out) {
  out->Append(R"({"id":)");
  out->AppendQuoted(record.id);
  out->Append(R"(,"time":")");
  out->AppendTime(record.time);
  out->Append(R"(","request_id":)");
  out->AppendQuoted(record.request_id);
  out->Append(R"(,"policy":)");
  out->AppendQuoted(record.policy);
  out->Append(R"(,"expert":)");
  out->AppendQuoted(record.expert);
  out->Append(R"(,"skill":)");
  out->AppendQuoted(record.skill);
  out->Append(R"(,"outcome":)");
  out->AppendQuoted(record.outcome);
  out->Append(R"(,"status":)");
  out->AppendInt(record.status);
  out->Append(R"(,"client":)");
  out->AppendQuoted(record.client);
  out->Append(R"(,"prompt_tokens":)");
  out->AppendInt(record.prompt_tokens);
  out->Append(R"(,"completion_tokens":)");
  out->AppendInt(record.completion_tokens);
  out->Append(R"(,"cost_usd":)");
  out->AppendDecimal(record.cost_usd, kUsdDigits);
  out->Append(R"(,"latency_ms":)");
  out->AppendDecimal(record.latency_ms, kMsDigits);
  out->Append(R"(,"calls":)");
  out->AppendInt(record.calls);
  out->Append('}');
}

}  // namespace moerge::api
