// Kept requests decided again, on paper: no expert is called. Pure but for what `Way` refers to;
// any thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "registry/latency.h"
#include "router/router.h"
#include "services/compare/kept_request.h"

namespace moerge {

class EmbeddingHead;

// What is known of the outside when nothing is wrong with it: measured latencies, all backends
// healthy, all models loaded.
class CalmHealth final : public Health {
 public:
  explicit CalmHealth(const LatencyTable& latencies) : latencies_(latencies) {}
  bool Healthy(std::string_view) const override { return true; }
  Latency MeasuredLatency(ExpertId expert) const override { return latencies_.Typical(expert); }

 private:
  const LatencyTable& latencies_;
};

// How requests are decided. `policy` need not be one of the router's snapshot.
struct Way {
  RouterPtr router;
  std::shared_ptr<const Policy> policy;
  std::shared_ptr<const EmbeddingHead> head = nullptr;  // for the classifier "embedding"
};

// What came of it.
struct Outlook {
  std::string expert = {};  // who is asked first; empty: nobody
  std::string skill = {};   // most probable
  double expected = 0;      // Decision::confidence; 0 for nobody
  double cost_usd = 0;      // of all that are asked, at usual lengths
  double latency_ms = 0;    // of the slowest; 0: unknown
  std::vector<std::string> notes = {};
};
// Of the signals that were gathered then, those count that the policy wants.
Outlook DecideOnPaper(const Way& way, const KeptRequest& request, const Health& health);

}  // namespace moerge
