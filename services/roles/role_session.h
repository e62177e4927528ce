// What experts did at role tasks while they are asked: which call is which, what has come back, and
// what it amounts to as evidence. Owner: whoever asks. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/result.h"
#include "registry/types.h"
#include "services/roles/role_trials.h"

namespace moerge {

class RoleSession {
 public:
  // Every expert is asked about all tasks in every role, one expert after the other, so that models
  // which are loaded in turn are loaded once. Refers to `tasks`.
  RoleSession(const std::vector<RoleTask>& tasks, std::vector<std::string> experts,
              const std::vector<std::string_view>& roles);

  std::size_t calls() const { return calls_.size(); }
  // The body of a call; nothing: its expert has failed so often, and never answered, that asking on
  // is of no use.
  std::optional<std::string> Body(std::size_t call) const;
  // What came back: a reply's text, or why there is none.
  void Take(std::size_t call, Result<std::string> text);

  // One cell by expert, role and category with at least one task of which all calls were answered;
  // by role, category and then expert in the order given. What failed is no trial.
  std::vector<Evidence> Results(const std::string& source, WallTime now) const;

  struct Failure {
    std::string expert;
    std::size_t calls = 0;  // that failed or were left out
    std::string first;      // why
  };
  std::vector<Failure> Failures() const;  // of experts that have some, in their order

 private:
  struct Trial {
    std::size_t expert;
    const RoleTask* task;
    std::string_view role;
    std::vector<std::optional<std::string>> replies;
  };
  struct Called {
    std::size_t trial;
    std::size_t turn;
  };
  struct Health {
    std::size_t answered = 0;
    std::size_t failed = 0;
    std::string first;
  };

  std::vector<std::string> experts_;
  std::vector<Trial> trials_;
  std::vector<Called> calls_;
  std::vector<Health> health_;  // by expert
};

}  // namespace moerge
