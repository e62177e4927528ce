#include "services/telemetry/telemetry.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <iterator>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <utility>

#include "config/base/log.h"
#include "services/telemetry/otlp_json.h"
#include "services/telemetry/otlp_sender.h"

namespace moerge {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::size_t kBatch = 512;  // spans of one post
constexpr auto kGather = 1s;         // a span waits for others that long
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

  void Add(std::vector<Span> spans) {
    std::unique_lock lock(mutex_);
    const std::size_t room = kRoom - std::min(kRoom, waiting_.size());
    const std::size_t taken = std::min(room, spans.size());
    const auto end = spans.begin() + static_cast<std::ptrdiff_t>(taken);
    std::move(spans.begin(), end, std::back_inserter(waiting_));
    const bool full = waiting_.size() >= kBatch;
    lock.unlock();
    if (taken < spans.size()) dropped_spans_.Add(static_cast<double>(spans.size() - taken));
    if (full) wake_.notify_one();
  }

 private:
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
  bool Due() const { return waiting_.size() >= kBatch && Clock::now() >= next_try_; }

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
    if (batch_.empty()) {
      const std::lock_guard lock(mutex_);
      const auto end =
          waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(kBatch, waiting_.size()));
      std::move(waiting_.begin(), end, std::back_inserter(batch_));
      waiting_.erase(waiting_.begin(), end);
    }
    if (batch_.empty()) return;
    const auto outcome = sender_.Post("/v1/traces", TracesJson(resource_, batch_), timeout);
    if (!outcome.taken && outcome.again) return Delay(outcome);
    const auto refused =
        outcome.taken ? RejectedIn(outcome.body) : static_cast<std::int64_t>(batch_.size());
    Settle(outcome, refused, dropped_spans_);
    sent_.Add(static_cast<double>(batch_.size()) - static_cast<double>(refused));
    batch_.clear();
  }

  void SendMetrics(std::chrono::milliseconds timeout) {
    const auto families = metrics_.Collect();
    const std::string body = MetricsJson(resource_, families, begin_, WallTime::clock::now());
    const auto outcome = sender_.Post("/v1/metrics", body, timeout);
    next_metrics_ = Clock::now() + config_.metrics_interval;
    // Sums are sent again next time, so that nothing of these is lost.
    if (!outcome.taken && outcome.again) return Delay(outcome);
    Settle(outcome, outcome.taken ? RejectedIn(outcome.body) : 1, dropped_points_);
  }

  void Delay(const OtlpSender::Outcome& outcome) {
    pause_ = std::min<std::chrono::milliseconds>(
        std::max<std::chrono::milliseconds>(2 * pause_, kFirstWait), kLongestWait);
    next_try_ = Clock::now() + std::max<std::chrono::milliseconds>(pause_, outcome.wait);
    Complain(outcome.error);
  }

  void Settle(const OtlpSender::Outcome& outcome, std::int64_t refused, Counter& dropped) {
    pause_ = 0ms;
    if (refused <= 0) return;
    dropped.Add(static_cast<double>(refused));
    Complain(outcome.taken ? "it took a part only: " + outcome.body : outcome.error);
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
  const WallTime begin_ = WallTime::clock::now();
  OtlpSender sender_;
  Counter& dropped_spans_;
  Counter& dropped_points_;
  Counter& sent_;

  // Of the thread.
  std::vector<Span> batch_;
  std::chrono::milliseconds pause_{0};  // to wait after the latest failure; 0: it was taken
  Clock::time_point next_try_{};
  Clock::time_point next_metrics_{};
  Clock::time_point next_complaint_{};

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;      // guarded by mutex_
  std::vector<Span> waiting_;  // guarded by mutex_
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

void Telemetry::Add(std::vector<Span> spans) {
  if (exporter_ != nullptr) exporter_->Add(std::move(spans));
}

}  // namespace moerge
