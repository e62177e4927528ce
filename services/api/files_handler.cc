// /v1/files: what batches read and write.
#include <chrono>
#include <optional>
#include <utility>

#include "config/base/json.h"
#include "config/base/ordered_id.h"
#include "registry/job_store.h"
#include "services/api/api_handler.h"
#include "services/api/error.h"
#include "services/api/field_error.h"
#include "services/api/form_data.h"
#include "services/api/job_access.h"
#include "services/api/jobs.h"
#include "services/api/store_call.h"

namespace moerge::api {
namespace {

constexpr std::size_t kLongestName = 255;

struct Upload {
  StoredFile file;
  std::string content;
};

Result<Upload> ReadUpload(const http::Request& request, std::string_view body) {
  Result<std::vector<FormPart>> parts = ParseFormData(request.Find("content-type"), body);
  if (!parts) return std::move(parts).error();
  Upload upload;
  const FormPart* content = nullptr;
  for (const FormPart& part : *parts) {
    if (part.name == "purpose") upload.file.purpose = part.content;
    if (part.name == "file") content = &part;
  }
  if (upload.file.purpose != "batch") return FieldError("purpose", "batch: files are for batches");
  if (content == nullptr || content->filename.empty()) return FieldError("file", "a file");
  if (content->filename.size() > kLongestName) return FieldError("file", "named in 255 bytes");
  upload.file.name = content->filename;
  upload.file.bytes = static_cast<std::int64_t>(content->content.size());
  upload.content = content->content;
  return upload;
}

Task<void> RemoveContent(ApiContext& context, std::string id) {
  Jobs& jobs = context.shared().jobs;
  std::function<Status()> remove = [&jobs, id = std::move(id)]() -> Status {
    jobs.room.Remove(id);
    return Ok{};
  };
  (void)co_await jobs.disk.Run(std::move(remove));
}

Task<Status> Keep(ApiContext& context, Upload& upload) {
  Jobs& jobs = context.shared().jobs;
  std::function<Status()> write = [&jobs, id = upload.file.id,
                                   content = std::move(upload.content)] {
    return jobs.room.Write(id, content);
  };
  Status kept = co_await jobs.disk.Run(std::move(write));
  if (!kept) co_return kept;
  kept = co_await AddJob(context, RecordOf(upload.file));
  if (!kept) co_await RemoveContent(context, upload.file.id);
  co_return kept;
}

Task<void> HandleUpload(ApiContext& context, ApiCall& call) {
  const std::string body = call.exchange.TakeBody();
  Result<Upload> upload = ReadUpload(call.exchange.request(), body);
  if (!upload) co_return co_await SendError(call, std::move(upload).error());
  const WallTime now = std::chrono::system_clock::now();
  upload->file.id = "file-" + OrderedId(now);
  upload->file.client = call.key_name;
  upload->file.created = std::chrono::system_clock::to_time_t(now);
  Status kept = co_await Keep(context, *upload);
  if (!kept) co_return co_await SendError(call, std::move(kept).error());
  co_await SendJson(call, FileJson(upload->file));
}

Task<void> HandleList(ApiContext& context, ApiCall& call) {
  JobFilter filter;
  filter.kind = kFileKind;
  if (std::string purpose = call.exchange.request().Query("purpose"); !purpose.empty()) {
    filter.state = std::move(purpose);
  }
  Result<JobPage> page = co_await ListJobs(context, call, std::move(filter));
  if (!page) co_return co_await SendError(call, std::move(page).error());
  std::vector<std::string> items;
  for (const JobRecord& record : page->records) {
    const Result<StoredFile> file = ParseStoredFile(record.json);
    if (file) items.push_back(FileJson(*file));
  }
  co_await SendJson(call, ListJson(*page, items));
}

Task<Result<StoredFile>> FindFile(ApiContext& context, ApiCall& call) {
  const std::string id(call.Parameter("id"));
  Result<JobRecord> record = co_await FindJob(context, call, kFileKind, id);
  if (!record) co_return std::move(record).error();
  co_return ParseStoredFile(record->json);
}

Task<void> HandleGet(ApiContext& context, ApiCall& call) {
  Result<StoredFile> file = co_await FindFile(context, call);
  if (!file) co_return co_await SendError(call, std::move(file).error());
  co_await SendJson(call, FileJson(*file));
}

Task<void> HandleContent(ApiContext& context, ApiCall& call) {
  Result<StoredFile> file = co_await FindFile(context, call);
  if (!file) co_return co_await SendError(call, std::move(file).error());
  Jobs& jobs = context.shared().jobs;
  std::function<Result<std::string>()> read = [&jobs, id = file->id] { return jobs.room.Read(id); };
  Result<std::string> content = co_await jobs.disk.Run(std::move(read));
  if (!content) co_return co_await SendError(call, std::move(content).error());
  http::Reply reply;
  reply.content_type = "application/octet-stream";
  reply.body = *std::move(content);
  (void)co_await call.exchange.Send(std::move(reply));
}

Task<void> HandleDelete(ApiContext& context, ApiCall& call) {
  Result<StoredFile> file = co_await FindFile(context, call);
  if (!file) co_return co_await SendError(call, std::move(file).error());
  std::function<Result<bool>(Store&)> remove = [id = file->id](Store& store) {
    return store.jobs().Remove(kFileKind, id);
  };
  Result<bool> removed = co_await OnStore(context.shared().store, std::move(remove));
  if (!removed) co_return co_await SendError(call, std::move(removed).error());
  co_await RemoveContent(context, file->id);
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("id", file->id).Field("object", "file").Field("deleted", true);
  writer.EndObject();
  co_await SendJson(call, std::move(out));
}

}  // namespace

void AddFileRoutes(RouteTable& table, ApiContext& context) {
  AddClientRoute(table, context, "POST", "/v1/files", HandleUpload);
  AddClientRoute(table, context, "GET", "/v1/files", HandleList);
  AddClientRoute(table, context, "GET", "/v1/files/{id}", HandleGet);
  AddClientRoute(table, context, "GET", "/v1/files/{id}/content", HandleContent);
  AddClientRoute(table, context, "DELETE", "/v1/files/{id}", HandleDelete);
}

}  // namespace moerge::api
