// GET /api/v1/batches/{id}/progress: how far a batch is, once or as a stream of events until it is
// over.
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "config/base/event.h"
#include "services/api/api_handler.h"
#include "services/api/error.h"
#include "services/api/job_access.h"
#include "services/api/jobs.h"

namespace moerge::api {
namespace {

constexpr std::chrono::milliseconds kLookEvery{500};
constexpr int kLooksQuiet = 20;  // then a comment keeps the connection alive

Task<Result<Batch>> FindBatch(ApiContext& context, ApiCall& call) {
  const std::string id(call.Parameter("id"));
  Result<JobRecord> record = co_await FindJob(context, call, kBatchKind, id);
  if (!record) co_return std::move(record).error();
  co_return BatchOf(*record);
}

// Until something is to be said, or the client leaves. False: it has left, or the server stops.
Task<bool> WaitToLook(ApiContext& context, ApiCall& call) {
  Event left(call.exchange.executor());
  const auto registration = call.exchange.cancellation().OnCancel([&left] { left.Set(); });
  const Deadline next = Deadline::After(kLookEvery);
  const bool gone = co_await left.WaitUntil(next);
  co_return !gone && !context.shared().jobs.stopping;
}

// Ends with the batch, and with the request's deadline: clients ask again then.
Task<void> StreamProgress(ApiContext& context, ApiCall& call, Batch batch) {
  Status sent = co_await call.exchange.BeginStream(200, "text/event-stream");
  std::string last;
  for (int quiet = 0; sent; ++quiet) {
    std::string json = BatchJson(batch);
    std::string text;
    if (json != last) text = "event: progress\ndata: " + json + "\n\n";
    if (text.empty() && quiet >= kLooksQuiet) text = ": waiting\n\n";
    if (batch.over()) text += "data: [DONE]\n\n";
    if (!text.empty()) {
      quiet = 0;
      sent = co_await call.exchange.Write(text);
    }
    last = std::move(json);
    if (!sent || batch.over() || call.deadline.Passed()) break;
    const bool more = co_await WaitToLook(context, call);
    if (!more) break;
    Result<Batch> now = co_await FindBatch(context, call);
    if (!now) break;
    batch = *std::move(now);
  }
  if (sent) (void)co_await call.exchange.EndStream();
}

Task<void> HandleProgress(ApiContext& context, ApiCall& call) {
  Result<Batch> batch = co_await FindBatch(context, call);
  if (!batch) co_return co_await SendError(call, std::move(batch).error());
  if (call.exchange.request().Query("stream") == "true") {
    co_return co_await StreamProgress(context, call, *std::move(batch));
  }
  std::string json = BatchJson(*batch);
  co_await SendJson(call, std::move(json));
}

}  // namespace

void AddBatchProgressRoutes(RouteTable& table, ApiContext& context) {
  AddClientRoute(table, context, "GET", "/api/v1/batches/{id}/progress", HandleProgress);
}

}  // namespace moerge::api
