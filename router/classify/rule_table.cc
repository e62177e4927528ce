#include "router/classify/rule_table.h"

#include <re2/re2.h>

#include <algorithm>

#include "config/base/hash.h"
#include "config/base/text.h"
#include "config/base/utf8.h"
#include "router/features/normaliser.h"

namespace moerge {
namespace {

// Hashes of the words of a text, lower case; a mark is a word of its own, and so is a character of
// a script without spaces.
void WordsOf(std::string_view text, std::vector<std::uint64_t>* out) {
  thread_local std::string word;
  word.clear();
  out->clear();
  const auto finish = [&] {
    if (!word.empty()) out->push_back(Hash64(word));
    word.clear();
  };
  for (std::size_t at = 0; at < text.size();) {
    const char32_t code = utf8::Next(text, &at);
    const CharKind kind = KindOf(code);
    const bool inside = kind == CharKind::kLetter || kind == CharKind::kDigit;
    if (!inside) finish();
    if (kind == CharKind::kBlank) continue;
    utf8::Append(utf8::Lower(code), &word);
    if (!inside) finish();
  }
  finish();
}

// Where a rule that begins at `begin` ends: at the comma after it, or at the end.
std::size_t EndOfRule(std::string_view list, std::size_t begin) {
  const bool expression = begin < list.size() && list[begin] == '/';
  bool open = expression;
  for (std::size_t at = begin + (expression ? 1 : 0); at < list.size(); ++at) {
    if (list[at] == '\\') {
      ++at;
    } else if (open && list[at] == '/') {
      open = false;
    } else if (!open && list[at] == ',') {
      return at;
    }
  }
  return list.size();
}

std::vector<std::string_view> SplitRules(std::string_view list) {
  std::vector<std::string_view> rules;
  for (std::size_t at = 0; at <= list.size(); ++at) {
    while (at < list.size() && (list[at] == ' ' || list[at] == '\t' || list[at] == '\n')) ++at;
    const std::size_t end = EndOfRule(list, at);
    rules.push_back(Trim(list.substr(at, end - at)));
    at = end;
  }
  return rules;
}

std::string Unescaped(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool escape = text[at] == '\\' && at + 1 < text.size() &&
                        (text[at + 1] == ',' || text[at + 1] == '/' || text[at + 1] == '\\');
    if (escape) ++at;
    out += text[at];
  }
  return out;
}

Result<std::shared_ptr<const re2::RE2>> Compile(std::string_view text) {
  const std::size_t end = text.rfind('/');
  if (end == 0) return Error{ErrorCode::kInvalid, "the closing `/` is missing"};
  re2::RE2::Options options(re2::RE2::Quiet);
  options.set_max_mem(1 << 20);
  options.set_never_capture(true);
  for (const char flag : text.substr(end + 1)) {
    if (flag != 'i' && flag != 's') {
      return Error{ErrorCode::kInvalid, std::string("`") + flag + "` is not a flag; known: i, s"};
    }
    if (flag == 'i') options.set_case_sensitive(false);
    if (flag == 's') options.set_dot_nl(true);
  }
  const std::string_view body = text.substr(1, end - 1);
  if (body.empty()) return Error{ErrorCode::kInvalid, "the expression is empty"};
  auto expression =
      std::make_shared<const re2::RE2>(re2::StringPiece(body.data(), body.size()), options);
  if (!expression->ok()) return Error{ErrorCode::kInvalid, expression->error()};
  return std::shared_ptr<const re2::RE2>(std::move(expression));
}

Error Wrong(const std::string& skill, std::string_view rule, const std::string& what) {
  return Error{.code = ErrorCode::kInvalid,
               .message = "`rules." + skill + "`: `" + std::string(rule) + "`: " + what,
               .param = "options.rules." + skill};
}

}  // namespace

RuleTable::RuleTable() = default;
RuleTable::~RuleTable() = default;
RuleTable::RuleTable(RuleTable&&) noexcept = default;
RuleTable& RuleTable::operator=(RuleTable&&) noexcept = default;

Result<RuleTable> RuleTable::Parse(const std::map<std::string, std::string>& by_skill) {
  RuleTable table;
  for (const auto& [skill, list] : by_skill) {
    for (const std::string_view rule : SplitRules(list)) {
      if (Status added = table.Add(skill, rule); !added) return std::move(added).error();
    }
  }
  return table;
}

Status RuleTable::Add(const std::string& skill, std::string_view text) {
  const auto shown = utf8::Truncate(text, 60);
  if (text.empty()) return Wrong(skill, shown, "there is nothing between two commas");
  if (text.size() > kMaxRuleBytes) {
    return Wrong(skill, shown, "a rule has at most " + std::to_string(kMaxRuleBytes) + " bytes");
  }
  if (rules_.size() == kMaxRules) {
    return Wrong(skill, shown, "a policy has at most " + std::to_string(kMaxRules) + " rules");
  }
  Rule rule;
  rule.text = text;
  rule.skill = skill;
  const auto index = static_cast<std::uint32_t>(rules_.size());
  if (text.front() == '/') {
    if (expressions_.size() == kMaxExpressions) {
      return Wrong(skill, shown,
                   "a policy has at most " + std::to_string(kMaxExpressions) +
                       " regular expressions; keywords cost less");
    }
    Result<std::shared_ptr<const re2::RE2>> expression = Compile(text);
    if (!expression) return Wrong(skill, shown, expression.error().message);
    rule.expression = *std::move(expression);
    expressions_.push_back(index);
  } else {
    WordsOf(Unescaped(text), &rule.words);
    if (rule.words.empty()) return Wrong(skill, shown, "a keyword needs a word");
    keywords_[rule.words.front()].push_back(index);
  }
  rules_.push_back(std::move(rule));
  return Ok{};
}

void RuleTable::Match(std::string_view text, std::vector<std::uint32_t>* out) const {
  thread_local std::vector<std::uint64_t> words;
  out->clear();
  if (!keywords_.empty()) WordsOf(text, &words);
  for (std::size_t at = 0; at < words.size() && !keywords_.empty(); ++at) {
    const auto candidates = keywords_.find(words[at]);
    if (candidates == keywords_.end()) continue;
    for (const std::uint32_t index : candidates->second) {
      const auto& wanted = rules_[index].words;
      const bool fits =
          wanted.size() <= words.size() - at &&
          std::equal(wanted.begin(), wanted.end(), words.begin() + static_cast<std::ptrdiff_t>(at));
      if (fits) out->push_back(index);
    }
  }
  const re2::StringPiece piece(text.data(), text.size());
  for (const std::uint32_t index : expressions_) {
    if (re2::RE2::PartialMatch(piece, *rules_[index].expression)) out->push_back(index);
  }
  std::sort(out->begin(), out->end());
  out->erase(std::unique(out->begin(), out->end()), out->end());
}

}  // namespace moerge
