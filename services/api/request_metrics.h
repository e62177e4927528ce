// Counts and times chat requests. Series are looked up once per combination of labels and event
// loop; beyond kMaxSeries combinations the labels are "other", so that memory stays bounded. Owner:
// the loop's ApiContext. Threads: that loop only (the series themselves are shared).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/base/metrics.h"
#include "services/pipeline/chat_record.h"

namespace moerge::api {

// How a request ended; also the `outcome` of a kept decision.
enum class Outcome { kOk, kError, kCancelled, kDryRun };
std::string_view OutcomeName(Outcome outcome);  // "ok", "error", "cancelled", "dry_run"

class RequestMetrics {
 public:
  static constexpr std::size_t kMaxSeries = 2048;

  explicit RequestMetrics(Metrics& metrics);

  void Count(const ChatRecord& record, Outcome outcome, ChatRecord::Clock::time_point now);

 private:
  struct ExpertSeries {
    Counter* input_tokens = nullptr;
    Counter* output_tokens = nullptr;
    Counter* cost = nullptr;
  };
  std::uint64_t PolicyNumber(const std::string& policy);
  Counter& Requests(const ChatRecord& record, Outcome outcome);
  ExpertSeries& OfExpert(const ExpertEntry& expert);
  void CountAttempts(const ChatRecord& record);
  Counter& Attempts(const Attempt& attempt);

  Metrics& metrics_;
  std::vector<std::string> policies_;
  std::unordered_map<std::uint64_t, Counter*> requests_;
  std::unordered_map<std::uint64_t, Counter*> attempts_;
  std::unordered_map<std::uint32_t, ExpertSeries> experts_;
  Histogram& latency_;
  Histogram& first_token_;
  Histogram& overhead_;
  Histogram& decision_;
};

}  // namespace moerge::api
