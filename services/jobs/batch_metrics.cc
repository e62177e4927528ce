#include "services/jobs/batch_metrics.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <utility>

#include "registry/job_store.h"
#include "services/api/store_call.h"
#include "services/jobs/batch.h"

namespace moerge {
namespace {

Gauge& LinesGauge(Metrics& metrics, const std::string& state) {
  return metrics.GetGauge("moerge_batch_lines",
                          "Lines that are still to do of the batch that is worked on",
                          {{"state", state}});
}

}  // namespace

BatchMetrics::BatchMetrics(Metrics& metrics)
    : metrics_(metrics),
      lines_done_(
          metrics.GetCounter("moerge_batch_lines_total", "Lines of batches that are done.", {})),
      waiting_(LinesGauge(metrics, "waiting")),
      under_way_(LinesGauge(metrics, "under_way")),
      open_(metrics.GetGauge("moerge_batches_open", "Batches that are not over", {})),
      oldest_(metrics.GetGauge(
          "moerge_batches_oldest_seconds",
          "When the first of them was made, in seconds since 1970; 0: there are none", {})) {}

void BatchMetrics::Count(const LineCall& call) {
  Counter*& counter = calls_[{call.expert, call.answered}];
  if (counter == nullptr) {
    counter = &metrics_.GetCounter(
        "moerge_batch_calls_total", "Calls of experts for lines of batches",
        {{"expert", std::string(call.expert)}, {"outcome", call.answered ? "answered" : "failed"}});
  }
  counter->Add();
}

void BatchMetrics::LinesDone(std::int64_t lines) { lines_done_.Add(static_cast<double>(lines)); }

Task<void> BatchMetrics::CountOpen(StoreThread& store) {
  using Seconds = std::chrono::duration<double>;
  std::function<Result<OpenJobs>(Store&)> count = [](Store& of) {
    return of.jobs().Open(kBatchKind);
  };
  const Result<OpenJobs> open = co_await api::OnStore(store, std::move(count));
  if (!open) co_return;
  open_.Set(static_cast<double>(open->count));
  oldest_.Set(open->count > 0 ? Seconds(open->oldest.time_since_epoch()).count() : 0);
}

void BatchMetrics::ShowLines(const Lines& lines) {
  const std::int64_t left = lines.total - lines.done - lines.under_way;
  waiting_.Set(static_cast<double>(std::max<std::int64_t>(left, 0)));
  under_way_.Set(static_cast<double>(lines.under_way));
}

}  // namespace moerge
