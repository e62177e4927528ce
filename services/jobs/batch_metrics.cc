#include "services/jobs/batch_metrics.h"

#include <algorithm>
#include <string>

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
      under_way_(LinesGauge(metrics, "under_way")) {}

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

void BatchMetrics::ShowLines(const Lines& lines) {
  const std::int64_t left = lines.total - lines.done - lines.under_way;
  waiting_.Set(static_cast<double>(std::max<std::int64_t>(left, 0)));
  under_way_.Set(static_cast<double>(lines.under_way));
}

}  // namespace moerge
