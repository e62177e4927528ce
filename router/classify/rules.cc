#include "router/classify/rules.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "config/base/text.h"
#include "config/policy_options.h"
#include "router/classify/rule_table.h"
#include "router/classify/text_classifier.h"

namespace moerge {
namespace {

// What the labelled prompts say about a rule.
struct KeywordRecord {
  double seen = 0;   // prompts that have it
  double right = 0;  // those of its skill
};

// The features that a text has if it has this keyword.
std::vector<std::uint32_t> BucketsOf(const RuleTable::Rule& rule) {
  RequestText text;
  text.user = rule.text;
  std::vector<std::uint32_t> buckets;
  for (const Feature& feature : ExtractFeatures(Window(text))) buckets.push_back(feature.bucket);
  return buckets;
}

std::vector<KeywordRecord> CountKeywords(const RuleTable& table, const TrainingSet& set) {
  std::vector<KeywordRecord> records(table.rules().size());
  std::vector<std::vector<std::uint32_t>> buckets;
  for (const RuleTable::Rule& rule : table.rules()) {
    buckets.push_back(rule.words.empty() ? std::vector<std::uint32_t>() : BucketsOf(rule));
  }
  std::vector<char> has(kBuckets, 0);
  for (const std::uint32_t document : set.Labelled()) {
    for (const Feature& cell : set.documents[document]) has[cell.bucket] = 1;
    for (std::size_t r = 0; r < records.size(); ++r) {
      const bool seen = !buckets[r].empty() &&
                        std::all_of(buckets[r].begin(), buckets[r].end(),
                                    [&](std::uint32_t bucket) { return has[bucket] != 0; });
      records[r].seen += seen;
      records[r].right += seen && set.skills[set.labels[document]] == table.rules()[r].skill;
    }
    for (const Feature& cell : set.documents[document]) has[cell.bucket] = 0;
  }
  return records;
}

class Rules final : public TextClassifier {
 public:
  enum class Mode { kFirst, kPrior };
  struct Settings {
    Mode mode = Mode::kPrior;
    double weight = 2;
  };

  Rules(std::vector<std::string> skills, std::shared_ptr<const LexicalClassifier> lexical,
        RuleTable table, std::vector<KeywordRecord> records, const Settings& settings)
      : TextClassifier(skills),
        names_(std::move(skills)),
        lexical_(std::move(lexical)),
        table_(std::move(table)),
        records_(std::move(records)),
        settings_(settings) {
    for (const RuleTable::Rule& rule : table_.rules()) {
      const auto at = std::lower_bound(names_.begin(), names_.end(), rule.skill);
      const bool known = at != names_.end() && *at == rule.skill;
      skill_of_.push_back(known ? at - names_.begin() : -1);
    }
  }

  std::string_view name() const override { return "rules"; }

 private:
  bool Probabilities(const Reading& reading, std::vector<float>* out,
                     std::vector<std::string>* notes) const override {
    thread_local std::vector<std::uint32_t> matched;
    const bool told = FromDemand(lexical_->Classify(reading), out);
    table_.Match(UserText(reading), &matched);
    std::erase_if(matched, [&](std::uint32_t rule) { return skill_of_[rule] < 0; });
    if (matched.empty()) {
      notes->emplace_back("no rule matches: lexical");
      return told;
    }
    notes->push_back(Note(matched));
    settings_.mode == Mode::kFirst ? Decide(matched, out) : Multiply(matched, out);
    return true;
  }

  // The last user turn as far as it is read, or its beginning where it is read in part.
  static std::string_view UserText(const Reading& reading) {
    const auto pieces = reading.window().pieces();
    const bool user = !pieces.empty() && pieces.front().weight == Window::kFullWeight;
    return user ? pieces.front().text : std::string_view();
  }

  // How probable its skill is where the rule matches: counted, drawn toward nine in ten.
  double Worth(std::uint32_t rule) const {
    constexpr double kClaim = 0.9;
    constexpr double kClaimed = 10;
    const KeywordRecord& record = records_[rule];
    return (record.right + kClaim * kClaimed) / (record.seen + kClaimed);
  }

  void Decide(const std::vector<std::uint32_t>& matched, std::vector<float>* out) const;
  void Multiply(const std::vector<std::uint32_t>& matched, std::vector<float>* out) const;
  std::string Note(const std::vector<std::uint32_t>& matched) const;

