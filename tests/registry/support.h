// What the registry's tests share: a folder that goes away, entries that are valid, a store that
// fails on demand.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "registry/memory_store.h"
#include "registry/registry.h"
#include "registry/store.h"

namespace moerge::testing {

class TempFolder {
 public:
  TempFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "moerge-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() { std::filesystem::remove_all(path_); }

  std::string File(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

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
  return {name, Role::kAdmin, std::string(64, 'a'), Origin::kStore};
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
  record.json = "{\"number\":" + std::to_string(number) + "}";
  return record;
}

// A memory store whose writes fail with `failure` while it is set. Used from the store thread, set
// from the test while that thread is drained.
class FaultyStore : public MemoryStore {
 public:
  struct Faults {
    std::optional<Error> failure;
    int attempts = 0;
    std::vector<std::size_t> groups;  // sizes of what was written
  };
  explicit FaultyStore(std::shared_ptr<Faults> faults) : faults_(std::move(faults)) {}

  Result<std::uint64_t> Apply(const StoreChange& change) override {
    ++faults_->attempts;
    if (faults_->failure.has_value()) return *faults_->failure;
    return MemoryStore::Apply(change);
  }
  Status AddDecisions(const std::vector<DecisionRecord>& decisions) override {
    ++faults_->attempts;
    if (faults_->failure.has_value()) return *faults_->failure;
    faults_->groups.push_back(decisions.size());
    return MemoryStore::AddDecisions(decisions);
  }

 private:
  std::shared_ptr<Faults> faults_;
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
