// What the registry's tests share: a folder that goes away, entries that are valid, a store that
// fails on demand.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "registry/decision_log.h"
#include "registry/memory_store.h"
#include "registry/registry.h"
#include "registry/store.h"
#include "tests/support/temp_folder.h"

namespace moerge::testing {

using test::TempFolder;

inline Backend MakeBackend(const std::string& name, Origin origin = Origin::kStore) {
  Backend backend;
  backend.name = name;
  backend.base_url = "http://127.0.0.1:8000/v1";
  backend.origin = origin;
  return backend;
}

inline Expert MakeExpert(const std::string& name, const std::string& backend = "gpu",
                         Origin origin = Origin::kStore) {
  Expert expert;
  expert.name = name;
  expert.backend = backend;
  expert.model = name + "-model";
  expert.origin = origin;
  return expert;
}

inline Expert MakeTool(const std::string& name, Origin origin = Origin::kBuiltIn) {
  Expert expert;
  expert.name = name;
  expert.kind = ExpertKind::kTool;
  expert.model = name;
  expert.origin = origin;
  return expert;
}

inline Skill MakeSkill(const std::string& name, Origin origin = Origin::kStore) {
  Skill skill;
  skill.name = name;
  skill.category = "mathematics";
  skill.examples = {"solve x + 1 = 2"};
  skill.origin = origin;
  return skill;
}

inline Policy MakePolicy(const std::string& name, Origin origin = Origin::kStore) {
  Policy policy;
  policy.name = name;
  policy.origin = origin;
  return policy;
}

inline ApiKey MakeKey(const std::string& name) {
  ApiKey key{name, Role::kAdmin, std::string(64, 'a'), Origin::kStore};
  key.description = "of " + name;
  key.tenant = "t";
  key.team = "ops";
  key.created = WallTime(std::chrono::milliseconds(1'800'000'000'123));
  key.limits = {.requests_per_minute = 10,
                .tokens_per_minute = 1'000,
                .concurrent_requests = 2,
                .budget_usd_day = 1.5,
                .budget_usd_month = 20};
  key.policies = {"auto"};
  key.experts = {"mine", "a/b"};
  return key;
}

inline DecisionRecord MakeDecision(int number, WallTime time) {
  DecisionRecord record;
  record.id = "decision-" + std::to_string(number);
  record.time = time;
  record.request_id = "request-" + std::to_string(number);
  record.policy = number % 2 == 0 ? "auto" : "cheap";
  record.expert = "expert-" + std::to_string(number % 3);
  record.skill = "skill-" + std::to_string(number % 5);
  record.outcome = number % 7 == 0 ? "error" : "ok";
  record.status = number % 7 == 0 ? 502 : 200;
  record.client = "key-" + std::to_string(number % 4);
  record.prompt_tokens = 10 + number;
  record.completion_tokens = 5;
  record.cost_usd = 0.25;
  record.latency_ms = 2;
  record.calls = 1 + number % 2;
  record.json = "{\"number\":" + std::to_string(number) + "}";
  return record;
}

// Applies `change` to whatever is there.
inline Result<std::uint64_t> ApplyTo(Store& store, const StoreChange& change) {
  const Result<std::uint64_t> revision = store.registry().Revision();
  if (!revision.ok()) return revision;
  return store.registry().Apply(change, *revision);
}

// Until there is no more to do.
inline Status TidyAll(Store& store, const DecisionRetention& keep) {
  Result<bool> more = true;
  while (more.ok() && *more) more = store.decisions().Tidy(keep);
  return more.ok() ? Status(Ok{}) : more.error();
}

// A memory store whose writes fail with `failure` while it is set, and before whose changes
// another process's come. Used from the store thread, set from the test while that is drained.
class FaultyStore : public Store {
 public:
  struct Faults {
    std::optional<Error> failure;
    int attempts = 0;
    std::vector<std::size_t> groups;        // sizes of what was written
    std::vector<StoreChange> others;        // of another process, one before each of ours
    std::optional<std::uint64_t> revision;  // what the store says it has
    std::function<void()> on_add;           // called while decisions are written
  };
  explicit FaultyStore(std::shared_ptr<Faults> faults)
      : registry_(faults, *this), log_(faults, *this) {}

  RegistryStore& registry() override { return registry_; }
  ObservationLog& observations() override { return memory_.observations(); }
  ProposalStore& proposals() override { return memory_.proposals(); }
  AuditLog& audit() override { return memory_.audit(); }
  DecisionLog& decisions() override { return log_; }
  BlobStore& blobs() override { return memory_.blobs(); }
  JobStore& jobs() override { return memory_.jobs(); }
  Result<std::unique_ptr<StoreReader>> OpenReader() override { return memory_.OpenReader(); }

 private:
  class FaultyRegistry : public RegistryStore {
   public:
    FaultyRegistry(std::shared_ptr<Faults> faults, FaultyStore& of)
        : faults_(std::move(faults)), of_(of) {}
    Result<StoredState> Load() override { return of_.memory_.registry().Load(); }
    Result<std::uint64_t> Revision() override {
      if (faults_->revision.has_value()) return *faults_->revision;
      return of_.memory_.registry().Revision();
    }
    Result<std::uint64_t> Apply(const StoreChange& change, std::uint64_t expected) override {
      ++faults_->attempts;
      if (faults_->failure.has_value()) return *faults_->failure;
      if (!faults_->others.empty()) {
        EXPECT_TRUE(ApplyTo(of_.memory_, faults_->others.front()).ok());
        faults_->others.erase(faults_->others.begin());
      }
      return of_.memory_.registry().Apply(change, expected);
    }

   private:
    std::shared_ptr<Faults> faults_;
    FaultyStore& of_;
  };

  class FaultyLog : public DecisionLog {
   public:
    FaultyLog(std::shared_ptr<Faults> faults, FaultyStore& of)
        : faults_(std::move(faults)), of_(of) {}
    Status Add(const std::vector<DecisionRecord>& decisions) override {
      ++faults_->attempts;
      if (faults_->failure.has_value()) return *faults_->failure;
      if (faults_->on_add) faults_->on_add();
      faults_->groups.push_back(decisions.size());
      return of_.memory_.decisions().Add(decisions);
    }
    Result<bool> Tidy(const DecisionRetention& keep) override {
      return of_.memory_.decisions().Tidy(keep);
    }
    Result<std::vector<UsageRow>> Usage(const UsageFilter& filter) override {
      return of_.memory_.decisions().Usage(filter);
    }
    Result<std::vector<DecisionRecord>> List(const DecisionFilter& filter) override {
      return of_.memory_.decisions().List(filter);
    }
    Result<std::optional<DecisionRecord>> Get(std::string_view id) override {
      return of_.memory_.decisions().Get(id);
    }

   private:
    std::shared_ptr<Faults> faults_;
    FaultyStore& of_;
  };

  MemoryStore memory_;
  FaultyRegistry registry_;
  FaultyLog log_;
};

// Holds the store thread in a job until it is opened.
class Gate {
 public:
  explicit Gate(StoreThread& thread) {
    EXPECT_TRUE(thread.Post([state = state_](Store&) {
      state->entered.set_value();
      state->opened.get_future().wait();
    }));
    state_->entered.get_future().wait();
  }
  void Open() { state_->opened.set_value(); }

 private:
  struct State {
    std::promise<void> entered;
    std::promise<void> opened;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace moerge::testing
