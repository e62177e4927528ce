// Keywords and regular expressions, each for a skill: what an operator knows about requests. A
// keyword is a word or several in a row, whole words, whatever their case; `/.../` is a regular
// expression in RE2's syntax, `/.../i` without regard to case, `/.../s` with `.` for line ends too.
//
// Time is linear in the text whatever the patterns: keywords by a table of their first words,
// expressions by RE2 (Cox 2010, "Regular Expression Matching in the Wild"), which never backtracks.
// Immutable once parsed; any thread may match.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/base/result.h"

namespace re2 {
class RE2;
}

namespace moerge {

class RuleTable {
 public:
  static constexpr std::size_t kMaxRules = 2000;
  static constexpr std::size_t kMaxExpressions = 100;  // each reads the text once
  static constexpr std::size_t kMaxRuleBytes = 1000;

  RuleTable();
  ~RuleTable();
  RuleTable(RuleTable&&) noexcept;
  RuleTable& operator=(RuleTable&&) noexcept;

  // By skill: rules separated by commas; `\,` and `\/` are a comma and a slash. Errors: kInvalid,
  // which rule of which skill is wrong and why; `param` "options.rules.SKILL".
  static Result<RuleTable> Parse(const std::map<std::string, std::string>& by_skill);

  struct Rule {
    std::string text;  // as it was written
    std::string skill;
    std::vector<std::uint64_t> words;  // of a keyword; empty: an expression
    std::shared_ptr<const re2::RE2> expression;
  };
  const std::vector<Rule>& rules() const { return rules_; }

  // Indices of the rules that match, ascending, each once.
  void Match(std::string_view text, std::vector<std::uint32_t>* out) const;

 private:
  Status Add(const std::string& skill, std::string_view text);

  std::vector<Rule> rules_;
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> keywords_;  // by first word
  std::vector<std::uint32_t> expressions_;
};

}  // namespace moerge
