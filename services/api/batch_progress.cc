// GET /api/v1/batches/{id}/progress: how far a batch is, once or as a stream of events until it is
// over.
#include <string>
#include <utility>

#include "services/api/api_handler.h"
#include "services/api/error.h"
#include "services/api/job_access.h"
#include "services/api/jobs.h"
#include "services/api/progress_stream.h"

namespace moerge::api {
namespace {

Task<Result<Batch>> FindBatch(ApiContext& context, ApiCall& call) {
  const std::string id(call.Parameter("id"));
  Result<JobRecord> record = co_await FindJob(context, call, kBatchKind, id);
  if (!record) co_return std::move(record).error();
  co_return BatchOf(*record);
}

Task<Result<ProgressState>> LookAtBatch(ApiContext& context, ApiCall& call) {
  const Result<Batch> batch = co_await FindBatch(context, call);
  if (!batch) co_return batch.error();
  co_return ProgressState{BatchJson(*batch), batch->over()};
}

Task<void> HandleProgress(ApiContext& context, ApiCall& call) {
  Result<Batch> batch = co_await FindBatch(context, call);
  if (!batch) co_return co_await SendError(call, std::move(batch).error());
  if (call.exchange.request().Query("stream") == "true") {
    ProgressState begin{BatchJson(*batch), batch->over()};
    LookAtProgress look = [&context, &call] { return LookAtBatch(context, call); };
    co_return co_await StreamProgress(context, call, std::move(begin), std::move(look));
  }
  std::string json = BatchJson(*batch);
  co_await SendJson(call, std::move(json));
}

}  // namespace

void AddBatchProgressRoutes(RouteTable& table, ApiContext& context) {
  AddClientRoute(table, context, "GET", "/api/v1/batches/{id}/progress", HandleProgress);
}

}  // namespace moerge::api
