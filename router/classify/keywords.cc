#include "router/classify/keywords.h"

#include <algorithm>
#include <map>
#include <set>

#include "config/base/hash.h"
#include "config/base/json.h"
#include "config/base/text.h"
#include "config/base/utf8.h"

namespace moerge {
namespace {

constexpr std::size_t kMaxKeywords = 12;
constexpr std::size_t kMaxKeyword = 64;
constexpr std::size_t kMaxWords = 6;  // in one keyword: more is a sentence
constexpr std::size_t kStem = 5;      // bytes of a word that must agree
constexpr float kSimilarEnough = 0.5f;
constexpr std::size_t kNamedUnknown = 5;  // in one note

// Lower case, runs of anything but letters and digits as one blank; bytes beyond ASCII stay.
std::string Folded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80) != 0;
    if (digit || letter) {
      out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
    } else if (!out.empty() && out.back() != ' ') {
      out.push_back(' ');
    }
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

std::string_view WithoutThinking(std::string_view answer) {
  constexpr std::string_view kEnd = "</think>";
  const std::size_t end = answer.rfind(kEnd);
  if (end != answer.npos) return answer.substr(end + kEnd.size());
  return answer.substr(0, answer.find("<think>"));
}

void AddKeyword(std::string_view text, std::vector<std::string>* out) {
  const std::string folded = Folded(text);
  const auto words = static_cast<std::size_t>(std::count(folded.begin(), folded.end(), ' ')) + 1;
  const bool sane = !folded.empty() && folded.size() <= kMaxKeyword && words <= kMaxWords &&
                    utf8::IsValid(folded);
  const bool fresh = std::find(out->begin(), out->end(), folded) == out->end();
  if (sane && fresh && out->size() < kMaxKeywords) out->push_back(folded);
}

bool AddJson(std::string_view text, std::vector<std::string>* out) {
  const std::size_t begin = text.find('[');
  const std::size_t end = text.rfind(']');
  if (begin == text.npos || end == text.npos || end < begin) return false;
  const auto document = json::Document::Parse(text.substr(begin, end - begin + 1));
  if (!document) return false;
  for (const json::Value element : document->root().children()) {
    if (const auto keyword = element.AsString()) AddKeyword(*keyword, out);
  }
  return !out->empty();
}

// "Skills: algebra" is the keyword "algebra"; "1. algebra" too.
std::string_view WithoutLabel(std::string_view item) {
  const std::size_t colon = item.rfind(':');
  if (colon != item.npos) item.remove_prefix(colon + 1);
  const std::size_t first = item.find_first_not_of("0123456789.)*-# \t\r");
  return first == item.npos ? std::string_view() : item.substr(first);
}

std::vector<std::uint32_t> Trigrams(std::string_view folded) {
  const std::string padded = "  " + std::string(folded) + " ";
  std::vector<std::uint32_t> out;
  for (std::size_t i = 0; i + 3 <= padded.size(); ++i) {
    out.push_back(static_cast<std::uint32_t>(Hash64(std::string_view(padded).substr(i, 3))));
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::vector<std::string> Stems(std::string_view folded) {
  std::set<std::string> stems;
  for (const std::string_view word : Split(folded, ' ')) {
    if (word.size() >= 3) stems.emplace(word.substr(0, kStem));
  }
  return {stems.begin(), stems.end()};
}

// Dice's coefficient of two ascending lists.
float Dice(const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b) {
  std::size_t common = 0;
  for (auto i = a.begin(), j = b.begin(); i != a.end() && j != b.end();) {
    if (*i == *j)
      ++common, ++i, ++j;
    else if (*i < *j)
      ++i;
    else
      ++j;
  }
  return 2.0f * static_cast<float>(common) / static_cast<float>(a.size() + b.size());
}

// The share of the keyword's words that a skill's texts hold.
float Overlap(const std::vector<std::string>& keyword, const std::vector<std::string>& known) {
  if (keyword.empty()) return 0;
  const auto held = std::count_if(keyword.begin(), keyword.end(), [&](const std::string& word) {
    return std::binary_search(known.begin(), known.end(), word);
  });
  return static_cast<float>(held) / static_cast<float>(keyword.size());
}

struct Votes {
  std::map<std::uint32_t, std::pair<SkillId, int>> by_skill;
  std::vector<std::string> unknown;
};

Votes Count(const KeywordSignal& signal, const KeywordIndex& index) {
  Votes votes;
  for (const Keyword& keyword : signal.keywords) {
    const auto match = index.Find(keyword.text);
    if (!match) {
      votes.unknown.push_back(keyword.text);
      continue;
    }
    auto& [skill, count] =
        votes.by_skill.try_emplace(Raw(match->skill), match->skill, 0).first->second;
    count = std::min(count + keyword.count, signal.answers);
  }
  return votes;
}

void NoteUnknown(std::vector<std::string> unknown, Demand* demand) {
  if (unknown.empty()) return;
  const std::size_t more = unknown.size() - std::min(unknown.size(), kNamedUnknown);
  unknown.resize(unknown.size() - more);
  demand->notes.push_back("keywords that name no known skill: " + Join(unknown, ", ") +
                          (more > 0 ? " and " + std::to_string(more) + " more" : ""));
}

}  // namespace

std::vector<std::string> ParseKeywords(std::string_view answer) {
  std::vector<std::string> out;
  const std::string_view text = WithoutThinking(answer);
  if (AddJson(text, &out)) return out;
  std::string lines(text);
  std::replace_if(
      lines.begin(), lines.end(), [](char c) { return c == ',' || c == ';' || c == '|'; }, '\n');
  for (const std::string_view item : Split(lines, '\n')) AddKeyword(WithoutLabel(item), &out);
  return out;
}

KeywordIndex::KeywordIndex(const Snapshot& snapshot) {
  skills_.reserve(snapshot.skills.size());
  for (const SkillEntry& entry : snapshot.skills) {
    Known known;
    known.skill = entry.id;
    known.folded = Folded(entry.spec.name);
    known.trigrams = Trigrams(known.folded);
    known.words =
        Stems(Folded(entry.spec.name + " " + entry.spec.category + " " + entry.spec.description));
    skills_.push_back(std::move(known));
  }
}

std::optional<KeywordIndex::Match> KeywordIndex::Find(std::string_view keyword) const {
  const std::string folded = Folded(keyword);
  if (folded.empty()) return std::nullopt;
  for (const Known& known : skills_) {
    if (known.folded == folded) return Match{known.skill, 1};
  }
  const std::vector<std::uint32_t> trigrams = Trigrams(folded);
  const std::vector<std::string> words = Stems(folded);
  std::optional<Match> best;
  for (const Known& known : skills_) {
    const float similarity =
        std::max(Dice(trigrams, known.trigrams), 0.75f * Overlap(words, known.words));
    if (!best || similarity > best->similarity) best = Match{known.skill, similarity};
  }
  if (best && best->similarity < kSimilarEnough) best.reset();
  return best;
}

bool MixKeywords(const KeywordSignal& signal, const KeywordIndex& index, const KeywordRule& rule,
                 Demand* demand) {
  Votes votes = Count(signal, index);
  NoteUnknown(std::move(votes.unknown), demand);
  std::erase_if(votes.by_skill, [&](const auto& vote) { return vote.second.second < rule.recur; });
  if (votes.by_skill.empty()) return false;
  float total = rule.prior;
  for (const auto& [raw, vote] : votes.by_skill) total += static_cast<float>(vote.second);
  for (SkillProbability& part : demand->skills) part.probability *= rule.prior / total;
  for (const auto& [raw, vote] : votes.by_skill) {
    const float share = static_cast<float>(vote.second) / total;
    const auto at = std::find_if(demand->skills.begin(), demand->skills.end(),
                                 [&](const auto& part) { return part.skill == vote.first; });
    if (at != demand->skills.end())
      at->probability += share;
    else
      demand->skills.push_back({vote.first, share});
  }
  std::stable_sort(demand->skills.begin(), demand->skills.end(),
                   [](const auto& a, const auto& b) { return a.probability > b.probability; });
  if (demand->skills.size() > 16) demand->skills.resize(16);
  demand->confidence = demand->skills.front().probability;
  return true;
}

}  // namespace moerge
