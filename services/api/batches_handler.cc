// /v1/batches: files of requests, answered by moerge itself.
#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "config/base/json.h"
#include "config/base/ordered_id.h"
#include "services/api/api_handler.h"
#include "services/api/batch_answerer.h"
#include "services/api/error.h"
#include "services/api/field_error.h"
#include "services/api/job_access.h"
#include "services/api/jobs.h"
#include "services/api/request_body.h"
#include "services/api/store_call.h"

namespace moerge::api {
namespace {

constexpr std::int64_t kWindow = 24 * 3600;
constexpr std::size_t kMostMetadata = 16;

Status TakeMetadata(json::Value metadata, Batch* batch) {
  if (!metadata || metadata.is_null()) return Ok{};
  if (!metadata.is_object() || metadata.size() > kMostMetadata) {
    return FieldError("metadata", "an object of at most 16 texts");
  }
  for (const json::Value value : metadata.children()) {
    if (!value.is_string()) {
      return FieldError("metadata." + std::string(value.key()), "a text");
    }
  }
  batch->metadata = std::string(metadata.raw());
  return Ok{};
}

Result<Batch> ReadBatch(std::string body) {
  const Result<json::Document> document = json::Document::Parse(body);
  if (!document) return document.error();
  const json::Value root = document->root();
  static const std::vector<std::string> known = {"input_file_id", "endpoint", "completion_window",
                                                 "metadata", "output_expires_after"};
  for (const json::Value member : root.children()) {
    const std::string key(member.key());
    if (std::ranges::find(known, key) == known.end()) return UnknownField(key, key, known);
  }
  Batch batch;
  batch.input_file = root.Find("input_file_id").AsString().value_or("");
  batch.endpoint = root.Find("endpoint").AsString().value_or("");
  if (batch.input_file.empty()) return FieldError("input_file_id", "the id of an uploaded file");
  if (std::ranges::find(kBatchEndpoints, batch.endpoint) == std::end(kBatchEndpoints)) {
    return FieldError("endpoint", "/v1/chat/completions, /v1/completions or /v1/embeddings");
  }
  if (root.Find("completion_window").AsString().value_or("") != "24h") {
    return FieldError("completion_window", "\"24h\"");
  }
  if (Status taken = TakeMetadata(root.Find("metadata"), &batch); !taken) return taken.error();
  return batch;
}

std::string ShownBatch(const JobRecord& record) {
  const Batch batch = BatchOf(record);
  return BatchJson(batch);
}

// The input stays for the batch, whatever becomes of the client's file.
Task<Status> ShareInput(ApiContext& context, const Batch& batch) {
  Jobs& jobs = context.shared().jobs;
  std::function<Status()> share = [&jobs, file = batch.input_file, id = batch.id]() -> Status {
    Status shared = jobs.room.Share(file, InputNameOf(id));
    if (shared) return shared;
    Error gone = std::move(shared).error();
    gone.param = "input_file_id";
    return gone;
  };
  co_return co_await jobs.disk.Run(std::move(share));
}

Task<void> HandleCreate(ApiContext& context, ApiCall& call) {
  Result<Batch> batch = co_await ReadBody<Batch>(context, call, &ReadBatch);
  if (!batch) co_return co_await SendError(call, std::move(batch).error());
  Result<JobRecord> file = co_await FindJob(context, call, kFileKind, batch->input_file);
  if (!file) {
    Error missing = std::move(file).error();
    if (missing.code == ErrorCode::kNotFound) missing.param = "input_file_id";
    co_return co_await SendError(call, std::move(missing));
  }
  const WallTime now = std::chrono::system_clock::now();
  batch->id = "batch_" + OrderedId(now);
  batch->client = call.key_name;
  batch->output_file = "file-" + OrderedId(now);
  batch->error_file = "file-" + OrderedId(now);
  batch->created = std::chrono::system_clock::to_time_t(now);
  batch->expires = batch->created + kWindow;
  Status added = co_await ShareInput(context, *batch);
  if (added) added = co_await AddJob(context, RecordOf(*batch));
  if (!added) co_return co_await SendError(call, std::move(added).error());
  context.shared().jobs.wake();
  co_await SendJson(call, BatchJson(*batch));
}

Task<void> HandleList(ApiContext& context, ApiCall& call) {
  JobFilter filter;
  filter.kind = kBatchKind;
  Result<JobPage> page = co_await ListJobs(context, call, std::move(filter));
  if (!page) co_return co_await SendError(call, std::move(page).error());
  std::vector<std::string> items;
  for (const JobRecord& record : page->records) items.push_back(ShownBatch(record));
  co_await SendJson(call, ListJson(*page, items));
}

Task<void> HandleGet(ApiContext& context, ApiCall& call) {
  const std::string id(call.Parameter("id"));
  Result<JobRecord> record = co_await FindJob(context, call, kBatchKind, id);
  if (!record) co_return co_await SendError(call, std::move(record).error());
  co_await SendJson(call, ShownBatch(*record));
}

Task<void> HandleCancel(ApiContext& context, ApiCall& call) {
  const std::string id(call.Parameter("id"));
  Result<JobRecord> record = co_await FindJob(context, call, kBatchKind, id);
  if (!record) co_return co_await SendError(call, std::move(record).error());
  using Wished = std::optional<JobRecord>;
  std::function<Result<Wished>(Store&)> wish = [id](Store& store) {
    return store.jobs().Wish(kBatchKind, id, "cancel", "cancelling");
  };
  Result<Wished> wished = co_await OnStore(context.shared().store, std::move(wish));
  if (!wished) co_return co_await SendError(call, std::move(wished).error());
  if (!wished->has_value()) {
    Error over{ErrorCode::kConflict, "the batch is over: its status is `" + record->state + "`"};
    co_return co_await SendError(call, std::move(over));
  }
  context.shared().jobs.wake();
  co_await SendJson(call, ShownBatch(**wished));
}

}  // namespace

void AddBatchRoutes(RouteTable& table, ApiContext& context) {
  AddClientRoute(table, context, "POST", "/v1/batches", HandleCreate);
  AddClientRoute(table, context, "GET", "/v1/batches", HandleList);
  AddClientRoute(table, context, "GET", "/v1/batches/{id}", HandleGet);
  AddClientRoute(table, context, "POST", "/v1/batches/{id}/cancel", HandleCancel);
}

}  // namespace moerge::api
