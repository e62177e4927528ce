#include "router/evaluate/option_rows.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "config/base/text.h"
#include "config/policy_options.h"

namespace moerge {
namespace {

Error Wrong(const std::string& setting, const std::string& allowed) {
  return Error{ErrorCode::kInvalid, "`" + setting + "`: it must be " + allowed};
}

Status SetNumber(const std::string& setting, double least, double most, double* out) {
  const auto number = ParseDouble(setting.substr(setting.find('=') + 1));
  if (!number || !(*number >= least && *number <= most)) {
    return Wrong(setting, "a number from " + FormatNumber(least) + " to " + FormatNumber(most));
  }
  *out = *number;
  return Ok{};
}

// Of experts.
Status SetCount(const std::string& setting, int least, int* out) {
  const auto count = ParseInt(setting.substr(setting.find('=') + 1));
  if (!count || *count < least || *count > 64) {
    return Wrong(setting, std::to_string(least) + " to 64 experts");
  }
  *out = static_cast<int>(*count);
  return Ok{};
}

// Two digits: the row's name shows it.
std::string Short(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2g", value);
  return text;
}

Contestant Row(const std::string& base, const std::vector<std::string>& settings) {
  Contestant row{base + " " + Join(settings, " "), "option", {}, {}, {}};
  for (const std::string& setting : settings) {
    const Status known = ApplySetting(setting, &row.policy);
    if (!known) row.lacks = known.error().message;
  }
  row.policy.name = row.name;
  return row;
}

Contestant VoteRow(int experts, const std::vector<std::string>& settings) {
  Contestant row = Row("vote-" + std::to_string(experts), settings);
  row.policy.experts = experts;
  row.policy.aggregate = "vote";
  return row;
}

Contestant Lacking(Contestant row, bool there, std::string_view what) {
  if (!there) row.lacks = what;
  return row;
}

// The weight at which the cheapest expert is asked instead of one at the highest price unless that
// one leads by a fifth; with it a budget half way between the two.
std::vector<Contestant> PriceRows(const TableTraits& traits) {
  constexpr double kLead = 0.2;
  const double range = traits.highest_price - traits.lowest_price;
  const bool there = range > 0;
  const std::string weight = there ? "=" + Short(kLead / range) : "=0.01";
  const std::string budget = there ? "=" + Short(traits.lowest_price + range / 2) : "=1";
  Contestant mapped = Row("recruiter-mapping", {"mapping.budget" + budget});
  mapped.policy.recruiter = "mapping";
  std::vector<Contestant> rows;
  for (Contestant row :
       {Row("auto", {"price_weight" + weight}), mapped, Row("auto", {"experts.null=true"})}) {
    rows.push_back(Lacking(std::move(row), there, "prices in the table that differ"));
  }
  return rows;
}

// The other heads over the same vectors.
std::vector<Contestant> HeadRows(const TableTraits& traits) {
  std::vector<Contestant> rows;
  if (!traits.vectors) return rows;
  for (const char* head : {"centroid", "knn"}) {
    rows.push_back(Row("classifier-embedding", {std::string("embedding.head=") + head}));
    rows.back().policy.classifier = "embedding";
  }
  return rows;
}

// Words that name nothing are no keywords.
bool Tells(const std::string& word) {
  static constexpr std::array<std::string_view, 5> kEmpty = {"and", "for", "other", "the", "with"};
  return word.size() > 2 && std::find(kEmpty.begin(), kEmpty.end(), word) == kEmpty.end();
}

std::vector<std::string> KeywordsOf(const std::string& category) {
  std::vector<std::string> words(1);
  for (const char c : LowerAscii(category)) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80) != 0;
    if (letter) {
      words.back() += c;
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  std::erase_if(words, [](const std::string& word) { return !Tells(word); });
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

}  // namespace

Status ApplySetting(const std::string& setting, Policy* policy) {
  const std::size_t equals = setting.find('=');
  if (equals == setting.npos) return Wrong(setting, "NAME=VALUE");
  const std::string name = setting.substr(0, equals);
  const std::string value = setting.substr(equals + 1);
  if (name == "price_weight") return SetNumber(setting, 0, 1e12, &policy->price_weight);
  if (name == "min_score") return SetNumber(setting, 0, 1, &policy->min_score);
  if (name == "experts") return SetCount(setting, 1, &policy->experts);
  if (name == "max_fallbacks") return SetCount(setting, 0, &policy->max_fallbacks);
  if (name == "aggregate") {
    if (value != "first" && value != "vote" && value != "cascade") {
      return Wrong(setting, "first, vote or cascade");
    }
    policy->aggregate = value;
    return Ok{};
  }
  if (Status known = CheckOption(name, value); !known) return known;
  policy->options.Set(name, value);
  return Ok{};
}

std::vector<Contestant> OptionContestants(const TableTraits& traits) {
  const std::string_view answers = "recorded answers that can be voted on";
  std::vector<Contestant> rows = {Row("auto", {"experts.caution=1"}),
                                  Row("auto", {"experts.abstain=0.5"})};
  for (Contestant row : {VoteRow(5, {"experts.max=5", "experts.confidence=0.5"}),
                         VoteRow(1, {"experts.margin=0.02"}), VoteRow(5, {"experts.null=true"})}) {
    rows.push_back(Lacking(std::move(row), traits.answers, answers));
  }
  for (Contestant& row : PriceRows(traits)) rows.push_back(std::move(row));
  for (Contestant& row : HeadRows(traits)) rows.push_back(std::move(row));
  return rows;
}

Contestant RulesFromNames(const std::vector<std::string>& categories) {
  Contestant row{"classifier-rules", "classifier", {}, {}, {}};
  row.policy.name = row.name;
  row.policy.classifier = "rules";
  for (const std::string& category : categories) {
    const std::string option = "rules." + category;
    const std::vector<std::string> words = KeywordsOf(category);
    if (words.empty() || option == "rules.mode" || option == "rules.weight") continue;
    row.policy.options.Set(option, Join(words, ", "));
  }
  if (row.policy.options.empty()) {
    row.lacks = "categories in the table whose names have words";
  } else {
    row.note = "rules: the words of each category's own name, not expert knowledge";
  }
  return row;
}

}  // namespace moerge
