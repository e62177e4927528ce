#include "services/telemetry/telemetry.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "config/base/log.h"
#include "services/telemetry/otlp_protobuf.h"
#include "services/telemetry/otlp_sender.h"

namespace moerge {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::size_t kBatch = 512;     // spans of one post
constexpr std::size_t kKept = 1 << 20;  // bytes
constexpr auto kGather = 1s;            // a span waits for others that long
constexpr auto kPostTimeout = 10s;
constexpr auto kFarewell = 2s;  // to send what is left at the end
constexpr auto kFirstWait = 1s;
constexpr auto kLongestWait = 30s;
constexpr auto kComplainEvery = 60s;

}  // namespace

class Telemetry::Exporter {
 public:
  Exporter(const TelemetryConfig& config, Metrics& metrics)
      : config_(config),
        metrics_(metrics),
        resource_{config.service, RandomId()},
        sender_(config),
        dropped_spans_(Dropped("spans")),
        dropped_points_(Dropped("metrics")),
        sent_(metrics.GetCounter("moerge_telemetry_spans_total",
                                 "Spans that the receiver of telemetry has taken")),
        thread_([this] { Run(); }) {}

  ~Exporter() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }

  void Add(const SpanWriter& spans) {
    std::unique_lock lock(mutex_);
    if (waiting_spans_ + spans.count() > kRoom) {
      lock.unlock();
      return dropped_spans_.Add(static_cast<double>(spans.count()));
    }
    if (waiting_.empty() || waiting_.back().count >= kBatch) {
      waiting_.push_back({.body = std::exchange(spare_, {})});
      waiting_.back().body.assign(frame_.begin());
    }
    waiting_.back().body.append(spans.bytes());
    waiting_.back().count += spans.count();
    waiting_spans_ += spans.count();
    const bool full = waiting_.front().count >= kBatch;
    lock.unlock();
    if (full) wake_.notify_one();
  }

 private:
  // Spans of one post.
  struct Batch {
    std::string body = {};  // as TracesFrame has it
    std::size_t count = 0;
  };

  Counter& Dropped(const char* what) {
    return metrics_.GetCounter("moerge_telemetry_dropped_total",
                               "Spans and points of metrics that no receiver took",
                               {{"kind", what}});
  }

  void Run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      wake_.wait_for(lock, kGather, [this] { return stopping_ || Due(); });
      lock.unlock();
      if (Clock::now() >= next_try_) SendAll(kPostTimeout);
      lock.lock();
    }
    lock.unlock();
    next_metrics_ = Clock::now();
    const auto end = Clock::now() + kFarewell;
    const auto left = [end] {
      return std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
    };
    do {
      SendAll(std::max<std::chrono::milliseconds>(left(), 100ms));
    } while (left() > 0ms && pause_ == 0ms && HasMore());
  }

  // REQUIRES: mutex_ is held.
  bool Due() const {
    return !waiting_.empty() && waiting_.front().count >= kBatch && Clock::now() >= next_try_;
  }

  bool HasMore() {
    const std::lock_guard lock(mutex_);
    return !waiting_.empty();
  }

  void SendAll(std::chrono::milliseconds timeout) {
    SendSpans(timeout);
    if (config_.metrics && Clock::now() >= next_metrics_) SendMetrics(timeout);
  }

  // Those of one post are kept until they are taken or refused for good.
  void SendSpans(std::chrono::milliseconds timeout) {
    if (sending_ == 0 && !TakeBatch()) return;
    const auto outcome = sender_.Post("/v1/traces", traces_, timeout);
    if (!outcome.taken && outcome.again) return Delay(outcome);
    const std::int64_t refused = Settle(outcome, sending_, dropped_spans_);
    sent_.Add(static_cast<double>(sending_ - refused));
    sending_ = 0;
  }

  // False: none waits. The room of what was sent before is for those to come, unless it is
  // unusually large.
  bool TakeBatch() {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty()) return false;
    if (traces_.capacity() <= kKept) spare_ = std::move(traces_);
    traces_ = std::move(waiting_.front().body);
    sending_ = static_cast<std::int64_t>(waiting_.front().count);
    waiting_spans_ -= waiting_.front().count;
    waiting_.pop_front();
    frame_.Close(&traces_);
    return true;
  }

  void SendMetrics(std::chrono::milliseconds timeout) {
    const auto families = metrics_.Collect();
    const auto body = MetricsBody(resource_, families, {begin_, WallTime::clock::now()});
    const auto outcome = sender_.Post("/v1/metrics", body, timeout);
    next_metrics_ = Clock::now() + config_.metrics_interval;
    // Sums are sent again next time, so that nothing of these is lost.
    if (!outcome.taken && outcome.again) return Delay(outcome);
    std::int64_t points = 0;
    for (const Metrics::Family& family : families) points += std::ssize(family.points);
    Settle(outcome, points, dropped_points_);
  }

  void Delay(const OtlpSender::Outcome& outcome) {
    pause_ = std::min<std::chrono::milliseconds>(
        std::max<std::chrono::milliseconds>(2 * pause_, kFirstWait), kLongestWait);
    next_try_ = Clock::now() + std::max<std::chrono::milliseconds>(pause_, outcome.wait);
    Complain(outcome.error);
  }

  // Counts what a receiver refused for good of the `count` that it was sent, and gives how many.
  std::int64_t Settle(const OtlpSender::Outcome& outcome, std::int64_t count, Counter& dropped) {
    pause_ = 0ms;
    PartialSuccess partial;
    if (outcome.taken) partial = ReadPartialSuccess(outcome.body);
    const std::int64_t refused =
        outcome.taken ? std::clamp<std::int64_t>(partial.rejected, 0, count) : count;
    if (refused == 0) return 0;
    dropped.Add(static_cast<double>(refused));
    Complain(outcome.taken ? "it took a part only: " + partial.message : outcome.error);
    return refused;
  }

  void Complain(const std::string& error) {
    if (Clock::now() < next_complaint_) return;
    next_complaint_ = Clock::now() + kComplainEvery;
    LogWarning("the receiver of telemetry does not take what it is sent",
               {{"otlp", config_.otlp}, {"error", error}});
  }

  const TelemetryConfig& config_;
  Metrics& metrics_;
  const TelemetryResource resource_;
  const TracesFrame frame_{resource_};
  const WallTime begin_ = WallTime::clock::now();
  OtlpSender sender_;
  Counter& dropped_spans_;
  Counter& dropped_points_;
  Counter& sent_;

  // Of the thread.
  std::string traces_;                  // the body of a post, until it is taken or refused for good
  std::int64_t sending_ = 0;            // spans in it; 0: there is none
  std::chrono::milliseconds pause_{0};  // to wait after the latest failure; 0: it was taken
  Clock::time_point next_try_{};
  Clock::time_point next_metrics_{};
  Clock::time_point next_complaint_{};

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // guarded by mutex_, as what is below
  std::deque<Batch> waiting_;
  std::size_t waiting_spans_ = 0;
  std::string spare_;  // room for the next batch
  std::thread thread_;
};

Telemetry::Telemetry(TelemetryConfig config, Metrics& metrics) : config_(std::move(config)) {
  const bool any = config_.traces || config_.metrics;
  if (!config_.otlp.empty() && any) exporter_ = std::make_unique<Exporter>(config_, metrics);
}

Telemetry::~Telemetry() = default;

TraceContext Telemetry::Begin(std::string_view traceparent, Random& random) const {
  if (exporter_ == nullptr || !config_.traces) return {};
  std::optional<TraceContext> given = ParseTraceParent(traceparent);
  TraceContext context = given ? *std::move(given) : TraceContext{};
  if (!context.active()) {
    context.trace_id = RandomId();
    context.sampled = random.Uniform() < config_.sample;
  }
  context.span = random.Next() | 1;  // zero is no id
  return context;
}

void Telemetry::Add(const SpanWriter& spans) {
  if (exporter_ != nullptr) exporter_->Add(spans);
}

}  // namespace moerge
