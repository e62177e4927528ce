#include "router/evaluate/signal_replay.h"

#include <algorithm>
#include <string>
#include <utility>

#include "config/base/hash.h"
#include "config/policy_options.h"

namespace moerge {

SignalsPtr SignalReplay::Of(const TableRow& row, const Policy& policy) {
  if (!IsSignalClassifier(policy.classifier)) return nullptr;
  const Signals* found = recorded_.Find(row.id);
  if (found == nullptr) return nullptr;
  auto signals = std::make_shared<Signals>(*found);
  if (policy.classifier == "embedding") signals->head = Head(policy);
  if (policy.classifier == "auction") {
    signals->bids = BidsOfInvited(row, policy, found->bids);
  }
  return signals;
}

std::shared_ptr<const EmbeddingHead> SignalReplay::Head(const Policy& policy) {
  const HeadKind kind = policy.options->embedding_head;
  const auto known = heads_.find(kind);
  if (known != heads_.end()) return known->second;
  return heads_[kind] = EmbeddingHead::Train(HeadRows(), kind);
}

// Rows with a category and a vector; of too many those with the lowest hashes, as serving does it.
EmbeddingRows SignalReplay::HeadRows() const {
  std::vector<std::pair<std::uint64_t, std::uint32_t>> order;
  EmbeddingRows rows;
  for (const std::uint32_t row : train_) {
    const Signals* signals = recorded_.Find(rows_[row].id);
    const bool usable = signals != nullptr && !signals->embedding.empty();
    if (!usable || rows_[row].category.empty()) continue;
    order.emplace_back(Hash64(rows_[row].id), row);
    rows.skills.push_back(rows_[row].category);
  }
  std::ranges::sort(order);
  if (order.size() > EmbeddingHead::kMaxRows) order.resize(EmbeddingHead::kMaxRows);
  std::ranges::sort(rows.skills);
  const auto twice = std::ranges::unique(rows.skills);
  rows.skills.erase(twice.begin(), twice.end());
  for (const auto& each : order) {
    const TableRow& row = rows_[each.second];
    rows.vectors.push_back(recorded_.Find(row.id)->embedding);
    const auto label = std::ranges::lower_bound(rows.skills, row.category);
    rows.labels.push_back(static_cast<std::uint32_t>(label - rows.skills.begin()));
  }
  return rows;
}

// The best few by expectation, as serving invites them.
std::vector<Bid> SignalReplay::BidsOfInvited(const TableRow& row, const Policy& policy,
                                             const std::vector<Bid>& bids) const {
  const Decision preview = router_.Route(row.prompt, WithoutBids(policy));
  std::vector<Bid> recorded;
  for (const Candidate& candidate : Invited(preview, *router_.snapshot(), policy)) {
    const auto bid = std::ranges::find(bids, NameOf(candidate.expert), &Bid::expert);
    if (bid != bids.end()) recorded.push_back(*bid);
  }
  return recorded;
}

}  // namespace moerge
