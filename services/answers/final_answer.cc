#include "services/answers/final_answer.h"

#include <re2/re2.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "config/base/hash.h"
#include "config/base/json.h"
#include "config/base/text.h"
#include "config/base/utf8.h"
#include "services/answers/canonical_json.h"

namespace moerge {
namespace {

constexpr std::size_t kShort = 80;  // a reply of so many bytes is its own answer
constexpr std::size_t kLong = 256;  // canonical answers are no longer
constexpr std::string_view kEmphasis = "*_`$ \t";

// Compiled once.
struct Patterns {
  const RE2 option_line{R"((?m)^[ \t]*\(?([A-Z])[.):][ \t]+\S)"};
  const RE2 next_question{R"(\n\s*(?:Question|Q)\s*:)"};
  const RE2 stated_letter{
      R"((?:(?i:answer)(?i:\s+is)?\s*:?[\s*$]*(?:\\boxed\{|\\text\{)*\(?|\\boxed\{(?:\\text\{)?\(?)([A-Z])\b)"};
  // After "the answer is" or its like: up to the end of the line.
  const RE2 stated_clause{R"((?:(?i:answer)(?i:\s+is\s*:?|\s*:)|####)[\s*]*([^\n]*))"};
  const RE2 boxed{R"(\\boxed\{((?:[^{}]|\{[^{}]*\})*)\})"};
  const RE2 retraction{
      R"((?i)\b(?:wait|actually|correction|let me (?:re|double)|i made (?:a|an) (?:mistake|error)|on second thought)\b)"};
  const RE2 fraction{R"(\\d?frac\{([^{}]*)\}\{([^{}]*)\})"};
  const RE2 number{
      R"(([-+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:[eE][-+]?\d{1,3})?)\s*(?:/\s*(\d+(?:\.\d+)?))?)"};
};

const Patterns& P() {
  static const Patterns patterns;
  return patterns;
}

bool Apostrophe(std::string_view rest) {
  return rest.starts_with('\'') || rest.starts_with("\u2019");
}

// What stands before another question that the model asks itself.
std::string_view OwnPart(std::string_view reply) {
  re2::StringPiece rest(reply.data(), reply.size());
  const std::size_t all = rest.size();
  if (!RE2::FindAndConsume(&rest, P().next_question)) return reply;
  const std::size_t end = all - rest.size();
  const std::size_t line = reply.rfind('\n', end - 1);
  const std::string_view before = reply.substr(0, line);
  return Trim(before).empty() ? reply : before;
}

// The first match of group 1 that `accept` takes; a later one after words that take it back.
template <class Accept>
std::optional<std::string_view> FirstStated(std::string_view reply, const RE2& pattern,
                                            Accept accept) {
  re2::StringPiece rest(reply.data(), reply.size());
  re2::StringPiece group;
  std::optional<std::string_view> stated;
  const char* after = reply.data();
  while (RE2::FindAndConsume(&rest, pattern, &group)) {
    const std::string_view found(group.data(), group.size());
    if (!accept(found)) continue;
    if (stated) {
      const re2::StringPiece between(after, static_cast<std::size_t>(group.data() - after));
      if (!RE2::PartialMatch(between, P().retraction)) return stated;
    }
    stated = found;
    after = group.data() + group.size();
  }
  return stated;
}

std::optional<std::string> Letter(std::string_view reply, std::uint32_t letters) {
  const char* const end = reply.data() + reply.size();
  const auto known = [&](std::string_view letter) {
    const char* const next = letter.data() + 1;
    const bool listed = letters == 0 || ((letters >> (letter[0] - 'A')) & 1) != 0;
    return listed && !Apostrophe({next, static_cast<std::size_t>(end - next)});
  };
  const auto stated = FirstStated(reply, P().stated_letter, known);
  if (stated) return std::string(*stated);
  std::string_view bare = Trim(reply);
  while (!bare.empty() && std::string_view("(*`[").find(bare.front()) != bare.npos) {
    bare.remove_prefix(1);
  }
  const bool alone = !bare.empty() && bare[0] >= 'A' && bare[0] <= 'Z' &&
                     (bare.size() == 1 || std::string_view(").:*`] \n").find(bare[1]) != bare.npos);
  if (alone && reply.size() <= kShort && known(bare.substr(0, 1))) return std::string(1, bare[0]);
  return std::nullopt;
}

// "$1,234.50", "3/4" or "\frac{3}{4}" with whatever unit behind it, as ten significant digits.
std::optional<std::string> AsNumber(std::string_view clause) {
  std::string text(clause);
  RE2::GlobalReplace(&text, P().fraction, R"(\1/\2)");
  std::erase_if(text, [](char c) { return c == '$' || c == '\\' || c == '*'; });
  const std::string_view trimmed = Trim(text);
  re2::StringPiece rest(trimmed.data(), trimmed.size());
  std::string whole;
  std::string below;
  if (!RE2::Consume(&rest, P().number, &whole, &below)) return std::nullopt;
  std::erase(whole, ',');
  const auto value = ParseDouble(whole.starts_with('+') ? whole.substr(1) : whole);
  const auto divisor = below.empty() ? std::optional<double>(1) : ParseDouble(below);
  if (!value || !divisor || *divisor == 0 || !std::isfinite(*value / *divisor)) return std::nullopt;
  char digits[40];
  std::snprintf(digits, sizeof digits, "%.10g", *value / *divisor + 0.0);
  const std::string_view unit = Trim({rest.data(), rest.size()});
  return std::string(digits) + (unit.starts_with('%') ? "%" : "");
}

std::string_view WithoutStop(std::string_view text) {
  const std::size_t end = text.find_last_not_of(".!,;: ");
  return text.substr(0, end == text.npos ? 0 : end + 1);
}

// Where the bracket that begins `text` ends; npos: nowhere.
std::size_t EndOfBracket(std::string_view text) {
  int depth = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    depth += text[at] == '(' || text[at] == '[';
    depth -= text[at] == ')' || text[at] == ']';
    if (depth == 0) return at;
  }
  return text.npos;
}

// Without brackets around all of it, and without a half of a pair at an end. Those inside are part
// of the answer: (x - 9)(x + 4) is not x - 9x + 4.
std::string_view WithoutOuterBrackets(std::string_view text) {
  const auto opens = [](char c) { return c == '(' || c == '['; };
  const auto closes = [](char c) { return c == ')' || c == ']'; };
  for (;;) {
    text = Trim(text);
    if (text.empty()) return text;
    const std::size_t end = opens(text.front()) ? EndOfBracket(text) : 0;
    if (opens(text.front()) && end + 1 == text.size()) {
      text = text.substr(1, text.size() - 2);
    } else if (end == text.npos || closes(text.front())) {
      text.remove_prefix(1);
    } else if (closes(text.back()) &&
               std::ranges::count_if(text, closes) > std::ranges::count_if(text, opens)) {
      text.remove_suffix(1);
    } else {
      return text;
    }
  }
}

// Without case, emphasis, articles, quotes, brackets around it and what ends a sentence.
std::optional<std::string> AsText(std::string_view clause) {
  std::string folded;
  bool gap = false;
  const std::string lower = utf8::Lower(clause);
  for (const char c : lower) {
    const bool dropped = std::string_view("*_`\"'${}").find(c) != std::string_view::npos;
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') gap = !folded.empty();
    if (dropped || c == ' ' || c == '\t' || c == '\n' || c == '\r') continue;
    if (gap) folded += ' ';
    gap = false;
    folded += c;
  }
  if (folded.size() > kLong) return std::nullopt;
  folded = std::string(WithoutStop(WithoutOuterBrackets(WithoutStop(folded))));
  for (const std::string_view article : {"the ", "a ", "an "}) {
    if (folded.starts_with(article)) folded.erase(0, article.size());
  }
  if (folded.empty()) return std::nullopt;
  return folded;
}

// To the end of the sentence: a full stop that ends the clause or has a blank behind it.
std::string_view Sentence(std::string_view clause) {
  for (std::size_t at = 0; at < clause.size(); ++at) {
    if (clause[at] != '.') continue;
    if (at + 1 == clause.size() || clause[at + 1] == ' ') return clause.substr(0, at);
  }
  return clause;
}

// The clause that states the answer, or the whole reply if it is short.
std::optional<std::string_view> Clause(std::string_view reply) {
  const auto any = [](std::string_view found) {
    return found.find_first_not_of(kEmphasis) != found.npos;
  };
  if (const auto boxed = FirstStated(reply, P().boxed, any)) return boxed;
  if (const auto stated = FirstStated(reply, P().stated_clause, any)) return Sentence(*stated);
  const std::string_view whole = Trim(reply);
  if (whole.empty() || whole.size() > kShort) return std::nullopt;
  return whole;
}

// The last number of a reply that states none in words.
std::optional<std::string> LastNumber(std::string_view reply) {
  static const RE2 pattern(R"((?:^|[\s=$(*])([-+]?\d[\d,]*(?:\.\d+)?))");
  re2::StringPiece rest(reply.data(), reply.size());
  re2::StringPiece group;
  std::string_view last;
  while (RE2::FindAndConsume(&rest, pattern, &group)) last = {group.data(), group.size()};
  if (last.empty()) return std::nullopt;
  return AsNumber(last);
}

std::optional<std::string> NumberIn(std::string_view reply) {
  if (const auto clause = Clause(reply)) {
    if (auto number = AsNumber(*clause)) return number;
    if (auto number = LastNumber(*clause)) return number;
  }
  return LastNumber(reply);
}

std::optional<std::string> TextIn(std::string_view reply) {
  const auto clause = Clause(reply);
  return clause ? AsText(*clause) : std::nullopt;
}

// The whole reply, or what stands in its first fence.
std::optional<std::string> JsonIn(std::string_view reply) {
  std::string_view text = Trim(reply);
  if (const std::size_t fence = text.find("```"); fence != text.npos) {
    const std::size_t begin = text.find('\n', fence);
    const std::size_t end = begin == text.npos ? text.npos : text.find("```", begin);
    if (end != text.npos) text = Trim(text.substr(begin, end - begin));
  }
  auto canonical = CanonicalJson(text);
  if (!canonical || canonical->size() <= kLong) return canonical;
  const std::uint64_t hash = Hash64(*canonical);
  return "json " + Hex({reinterpret_cast<const char*>(&hash), sizeof hash});
}

std::optional<std::string> Stated(std::string_view reply) {
  const auto clause = Clause(reply);
  if (!clause) return std::nullopt;
  if (auto number = AsNumber(*clause)) return number;
  return AsText(*clause);
}

}  // namespace

