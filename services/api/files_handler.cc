// /v1/files: what batches read and write.
#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "config/base/json.h"
#include "config/base/ordered_id.h"
#include "registry/job_store.h"
#include "services/api/api_handler.h"
#include "services/api/error.h"
#include "services/api/job_access.h"
#include "services/api/jobs.h"
#include "services/api/store_call.h"
#include "services/api/upload.h"

namespace moerge::api {
namespace {

constexpr std::uint64_t kReadAtOnce = 1 << 20;

Task<void> RemoveContent(ApiContext& context, std::string id) {
  Jobs& jobs = context.shared().jobs;
  std::function<Status()> remove = [&jobs, id = std::move(id)]() -> Status {
    jobs.room.Remove(id);
    return Ok{};
  };
  (void)co_await jobs.disk.Run(std::move(remove));
}

Task<void> HandleUpload(ApiContext& context, ApiCall& call) {
  const WallTime now = std::chrono::system_clock::now();
  StoredFile file;
  file.id = "file-" + OrderedId(now);
  file.client = call.key_name;
  file.created = std::chrono::system_clock::to_time_t(now);
  Status kept = co_await ReceiveUpload(context, call, &file);
  if (!kept) co_return co_await SendError(call, std::move(kept).error());
  kept = co_await AddJob(context, RecordOf(file));
  if (!kept) {
    co_await RemoveContent(context, file.id);
    co_return co_await SendError(call, std::move(kept).error());
  }
  co_await SendJson(call, FileJson(file));
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

// Piece by piece. What cannot be read cuts the reply, so that it never looks complete.
Task<void> SendContent(ApiCall& call, Jobs& jobs, std::shared_ptr<ReadingFile> file) {
  const auto size = static_cast<std::uint64_t>(file->size());
  Status sent = co_await call.exchange.BeginSized(200, "application/octet-stream", size);
  for (std::uint64_t left = size; sent && left > 0;) {
    std::function<Result<std::string>()> read = [file, most = std::min(left, kReadAtOnce)] {
      return file->Read(most);
    };
    Result<std::string> piece = co_await jobs.disk.Run(std::move(read));
    if (!piece || piece->empty()) {
      call.notes.error = piece ? "the file became shorter" : piece.error().message;
      co_return;
    }
    left -= piece->size();
    sent = co_await call.exchange.Write(*piece);
  }
  if (sent) (void)co_await call.exchange.EndStream();
}

Task<void> HandleContent(ApiContext& context, ApiCall& call) {
  Result<StoredFile> file = co_await FindFile(context, call);
  if (!file) co_return co_await SendError(call, std::move(file).error());
  Jobs& jobs = context.shared().jobs;
  using Opened = Result<std::shared_ptr<ReadingFile>>;
  std::function<Opened()> open = [&jobs, id = file->id] { return jobs.room.Open(id); };
  Opened content = co_await jobs.disk.Run(std::move(open));
  if (!content) co_return co_await SendError(call, std::move(content).error());
  co_await SendContent(call, jobs, *std::move(content));
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
  table.StreamBody("POST", "/v1/files");
  AddClientRoute(table, context, "GET", "/v1/files", HandleList);
  AddClientRoute(table, context, "GET", "/v1/files/{id}", HandleGet);
  AddClientRoute(table, context, "GET", "/v1/files/{id}/content", HandleContent);
  AddClientRoute(table, context, "DELETE", "/v1/files/{id}", HandleDelete);
}

}  // namespace moerge::api
