// A store that lives and dies with the process: `store: memory:`, tests, trying things out.
// Keeps the contract of Store but for durability. Not thread-safe. Never fails.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "registry/decision_filter.h"
#include "registry/decision_log.h"
#include "registry/memory_jobs.h"
#include "registry/store.h"

namespace moerge {

class MemoryObservations : public ObservationLog {
 public:
  Status Visit(const std::function<bool(const Observation&)>& visit) override;
  Result<std::optional<Feedback>> FindFeedback(std::string_view decision,
                                               std::string_view key) override;
  Result<std::vector<Feedback>> ListFeedback(int limit) override;
  Result<std::vector<Feedback>> FeedbackOn(std::string_view decision) override;

  void Take(const StoreChange& change);
  void ForgetFeedback(WallTime decided_before);

 private:
  void Forget(const StoreChange& change);
  void Add(const std::vector<Observation>& observations);
  void Limit(const StoreChange::Limit& limit);

  std::uint64_t next_ = 0;
  std::map<std::uint64_t, Observation> observations_;  // in order of first insertion
  std::map<std::pair<std::string, std::string>, std::uint64_t> number_of_;  // by (source, id)
  std::map<std::pair<std::string, std::string>, Feedback> feedback_;        // by (decision, key)
};

class MemoryProposals : public ProposalStore {
 public:
  Result<std::vector<ProposalRecord>> List() override;
  Result<std::optional<ProposalRecord>> Get(std::string_view id) override;

  void Take(const StoreChange& change);

 private:
  std::vector<ProposalRecord> proposals_;  // in order of arrival
};

class MemoryAudit : public AuditLog {
 public:
  Result<std::vector<AuditRecord>> List(const AuditFilter& filter) override;

  void Take(const StoreChange& change);

 private:
  std::vector<AuditRecord> records_;  // oldest first; the id of one is its place, from 1
};

// What decides over others: it hands them their part of a change.
class MemoryRegistry : public RegistryStore {
 public:
  MemoryRegistry(MemoryObservations& observations, MemoryProposals& proposals, MemoryAudit& audit)
      : observations_(observations), proposals_(proposals), audit_(audit) {}

  Result<StoredState> Load() override { return state_; }
  Result<std::uint64_t> Revision() override { return state_.revision; }
  Result<std::uint64_t> Apply(const StoreChange& change, std::uint64_t expected) override;

 private:
  MemoryObservations& observations_;
  MemoryProposals& proposals_;
  MemoryAudit& audit_;
  StoredState state_;
};

class MemoryDecisions : public DecisionLog {
 public:
  explicit MemoryDecisions(MemoryObservations& observations) : observations_(observations) {}

  Status Add(const std::vector<DecisionRecord>& decisions) override;
  Result<bool> Tidy(const DecisionRetention& keep) override;
  Result<std::vector<DecisionRecord>> List(const DecisionFilter& filter) override;
  Result<std::optional<DecisionRecord>> Get(std::string_view id) override;
  Result<std::vector<UsageRow>> Usage(const UsageFilter& filter) override;

 private:
  struct UsageKey {
    std::int64_t hour;
    std::string policy, expert, skill, client;
    auto operator<=>(const UsageKey&) const = default;
  };

  static bool Matches(const UsageFilter& filter, const UsageKey& key);
  static const std::string& ValueOf(UsageGroup group, const UsageKey& key);
  TimesByGroup TimesOf(const UsageFilter& filter) const;

  std::map<UsageKey, UsageSums> usage_;
  MemoryObservations& observations_;
  std::deque<DecisionRecord> decisions_;  // oldest first
};

class MemoryBlobs : public BlobStore {
 public:
  Result<std::optional<std::string>> Get(std::string_view key) override;
  Status Put(std::string_view key, std::string_view value) override;

 private:
  std::map<std::string, std::string, std::less<>> blobs_;
};

class MemoryStore : public Store {
 public:
  RegistryStore& registry() override { return registry_; }
  ObservationLog& observations() override { return observations_; }
  ProposalStore& proposals() override { return proposals_; }
  AuditLog& audit() override { return audit_; }
  DecisionLog& decisions() override { return decisions_; }
  BlobStore& blobs() override { return blobs_; }
  JobStore& jobs() override { return jobs_; }
  Result<std::unique_ptr<StoreReader>> OpenReader() override {
    return std::unique_ptr<StoreReader>();
  }

 private:
  MemoryObservations observations_;
  MemoryProposals proposals_;
  MemoryAudit audit_;
  MemoryRegistry registry_{observations_, proposals_, audit_};
  MemoryDecisions decisions_{observations_};
  MemoryBlobs blobs_;
  MemoryJobs jobs_;
};

}  // namespace moerge
