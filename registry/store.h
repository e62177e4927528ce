// Durable state. Blocking: only the store thread (store_thread.h) calls it in a server; the command
// line calls it directly. Not thread-safe. Every change is durable when the call returns Ok; on an
// error nothing of it is.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/result.h"
#include "registry/evidence_table.h"
#include "registry/types.h"

namespace moerge {

// What the store holds of the registry (origin kStore only), each list ascending by name.
struct StoredState {
  std::uint64_t revision = 0;
  std::uint64_t training_revision = 0;  // see Snapshot; kept by the registry, not by stores
  std::vector<Backend> backends;
  std::vector<Expert> experts;
  std::vector<Skill> skills;
  std::vector<Policy> policies;
  std::vector<ApiKey> keys;
  EvidenceTable evidence;
};

// Observations that are known by where they came from.
struct ObservationKey {
  std::string source;
  std::string id;
};

// Evidence rows: of one expert, or of all if `expert` is empty.
struct EvidenceKey {
  std::string expert;
  std::string source;
};

// A proposal of new skills as kept: what lists show, and the whole as JSON.
struct ProposalRecord {
  std::string id;
  WallTime created;
  std::string name;         // for people; may be empty
  std::string status;       // "open", "accepted", "rejected"
  std::int64_t skills = 0;  // proposed
  std::int64_t labels = 0;  // that it was built from
  std::string json;
  bool operator==(const ProposalRecord&) const = default;
};

// One or several edits that become durable together and raise the revision by one. In this order:
// forget, remove, put. Removing what is not there is no error here; the registry checks.
struct StoreChange {
  std::vector<Backend> put_backends;
  std::vector<Expert> put_experts;
  std::vector<Skill> put_skills;
  std::vector<Policy> put_policies;
  std::vector<ApiKey> put_keys;
  std::vector<std::string> remove_backends, remove_experts, remove_skills, remove_policies,
      remove_keys;
  std::vector<Observation> add_observations;  // same source and id: replaces
  std::vector<Evidence> put_evidence;         // same expert, skill and source: replaces
  std::vector<Feedback> put_feedback;         // same decision and key: replaces
  std::vector<std::string> remove_proposals;
  std::vector<ProposalRecord> put_proposals;  // same id: replaces and keeps its place in lists
  // Drops a source's observations and evidence, first. "feedback" means "feedback@2026-01-31" too.
  std::vector<std::string> forget_sources;
  std::vector<EvidenceKey> forget_evidence;  // the observations stay
  std::vector<ObservationKey> forget_observations;
  // After all else: of the observations of `source` only the newest `keep` stay.
  struct Limit {
    std::string source;
    std::int64_t keep = 0;
  };
  std::vector<Limit> limit_observations;
  bool empty() const;
};

// One decision as kept: the columns that lists filter by, and the whole as JSON.
struct DecisionRecord {
  std::string id;  // 32 hexadecimal digits
  WallTime time;
  std::string request_id;
  std::string policy;
  std::string expert;   // who answered; empty: nobody
  std::string skill;    // most probable
  std::string outcome;  // "ok", "error", "cancelled", "dry_run"
  std::string json;     // the full decision; to be kept it may be packed (decision_pieces.h)
};

struct DecisionFilter {
  std::optional<std::string> policy, expert, skill, outcome;
  std::optional<WallTime> since, until;
  std::string before_id;  // page: entries older than this one, in the order of the list
  int limit = 50;         // 1..1000
};

struct DecisionRetention {
  std::chrono::seconds max_age{7 * 24 * 3600};
  std::int64_t max_count = 100'000;
};

class Store {
 public:
  virtual ~Store() = default;

  virtual Result<StoredState> Load() = 0;
  virtual Result<std::uint64_t> Apply(const StoreChange& change) = 0;  // gives the new revision

  // Calls `visit` for each observation in a stable order, until it returns false.
  virtual Status VisitObservations(const std::function<bool(const Observation&)>& visit) = 0;

  virtual Status AddDecisions(const std::vector<DecisionRecord>& decisions) = 0;  // one transaction
  virtual Result<std::vector<DecisionRecord>> ListDecisions(
      const DecisionFilter& filter) = 0;  // newest first, by arrival
  virtual Result<std::optional<DecisionRecord>> GetDecision(std::string_view id) = 0;
  // Goes when the decisions of its time go.
  virtual Result<std::optional<Feedback>> GetFeedback(std::string_view decision,
                                                      std::string_view key) = 0;
  virtual Status TrimDecisions(const DecisionRetention& keep) = 0;

  virtual Result<std::vector<ProposalRecord>> ListProposals() = 0;  // newest first, without JSON
  virtual Result<std::optional<ProposalRecord>> GetProposal(std::string_view id) = 0;

  // A small cache that survives restarts (trained models, vectors). Losing it costs time only.
  virtual Result<std::optional<std::string>> GetBlob(std::string_view key) = 0;
  virtual Status PutBlob(std::string_view key, std::string_view value) = 0;
};

// "sqlite:PATH" or "memory:". Errors: an unknown scheme, a file that cannot be opened, a schema
// newer than this binary (says both versions and what to do).
Result<std::unique_ptr<Store>> OpenStore(const std::string& url);

}  // namespace moerge
