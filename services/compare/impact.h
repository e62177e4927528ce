// What would have changed: recorded requests, decided in two ways. A value; one thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/compare/redecide.h"

namespace moerge {

class Impact {
 public:
  static constexpr std::size_t kExamples = 20;
  static constexpr std::size_t kNotes = 10;

  struct Example {
    std::string decision;
    std::string time;
    Outlook before;
    Outlook after;
  };
  struct Sums {
    double expected = 0;
    double cost_usd = 0;
    double latency_ms = 0;  // of those with a known latency both ways
    std::int64_t no_expert = 0;
  };
  struct BySkill {
    std::int64_t compared = 0;
    std::int64_t changed = 0;
  };

  void Add(const KeptRequest& request, Outlook before, Outlook after);
  void SkipUnreadable() { ++unreadable_; }
  void SkipWithoutText() { ++without_text_; }
  void SkipDirect() { ++direct_; }
  void SkipWithoutPolicy() { ++policy_gone_; }

  std::int64_t compared() const { return compared_; }
  std::int64_t changed() const { return changed_; }
  std::int64_t unreadable() const { return unreadable_; }
  std::int64_t without_text() const { return without_text_; }
  std::int64_t direct() const { return direct_; }  // an expert was named: nothing was routed
  std::int64_t policy_gone() const { return policy_gone_; }
  std::int64_t timed() const { return timed_; }
  const Sums& before() const { return before_; }
  const Sums& after() const { return after_; }
  using Move = std::pair<std::string, std::string>;  // from, to; empty: nobody
  // Most frequent first.
  std::vector<std::pair<Move, std::int64_t>> moves() const;
  // By the skill as the first way sees it.
  const std::map<std::string, BySkill>& skills() const { return skills_; }
  const std::vector<Example>& examples() const { return examples_; }
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  void Note(const std::vector<std::string>& notes);

  std::int64_t compared_ = 0;
  std::int64_t changed_ = 0;
  std::int64_t unreadable_ = 0;
  std::int64_t without_text_ = 0;
  std::int64_t direct_ = 0;
  std::int64_t policy_gone_ = 0;
  std::int64_t timed_ = 0;
  Sums before_;
  Sums after_;
  std::map<Move, std::int64_t> moves_;
  std::map<std::string, BySkill> skills_;
  std::vector<Example> examples_;
  std::vector<std::string> notes_;
};

}  // namespace moerge
