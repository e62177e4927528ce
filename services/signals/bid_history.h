// How experts usually bid, which is what a bid is measured by. Kept per API key, so that no
// caller's requests have a part in another's routing; in memory, empty at every start.
//
// Owner: the composition root. Any thread may call.
#pragma once

#include <string_view>

#include "router/recruit/auction.h"
#include "services/signals/bounded_cache.h"

namespace moerge {

class BidHistory {
 public:
  explicit BidHistory(Metrics& metrics, std::size_t capacity = 16'384)
      : statistics_(metrics, "bids", capacity) {}

  BidStatistics Of(std::string_view api_key, std::string_view expert) {
    return statistics_.Find(CacheKeyOf({api_key, expert})).value_or(BidStatistics());
  }
  // Two loops that add at once may lose one bid, which does not matter.
  void Add(std::string_view api_key, std::string_view expert, double bid) {
    BidStatistics statistics = Of(api_key, expert);
    statistics.Add(bid);
    statistics_.Put(CacheKeyOf({api_key, expert}), statistics);
  }

 private:
  BoundedCache<BidStatistics> statistics_;
};

}  // namespace moerge
