#include "services/jobs/batch.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "adapters/openai_fields.h"

namespace moerge {
namespace {

struct TimeField {
  std::string_view name;
  std::int64_t Batch::*member;
};
constexpr std::array<TimeField, 9> kTimes = {{{"created_at", &Batch::created},
                                              {"in_progress_at", &Batch::begun},
                                              {"expires_at", &Batch::expires},
                                              {"finalizing_at", &Batch::finalizing},
                                              {"completed_at", &Batch::completed},
                                              {"failed_at", &Batch::failed},
                                              {"expired_at", &Batch::expired},
                                              {"cancelling_at", &Batch::cancelling},
                                              {"cancelled_at", &Batch::cancelled}}};

void NumberOrNull(std::string_view key, std::int64_t number, json::Writer& writer) {
  writer.Key(key);
  if (number == 0) {
    writer.Null();
  } else {
    writer.Int(number);
  }
}

void WriteFaults(const std::vector<BatchFault>& faults, json::Writer& writer) {
  writer.Key("errors");
  if (faults.empty()) {
    writer.Null();
    return;
  }
  writer.BeginObject().Field("object", "list").Key("data").BeginArray();
  for (const BatchFault& fault : faults) {
    writer.BeginObject().Field("code", fault.code).Field("message", fault.message);
    writer.TextOrNull("param", fault.param);
    NumberOrNull("line", fault.line, writer);
    writer.EndObject();
  }
  writer.EndArray().EndObject();
}

// What OpenAI's shape has no word for.
void WriteProgress(const Batch& batch, json::Writer& writer) {
  writer.Key("moerge").BeginObject().Key("experts").BeginArray();
  for (const ExpertProgress& each : batch.experts) {
    writer.BeginObject().Field("expert", each.expert);
    NumberOrNull("planned", each.planned, writer);
    writer.Field("answered", each.answered).Field("failed", each.failed).EndObject();
  }
  writer.EndArray().Key("assigned");
  WriteAssigned(batch.assigned, writer);
  const double pace = batch.over() ? 0 : batch.lines_per_second;
  writer.Field("lines_per_second", std::round(pace * 10) / 10);
  const std::int64_t left = batch.total - batch.answered - batch.failures;
  const double seconds = pace > 0 ? std::ceil(static_cast<double>(left) / pace) : 0;
  NumberOrNull("seconds_left", static_cast<std::int64_t>(seconds), writer);
  writer.EndObject();
}

void WriteBatch(const Batch& batch, bool kept, json::Writer& writer) {
  writer.BeginObject().Field("id", batch.id).Field("object", "batch");
  writer.Field("endpoint", batch.endpoint);
  WriteFaults(batch.faults, writer);
  writer.Field("input_file_id", batch.input_file).Field("completion_window", "24h");
  writer.Field("status", batch.status);
  const bool shown = kept || batch.over();
  writer.TextOrNull("output_file_id",
                    shown && (kept || batch.answered > 0) ? batch.output_file : "");
  writer.TextOrNull("error_file_id", shown && (kept || batch.failures > 0) ? batch.error_file : "");
  for (const TimeField& time : kTimes) NumberOrNull(time.name, batch.*time.member, writer);
  writer.Key("request_counts").BeginObject().Field("total", batch.total);
  writer.Field("completed", batch.answered).Field("failed", batch.failures).EndObject();
  writer.Key("metadata").Raw(batch.metadata);
  WriteProgress(batch, writer);
  if (kept) writer.Field("client", batch.client);
  writer.EndObject();
}

WallTime TimeOf(std::int64_t seconds) { return WallTime(std::chrono::seconds(seconds)); }

std::int64_t NumberAt(json::Value value, std::string_view key) {
  return value.Find(key).AsInt().value_or(0);
}

}  // namespace

bool Batch::over() const {
  return status == "completed" || status == "failed" || status == "expired" ||
         status == "cancelled";
}

namespace {

ExpertProgress& ProgressOf(std::vector<ExpertProgress>* experts, std::string_view expert) {
  const auto found = std::ranges::find(*experts, expert, &ExpertProgress::expert);
  if (found != experts->end()) return *found;
  return experts->emplace_back(ExpertProgress{.expert = std::string(expert)});
}

}  // namespace

void NoteCalls(std::string_view expert, std::int64_t answered, std::int64_t failed,
               std::vector<ExpertProgress>* experts) {
  ExpertProgress& progress = ProgressOf(experts, expert);
  progress.answered += answered;
  progress.failed += failed;
}

void Batch::SetCalls(const std::vector<ExpertProgress>& counted) {
  for (ExpertProgress& each : experts) each.answered = each.failed = 0;
  for (const ExpertProgress& each : counted) {
    NoteCalls(each.expert, each.answered, each.failed, &experts);
  }
}

void Batch::PlanNoCalls() {
  for (ExpertProgress& each : experts) each.planned = each.answered;
}

// Those that were made before a restart count too.
void Batch::PlanCalls(std::string_view expert, std::int64_t calls) {
  ExpertProgress& progress = ProgressOf(&experts, expert);
  progress.planned = progress.answered + calls;
}

std::string KeptJson(const Batch& batch) {
  std::string out;
  json::Writer writer(&out);
  WriteBatch(batch, true, writer);
  return out;
}

Batch BatchOf(const JobRecord& record) {
  Result<Batch> batch = ParseBatch(record.json);
  if (!batch) return {};
  batch->status = record.state;
  return *std::move(batch);
}

std::string BatchJson(const Batch& batch) {
  std::string out;
  json::Writer writer(&out);
  WriteBatch(batch, false, writer);
  return out;
}

Result<Batch> ParseBatch(std::string_view kept) {
  Result<json::Document> document = json::Document::Parse(kept);
  if (!document) return std::move(document).error();
  const json::Value root = document->root();
  Batch batch;
  batch.id = std::string(StringAt(root, "id"));
  batch.client = std::string(StringAt(root, "client"));
  batch.endpoint = std::string(StringAt(root, "endpoint"));
  batch.input_file = std::string(StringAt(root, "input_file_id"));
  batch.output_file = std::string(StringAt(root, "output_file_id"));
  batch.error_file = std::string(StringAt(root, "error_file_id"));
  batch.status = std::string(StringAt(root, "status"));
  batch.metadata = std::string(root.Find("metadata").raw());
  for (const TimeField& time : kTimes) batch.*time.member = NumberAt(root, time.name);
  const json::Value counts = root.Find("request_counts");
  batch.total = NumberAt(counts, "total");
  batch.answered = NumberAt(counts, "completed");
  batch.failures = NumberAt(counts, "failed");
  for (const json::Value fault : root.Find("errors").Find("data").children()) {
    batch.faults.push_back({.code = std::string(StringAt(fault, "code")),
                            .message = std::string(StringAt(fault, "message")),
                            .param = std::string(StringAt(fault, "param")),
                            .line = NumberAt(fault, "line")});
  }
  const json::Value more = root.Find("moerge");
  batch.assigned = ReadAssigned(more.Find("assigned"));
  batch.lines_per_second = more.Find("lines_per_second").AsDouble().value_or(0);
  for (const json::Value each : more.Find("experts").children()) {
    batch.experts.push_back({.expert = std::string(StringAt(each, "expert")),
                             .planned = NumberAt(each, "planned"),
                             .answered = NumberAt(each, "answered"),
                             .failed = NumberAt(each, "failed")});
  }
  return batch;
}

namespace {

void WriteFile(const StoredFile& file, bool kept, json::Writer& writer) {
  writer.BeginObject().Field("id", file.id).Field("object", "file").Field("bytes", file.bytes);
  writer.Field("created_at", file.created).Field("filename", file.name);
  writer.Field("purpose", file.purpose).Field("status", "processed");
  if (kept) writer.Field("client", file.client);
  writer.EndObject();
}

}  // namespace

std::string KeptJson(const StoredFile& file) {
  std::string out;
  json::Writer writer(&out);
  WriteFile(file, true, writer);
  return out;
}

std::string FileJson(const StoredFile& file) {
  std::string out;
  json::Writer writer(&out);
  WriteFile(file, false, writer);
  return out;
}

Result<StoredFile> ParseStoredFile(std::string_view kept) {
  Result<json::Document> document = json::Document::Parse(kept);
  if (!document) return std::move(document).error();
  const json::Value root = document->root();
  return StoredFile{.id = std::string(StringAt(root, "id")),
                    .client = std::string(StringAt(root, "client")),
                    .name = std::string(StringAt(root, "filename")),
                    .purpose = std::string(StringAt(root, "purpose")),
                    .bytes = NumberAt(root, "bytes"),
                    .created = NumberAt(root, "created_at")};
}

JobRecord RecordOf(const Batch& batch) {
  return {.kind = std::string(kBatchKind),
          .id = batch.id,
          .created = TimeOf(batch.created),
          .state = batch.status,
          .open = true,
          .json = KeptJson(batch)};
}

JobRecord RecordOf(const StoredFile& file) {
  return {.kind = std::string(kFileKind),
          .id = file.id,
          .created = TimeOf(file.created),
          .state = file.purpose,
          .json = KeptJson(file)};
}

}  // namespace moerge
