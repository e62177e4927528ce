// The options that policies may set: one table with the name, type, range, default and help of
// each, and the typed values that a policy's words stand for. What a policy says is read once, when
// it is set; from then on its values are members, so that a wrong name does not compile.
//
// The table also says what /api/v1/policy-kinds shows and what CheckOption allows. Plain values;
// any thread may read.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/result.h"

namespace moerge {

// The values of choices, in the order of the words in the table.
enum class AnswersKept { kText, kHash };
enum class AnswerKind {
  kAuto,  // a letter if the request lists lettered options, else whatever the reply states
  kChoice,
  kNumber,
  kText,
  kJson,
};
enum class BalanceIsolation { kTenant, kNone };
enum class BalanceOverflow { kReroute, kRefuse };
enum class BatchAssign {
  kNone,
  kExpertChoice,  // each expert takes the requests that it is best for, as many as it may
  kBalanced,      // the highest sum of scores that there is under the experts' capacities
};
enum class BestOfScorer { kAuto, kAgreement, kJudge, kPairwise };
enum class BelowConfidence { kAbstain, kEscalate };
enum class CostMeasure {
  kPrice,  // USD per million tokens, input and output averaged 3 : 1
  kSize,   // billions of active parameters; experts of unknown size are left out
  // ms until an answer is whole, half of the expert's take no longer; experts that were neither
  // measured nor declare it are left out
  kLatency,
};
enum class HeadKind { kLogistic, kCentroid, kKnn };
enum class NumbersRule { kPlurality, kMedian, kMean };
enum class RulesMode { kPrior, kFirst };
enum class SessionKeySource { kAuto, kHeader, kPrefix };

// The value of each option; a member is named like its option, with `_` for the dot. What an option
// means, its range and its default stand in the table.
struct PolicyValues {
  std::int64_t answers_bytes = 0;
  AnswersKept answers_keep{};
  AnswerKind answers_kind{};
  std::size_t answers_minimum = 0;
  std::size_t auction_candidates = 0;
  std::chrono::milliseconds auction_deadline_ms{};
  bool auction_logprobs = false;
  int auction_max_tokens = 0;
  double auction_weight = 0;
  bool author_attribution = false;
  std::string author_expert;
  double balance_capacity = 0;
  BalanceIsolation balance_isolation{};
  BalanceOverflow balance_overflow{};
  double balance_step = 0;
  int balance_window = 0;
  BatchAssign batch_assign{};
  double batch_capacity = 0;
  std::map<std::string, double> batch_part;
  BestOfScorer best_of_scorer{};
  double cascade_logprob_weight = 0;
  std::size_t cascade_max = 0;
  double cascade_target = 0;
  BelowConfidence confidence_below{};
  std::string confidence_expert;
  double confidence_floor = 0;
  std::size_t confidence_paraphrases = 0;
  std::string confidence_words;
  int debate_rounds = 0;
  std::string embedding_backend;
  std::chrono::milliseconds embedding_deadline_ms{};
  HeadKind embedding_head{};
  std::string embedding_model;
  double experts_abstain = 0;
  std::size_t experts_broadcast = 0;
  double experts_caution = 0;
  double experts_complementarity = 0;
  double experts_confidence = 0;
  double experts_gain = 0;
  double experts_margin = 0;
  std::size_t experts_max = 0;
  bool experts_null = false;
  double experts_tolerance = 0;
  double gate_experts = 0;
  double judge_agreement = 0;
  std::size_t judge_count = 0;
  std::string judge_experts;
  int judge_max_tokens = 0;
  std::map<std::string, AnswerKind> kinds;
  double knn_experts = 0;
  std::size_t knn_k = 0;
  int layers_depth = 0;
  bool layers_review = false;
  std::int64_t limits_calls = 0;
  double limits_cost_usd = 0;
  std::chrono::milliseconds limits_time_ms{};
  std::int64_t limits_tokens = 0;
  std::chrono::milliseconds llm_deadline_ms{};
  std::string llm_expert;
  int llm_max_tokens = 0;
  double llm_prior = 0;
  int llm_recur = 0;
  int llm_samples = 0;
  double mapping_budget = 0;
  CostMeasure mapping_measure{};
  bool mapping_none = false;
  double race_hedge = 0;
  std::chrono::milliseconds race_hedge_ms{};
  std::size_t refine_drafts = 0;
  double refine_temperature = 0;
  std::map<std::string, std::string> rules;
  RulesMode rules_mode{};
  double rules_weight = 0;
  double sampling_temperature = 0;
  std::chrono::seconds session_idle_s{};
  SessionKeySource session_key{};
  double session_margin = 0;
  int session_max_switches = 0;
  bool session_sticky = false;
  std::chrono::milliseconds stream_comment_ms{};
  double tools_threshold = 0;
  std::size_t tree_depth = 0;
  double tree_experts = 0;
  std::size_t tree_rows = 0;
  std::size_t vote_at_once = 0;
  double vote_confidence = 0;
  double vote_gain = 0;
  NumbersRule vote_numbers{};
};

enum class OptionType { kNumber, kInteger, kFlag, kChoice, kText };

struct PolicyOption {
  std::string_view name;  // dotted: the part it belongs to comes first; "rules.*": any such name
  OptionType type;
  double least;  // kNumber, kInteger
  double most;
  std::string_view fallback;  // the value when it is not set, as it would be written
  std::string_view choices;   // kChoice: separated by blanks
  std::string_view help;
  // Puts `value`, which is allowed, into its member; `rest`: what `*` stands for.
  void (*assign)(const PolicyOption& option, std::string_view rest, std::string_view value,
                 PolicyValues* values);
};

std::span<const PolicyOption> PolicyOptionTable();  // by name

// Error: kInvalid; names the option, what is allowed, and a near name; `param` "options.NAME".
Status CheckOption(std::string_view name, std::string_view value);

// Whether an option that is named after a skill behind its dot ("rules.algebra") names one of
// `skills`. Error: kInvalid, with a near name; `param` "options.NAME".
Status CheckSkillOption(std::string_view name, const std::vector<std::string>& skills);

// What a policy sets, in its own words and as values. Words that the table does not allow are kept,
// so that they can be shown and checked, and leave the default in force. Copies share the values.
class PolicyOptions {
 public:
  using Words = std::map<std::string, std::string>;  // by name

  PolicyOptions();  // nothing is set
  PolicyOptions(Words words);
  PolicyOptions(std::initializer_list<Words::value_type> words) : PolicyOptions(Words(words)) {}

  void Set(const std::string& name, std::string value);

  const PolicyValues* operator->() const { return values_.get(); }
  const PolicyValues& operator*() const { return *values_; }

  const Words& words() const { return words_; }
  bool Has(const std::string& name) const { return words_.contains(name); }
  bool empty() const { return words_.empty(); }
  Words::const_iterator begin() const { return words_.begin(); }
  Words::const_iterator end() const { return words_.end(); }
  bool operator==(const PolicyOptions& other) const { return words_ == other.words_; }

 private:
  Words words_;
  std::shared_ptr<const PolicyValues> values_;  // never null
};

}  // namespace moerge