  std::vector<std::string> names_;
  std::shared_ptr<const LexicalClassifier> lexical_;
  RuleTable table_;
  std::vector<KeywordRecord> records_;  // by rule
  std::vector<std::ptrdiff_t> skill_of_;
  Settings settings_;
};

// The matched skills share more than half, by the odds of their best rules; lexical has the rest.
void Rules::Decide(const std::vector<std::uint32_t>& matched, std::vector<float>* out) const {
  constexpr double kLeast = 0.55;
  std::vector<double> odds(out->size(), 0);
  for (const std::uint32_t rule : matched) {
    const double worth = Worth(rule);
    double& own = odds[static_cast<std::size_t>(skill_of_[rule])];
    own = std::max(own, worth / (1 - worth));
  }
  double sum = 0;
  for (const double each : odds) sum += each;
  const double share = std::max(sum / (1 + sum), kLeast);
  float others = 0;
  for (std::size_t s = 0; s < out->size(); ++s) others += odds[s] > 0 ? 0 : (*out)[s];
  for (std::size_t s = 0; s < out->size(); ++s) {
    const double rest = others > 0 ? (1 - share) * static_cast<double>((*out)[s] / others) : 0;
    (*out)[s] = static_cast<float>(odds[s] > 0 ? share * odds[s] / sum : rest);
  }
}

void Rules::Multiply(const std::vector<std::uint32_t>& matched, std::vector<float>* out) const {
  constexpr double kFading = 20;  // prompts with the keyword, by which half of its weight is gone
  std::vector<double> weight(out->size(), 0);
  for (const std::uint32_t rule : matched) {
    double& own = weight[static_cast<std::size_t>(skill_of_[rule])];
    own = std::max(own, settings_.weight * kFading / (kFading + records_[rule].seen));
  }
  double sum = 0;
  for (std::size_t s = 0; s < out->size(); ++s) {
    const double raised = static_cast<double>((*out)[s]) * std::exp(weight[s]);
    (*out)[s] = static_cast<float>(raised);
    sum += raised;
  }
  for (float& probability : *out) probability /= static_cast<float>(sum);
}

std::string Rules::Note(const std::vector<std::uint32_t>& matched) const {
  constexpr std::size_t kShown = 4;
  std::string note = "matched";
  for (std::size_t i = 0; i < std::min(matched.size(), kShown); ++i) {
    const RuleTable::Rule& rule = table_.rules()[matched[i]];
    const KeywordRecord& record = records_[matched[i]];
    note += (i == 0 ? " " : ", ") + ("`" + rule.text + "` -> " + rule.skill);
    if (record.seen > 0) {
      char counted[64];
      std::snprintf(counted, sizeof counted, " (right in %.0f of %.0f labelled prompts)",
                    record.right, record.seen);
      note += counted;
    }
  }
  if (matched.size() > kShown) note += " and " + std::to_string(matched.size() - kShown) + " more";
  return note;
}

}  // namespace

ClassifierPtr TrainRules(const ClassifierTask& task) {
  Result<RuleTable> table = RuleTable::Parse(task.options->rules);
  if (!table) table = RuleTable();
  Rules::Settings settings;
  if (task.options->rules_mode == RulesMode::kFirst) settings.mode = Rules::Mode::kFirst;
  settings.weight = task.options->rules_weight;
  std::vector<KeywordRecord> records = CountKeywords(*table, task.set);
  return std::make_shared<const Rules>(task.set.skills, task.lexical, *std::move(table),
                                       std::move(records), settings);
}

Status CheckRules(const ClassifierOptions& options, const std::vector<std::string>* skills) {
  const std::map<std::string, std::string>& rules = options->rules;
  if (rules.empty()) {
    return Error{.code = ErrorCode::kInvalid,
                 .message =
                     "`rules` wants at least one rule, for example `rules.SKILL: \"a word, "
                     "several words, /an expression/i\"` with the name of a skill",
                 .param = "options"};
  }
  for (const auto& [skill, list] : rules) {
    if (skills == nullptr) break;
    if (Status known = CheckSkillOption("rules." + skill, *skills); !known) return known;
  }
  const Result<RuleTable> table = RuleTable::Parse(rules);
  if (!table) return table.error();
  return Ok{};
}

}  // namespace moerge
