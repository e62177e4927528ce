// How one tenant's requests were spread over experts lately, and what follows for its next one: a
// bias that moves experts which take less than their part up (auxiliary-loss-free balancing, Wang
// et al., arXiv:2408.15664), and a bound on what one takes (capacity-aware inference,
// arXiv:2503.05066). Pure: time is counted in requests.
//
// A tenant's shares know nothing of others' requests: whatever others ask for changes no route of
// its own, and what it asks for cannot be read off others' routes. The window is of the latest
// requests, without a beginning: whether one is too many does not depend on when it comes in one.
//
// Owner: a BalanceTable. Not thread-safe.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "registry/snapshot.h"

namespace moerge {

struct BalanceRules {
  int window = 1000;    // requests that count
  double step = 0;      // score points that the bias moves by, each tenth of a window; 0: no bias
  double capacity = 0;  // times an equal share that one expert takes at most; 0: no bound
  bool any() const { return step > 0 || capacity > 0; }
};

class LoadShares {
 public:
  static constexpr float kMostBias = 1;

  struct Share {
    ExpertId expert{};
    int requests = 0;  // of the window
    float bias = 0;
    bool full = false;  // has its most
  };

  // One more request went to `expert`, or was refused (none): it counts in the window then.
  // `fitting`: all that it could have gone to.
  void Took(std::optional<ExpertId> expert, std::span<const ExpertId> fitting,
            const BalanceRules& rules);

  // Of all experts that fitted a request of the window.
  std::vector<Share> All(const BalanceRules& rules) const;
  int requests() const { return static_cast<int>(window_.size()); }

 private:
  struct Expert {
    int requests = 0;
    int since_update = 0;
    float bias = 0;
    std::uint64_t last_fit = 0;  // the request's number
  };

  void Forget(const BalanceRules& rules);
  void MoveBiases(const BalanceRules& rules);

  std::map<ExpertId, Expert> experts_;
  std::deque<std::optional<ExpertId>> window_;  // who took it, oldest first
  std::uint64_t count_ = 0;                     // requests ever
  int since_update_ = 0;
};

}  // namespace moerge
