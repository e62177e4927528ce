#include "services/api/job_access.h"

#include <utility>

#include "config/base/json.h"
#include "services/api/admin/paging.h"
#include "services/api/store_call.h"

namespace moerge::api {
namespace {

struct Viewer {
  std::string client;
  bool admin = false;
};

Viewer ViewerOf(const ApiCall& call) {
  return {call.key_name, call.key != nullptr && call.key->role == Role::kAdmin};
}

bool MaySee(const Viewer& viewer, const JobRecord& record) {
  const Result<json::Document> document = json::Document::Parse(record.json);
  if (!document) return false;
  const std::string_view client = document->root().Find("client").AsString().value_or("");
  return client == viewer.client || (client.empty() && viewer.admin);
}

Error NotThere(std::string_view kind, const std::string& id) {
  return Error{.code = ErrorCode::kNotFound,
               .message = "there is no " + std::string(kind) + " `" + id + "`",
               .param = "id"};
}

// As many of the viewer's as are wanted and one more, whoever's are in between.
Result<std::vector<JobRecord>> Collect(Store& store, JobFilter filter, const Viewer& viewer) {
  std::vector<JobRecord> found;
  const auto wanted = static_cast<std::size_t>(filter.limit) + 1;
  filter.limit = 1000;
  while (true) {
    Result<std::vector<JobRecord>> some = store.jobs().List(filter);
    if (!some) return some;
    for (JobRecord& record : *some) {
      filter.before_id = record.id;
      if (!MaySee(viewer, record)) continue;
      found.push_back(std::move(record));
      if (found.size() == wanted) return found;
    }
    if (some->size() < 1000) return found;
  }
}

}  // namespace

Task<Result<JobPage>> ListJobs(ApiContext& context, ApiCall& call, JobFilter filter) {
  const Result<int> limit = ReadLimit(call.exchange.request(), 20);
  if (!limit) co_return limit.error();
  filter.limit = *limit;
  filter.before_id = call.exchange.request().Query("after");
  std::function<Result<std::vector<JobRecord>>(Store&)> list =
      [filter = std::move(filter), viewer = ViewerOf(call)](Store& store) {
        return Collect(store, filter, viewer);
      };
  auto records = co_await OnStore(context.shared().store, std::move(list));
  if (!records) co_return std::move(records).error();
  JobPage page{.records = *std::move(records)};
  page.has_more = page.records.size() > static_cast<std::size_t>(*limit);
  if (page.has_more) page.records.pop_back();
  co_return page;
}

Task<Result<JobRecord>> FindJob(ApiContext& context, ApiCall& call, std::string_view kind,
                                std::string id) {
  using Found = std::optional<JobRecord>;
  std::function<Result<Found>(Store&)> get = [kind, id](Store& store) {
    return store.jobs().Get(kind, id);
  };
  Result<Found> record = co_await OnStore(context.shared().store, std::move(get));
  if (!record) co_return std::move(record).error();
  if (!record->has_value() || !MaySee(ViewerOf(call), **record)) co_return NotThere(kind, id);
  co_return **std::move(record);
}

Task<Status> AddJob(ApiContext& context, JobRecord record) {
  std::function<Status(Store&)> add = [record = std::move(record)](Store& store) {
    return store.jobs().Add(record);
  };
  co_return co_await OnStore(context.shared().store, std::move(add));
}

std::string ListJson(const JobPage& page, const std::vector<std::string>& items) {
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("object", "list").Key("data").BeginArray();
  for (const std::string& item : items) writer.Raw(item);
  writer.EndArray();
  for (const bool first : {true, false}) {
    writer.Key(first ? "first_id" : "last_id");
    if (page.records.empty()) {
      writer.Null();
    } else {
      writer.String(first ? page.records.front().id : page.records.back().id);
    }
  }
  writer.Field("has_more", page.has_more).EndObject();
  return out;
}

void AddClientRoute(RouteTable& table, ApiContext& context, std::string_view method,
                    std::string_view path, ClientHandler handle) {
  table.Add(method, path, Access::kInference,
            [&context, handle](ApiCall& call) { return handle(context, call); });
}

}  // namespace moerge::api
