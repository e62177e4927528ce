// Durable state, one contract per purpose: the registry (serial, revisioned), observations,
// proposals, the record of changes, decisions, jobs and blobs.
//
// Blocking: only the store thread (store_thread.h) calls them in a server; the command line calls
// them directly. Not thread-safe. Every change is durable when the call returns Ok; on an error
// nothing of it is. Several processes may have one store open.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/result.h"
#include "registry/audit.h"
#include "registry/evidence_table.h"
#include "registry/types.h"

namespace moerge {

class DecisionLog;      // decision_log.h
class DecisionQueries;  // decision_log.h
class JobStore;         // job_store.h

// When training last paid (training_trigger.h), kept with the registry so that every process agrees
// on it.
struct TrainingMark {
  std::uint64_t revision = 0;  // Snapshot::training_revision
  std::uint64_t waiting = 0;   // feedback since
  std::uint64_t taken = 0;     // feedback before
  bool operator==(const TrainingMark&) const = default;
};

// What the store holds of the registry (origin kStore only), each list ascending by name.
struct StoredState {
  std::uint64_t revision = 0;
  TrainingMark training;
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
  ChangeAuthor by;
  // For the record; what Registry makes of the rest.
  std::vector<AuditRecord> audit;
  bool empty() const;  // whoever makes it
  // Whether it touches backends, experts, skills, policies or keys.
  bool edits_entities() const;
};

class RegistryStore {
 public:
  virtual ~RegistryStore() = default;

  virtual Result<StoredState> Load() = 0;
  // The one that Load would say. Cheap: asked several times a second. Errors: the store is gone, or
  // a newer moerge has changed it.
  virtual Result<std::uint64_t> Revision() = 0;
  // Gives the new revision. `expected` is the one that `change` was checked against. Errors:
  // kConflict, the store has another one (look again, check again); nothing else gives kConflict.
  virtual Result<std::uint64_t> Apply(const StoreChange& change, std::uint64_t expected) = 0;
};

// Written by RegistryStore::Apply, since they come with evidence.
class ObservationLog {
 public:
  virtual ~ObservationLog() = default;

  // Calls `visit` for each observation in a stable order, until it returns false.
  virtual Status Visit(const std::function<bool(const Observation&)>& visit) = 0;
  // Goes when the decisions of its time go.
  virtual Result<std::optional<Feedback>> FindFeedback(std::string_view decision,
                                                       std::string_view key) = 0;
  // The newest `limit` pieces by the time of their decisions, newest first, without their skills.
  virtual Result<std::vector<Feedback>> ListFeedback(int limit) = 0;
  // All of one decision, by key, without their skills.
  virtual Result<std::vector<Feedback>> FeedbackOn(std::string_view decision) = 0;
};

// Written by RegistryStore::Apply, since accepting one changes skills.
class ProposalStore {
 public:
  virtual ~ProposalStore() = default;

  virtual Result<std::vector<ProposalRecord>> List() = 0;  // newest first, without JSON
  virtual Result<std::optional<ProposalRecord>> Get(std::string_view id) = 0;
};

// A small cache that survives restarts (trained models, vectors). Losing it costs time only; of two
// processes that put the same key the later one is kept.
class BlobStore {
 public:
  virtual ~BlobStore() = default;

  virtual Result<std::optional<std::string>> Get(std::string_view key) = 0;
  virtual Status Put(std::string_view key, std::string_view value) = 0;
};

// A second way into a store, for reading on another thread while the first one writes. Not
// thread-safe by itself.
class StoreReader {
 public:
  virtual ~StoreReader() = default;

  virtual DecisionQueries& decisions() = 0;
  // Looks for damage, for no longer than `budget`. Errors: kInternal, there is some; the text says
  // where.
  virtual Status CheckFile(std::chrono::milliseconds budget) = 0;
};

// One store: its parts live as long as it does.
class Store {
 public:
  virtual ~Store() = default;

  virtual RegistryStore& registry() = 0;
  virtual ObservationLog& observations() = 0;
  virtual ProposalStore& proposals() = 0;
  virtual AuditLog& audit() = 0;
  virtual DecisionLog& decisions() = 0;
  virtual BlobStore& blobs() = 0;
  virtual JobStore& jobs() = 0;
  // Null: this store can be asked on its own thread only. It must not outlive the store.
  virtual Result<std::unique_ptr<StoreReader>> OpenReader() = 0;
};

// "sqlite:PATH" or "memory:". Errors: an unknown scheme, a file that cannot be opened, a schema
// newer than this binary (says both versions and what to do).
Result<std::unique_ptr<Store>> OpenStore(const std::string& url);

}  // namespace moerge