AnswerForm FormOf(std::string_view prompt, AnswerKind kind, bool json) {
  AnswerForm form{.kind = kind};
  re2::StringPiece rest(prompt.data(), prompt.size());
  re2::StringPiece letter;
  while (RE2::FindAndConsume(&rest, P().option_line, &letter)) {
    form.letters |= 1u << (letter[0] - 'A');
  }
  constexpr std::uint32_t kTwo = 3;
  if ((form.letters & kTwo) != kTwo) form.letters = 0;
  if (kind != AnswerKind::kAuto) return form;
  if (json)
    form.kind = AnswerKind::kJson;
  else if (form.letters != 0)
    form.kind = AnswerKind::kChoice;
  return form;
}

std::optional<std::string> FinalAnswer(std::string_view reply, const AnswerForm& form) {
  std::string kept;
  if (reply.find("think>") != reply.npos) {
    kept = WithoutThinking(reply);
    reply = kept;
  }
  if (form.kind == AnswerKind::kJson) return JsonIn(reply);
  reply = OwnPart(reply);
  switch (form.kind) {
    case AnswerKind::kChoice: return Letter(reply, form.letters);
    case AnswerKind::kNumber: return NumberIn(reply);
    case AnswerKind::kText: return TextIn(reply);
    case AnswerKind::kAuto:
    case AnswerKind::kJson: break;
  }
  return Stated(reply);
}

std::string WithoutThinking(std::string_view reply) {
  constexpr std::string_view kOpen = "<think>";
  constexpr std::string_view kClose = "</think>";
  std::string kept;
  // Where the prompt's template opens it, a reply only closes it.
  const std::size_t end = reply.find(kClose);
  if (end != reply.npos && end < reply.find(kOpen)) reply.remove_prefix(end + kClose.size());
  while (!reply.empty()) {
    const std::size_t open = reply.find(kOpen);
    kept.append(reply.substr(0, open));
    if (open == reply.npos) break;
    const std::size_t close = reply.find(kClose, open);
    if (close == reply.npos) break;
    reply.remove_prefix(close + kClose.size());
  }
  return kept;
}

}  // namespace moerge
