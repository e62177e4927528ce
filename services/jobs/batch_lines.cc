#include "services/jobs/batch_lines.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "config/base/text.h"

namespace moerge {
namespace {

constexpr std::string_view kIdBegin = "{\"id\":\"batch_req_";
// Within a text of JSON its quotes would be escaped.
constexpr std::string_view kCallsBegin = ",\"moerge\":{\"calls\":";

LineOrFault Fault(std::int64_t number, std::string code, std::string message,
                  std::string param = {}) {
  BatchFault fault{std::move(code), std::move(message), std::move(param), number};
  return {.line = {}, .fault = std::move(fault)};
}

void WriteCalls(const std::vector<LineCall>& calls, json::Writer* writer) {
  if (calls.empty()) return;
  std::vector<ExpertProgress> experts;
  NoteCalls(calls, &experts);
  writer->Key("moerge").BeginObject().Key("calls").BeginArray();
  for (const ExpertProgress& each : experts) {
    writer->BeginObject().Field("expert", each.expert);
    writer->Field("answered", each.answered).Field("failed", each.failed).EndObject();
  }
  writer->EndArray().EndObject();
}

}  // namespace

void NoteCalls(const std::vector<LineCall>& calls, std::vector<ExpertProgress>* experts) {
  for (const LineCall& call : calls) {
    NoteCalls(call.expert, call.answered, !call.answered, experts);
  }
}

LineOrFault ParseBatchLine(std::string_view text, std::int64_t number, std::string_view endpoint) {
  const Result<json::Document> document = json::Document::Parse(text);
  if (!document) {
    return Fault(number, "invalid_json_line", "the line is no JSON: " + document.error().message);
  }
  const json::Value root = document->root();
  if (!root.is_object()) {
    return Fault(number, "invalid_json_line", "the line must be a JSON object");
  }
  const auto custom_id = root.Find("custom_id").AsString();
  if (!custom_id || custom_id->empty()) {
    return Fault(number, "missing_required_parameter",
                 "`custom_id` must be a text that no other line has", "custom_id");
  }
  if (root.Find("method").AsString().value_or("") != "POST") {
    return Fault(number, "invalid_method", "`method` must be \"POST\"", "method");
  }
  if (root.Find("url").AsString().value_or("") != endpoint) {
    return Fault(number, "mismatched_url",
                 "`url` must be the batch's endpoint, " + std::string(endpoint), "url");
  }
  if (!root.Find("body").is_object()) {
    return Fault(number, "missing_required_parameter", "`body` must be a JSON object", "body");
  }
  BatchLine line{number, std::string(*custom_id), std::string(root.Find("body").raw())};
  return {.line = std::move(line), .fault = {}};
}

std::string OutputLine(std::string_view batch, const BatchLine& line, const LineResult& result) {
  std::string out;
  json::Writer writer(&out);
  const std::string id =
      "batch_req_" + std::to_string(line.number) + "_" + std::string(batch.substr(0, 64));
  writer.BeginObject().Field("id", id).Field("custom_id", line.custom_id).Key("response");
  if (result.status == 0) {
    writer.Null().Key("error").BeginObject().Field("code", result.error_code);
    writer.Field("message", result.error_message).EndObject();
  } else {
    writer.BeginObject().Field("status_code", result.status);
    writer.Field("request_id", result.request_id).Key("body").Raw(result.body).EndObject();
    writer.Key("error").Null();
  }
  WriteCalls(result.calls, &writer);
  writer.EndObject();
  // Between the tokens of an expert's JSON; in its texts they are escaped.
  for (const char end : {'\n', '\r'}) {
    if (std::memchr(out.data(), end, out.size()) != nullptr) std::ranges::replace(out, end, ' ');
  }
  out += '\n';
  return out;
}

std::int64_t NumberOfOutput(std::string_view text) {
  if (!text.starts_with(kIdBegin) || !text.ends_with('}')) return 0;
  text.remove_prefix(kIdBegin.size());
  return ParseInt(text.substr(0, text.find('_'))).value_or(0);
}

std::vector<ExpertProgress> CallsOfOutput(std::string_view text) {
  std::vector<ExpertProgress> experts;
  const std::size_t begin = text.rfind(kCallsBegin);
  if (begin == text.npos || !text.ends_with("}}")) return experts;
  text.remove_prefix(begin + kCallsBegin.size());
  text.remove_suffix(2);
  const Result<json::Document> calls = json::Document::Parse(text);
  if (!calls) return experts;
  for (const json::Value each : calls->root().children()) {
    NoteCalls(StringAt(each, "expert"), each.Find("answered").AsInt().value_or(0),
              each.Find("failed").AsInt().value_or(0), &experts);
  }
  return experts;
}

}  // namespace moerge
