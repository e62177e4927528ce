#include "services/jobs/batch_runner.h"

#include <utility>

#include "services/jobs/batch_work.h"
#include "services/jobs/job_loop.h"

namespace moerge {

struct BatchRunner::Impl {
  explicit Impl(Parts of) : parts(std::move(of)), metrics(parts.metrics) {}

  JobLoop::Parts LoopParts() {
    return {.store = parts.store,
            .loop = parts.loop,
            .kind = std::string(kBatchKind),
            .what = "batches",
            .poll = parts.poll,
            .begin =
                [this](JobRecord record) {
                  return std::make_unique<BatchWork>(parts, metrics, std::move(record));
                },
            .before = [this] { return metrics.CountOpen(parts.store); }};
  }

  Parts parts;
  BatchMetrics metrics;
  JobLoop loop{LoopParts()};
};

BatchRunner::BatchRunner(Parts parts) : impl_(std::make_unique<Impl>(std::move(parts))) {}
BatchRunner::~BatchRunner() = default;

void BatchRunner::Start() { impl_->loop.Start(); }
void BatchRunner::Wake() { impl_->loop.Wake(); }
void BatchRunner::Stop() { impl_->loop.Stop(); }

}  // namespace moerge
