// A store that lives and dies with the process: `store: memory:`, tests, trying things out.
// Keeps the contract of Store but for durability. Not thread-safe. Never fails.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "registry/store.h"

namespace moerge {

class MemoryStore : public Store {
 public:
  Result<StoredState> Load() override { return state_; }
  Result<std::uint64_t> Apply(const StoreChange& change) override;
  Status VisitObservations(const std::function<bool(const Observation&)>& visit) override;

  Status AddDecisions(const std::vector<DecisionRecord>& decisions) override;
  Result<std::vector<DecisionRecord>> ListDecisions(const DecisionFilter& filter) override;
  Result<std::optional<DecisionRecord>> GetDecision(std::string_view id) override;
  Result<std::optional<Feedback>> GetFeedback(std::string_view decision,
                                              std::string_view key) override;
  Status TrimDecisions(const DecisionRetention& keep) override;

  Result<std::vector<ProposalRecord>> ListProposals() override;
  Result<std::optional<ProposalRecord>> GetProposal(std::string_view id) override;

  Result<std::optional<std::string>> GetBlob(std::string_view key) override;
  Status PutBlob(std::string_view key, std::string_view value) override;

 private:
  void ForgetObservations(const StoreChange& change);
  void AddObservations(const std::vector<Observation>& observations);
  void LimitObservations(const StoreChange::Limit& limit);
  void PutProposal(const ProposalRecord& proposal);

  StoredState state_;
  std::uint64_t next_observation_ = 0;
  std::map<std::uint64_t, Observation> observations_;  // in order of first insertion
  std::map<std::pair<std::string, std::string>, std::uint64_t> observation_of_;  // (source, id)
  std::deque<DecisionRecord> decisions_;                                         // oldest first
  std::map<std::pair<std::string, std::string>, Feedback> feedback_;  // by (decision, key)
  std::vector<ProposalRecord> proposals_;                             // in order of arrival
  std::map<std::string, std::string, std::less<>> blobs_;
};

}  // namespace moerge
