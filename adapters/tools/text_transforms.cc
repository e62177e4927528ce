#include "adapters/tools/text_transforms.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "adapters/tools/number_literal.h"
#include "adapters/tools/request.h"
#include "adapters/tools/unicode.h"
#include "config/base/text.h"

namespace moerge::tools {
namespace {

template <class Predicate>
std::size_t CountPoints(std::string_view text, Predicate predicate) {
  const std::vector<std::int32_t> points = CodePoints(text);
  return static_cast<std::size_t>(std::count_if(points.begin(), points.end(), predicate));
}

bool IsVowel(std::int32_t point) {
  return point < 128 &&
         std::string_view("aeiouAEIOU").find(static_cast<char>(point)) != std::string_view::npos;
}
bool IsAsciiLetter(std::int32_t point) {
  return (point >= 'a' && point <= 'z') || (point >= 'A' && point <= 'Z');
}
bool IsWordPoint(std::int32_t point) { return IsLetter(point) || IsDecimalDigit(point); }

std::size_t CountLines(std::string_view text) {
  const auto breaks = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  return breaks + (text.empty() || text.back() == '\n' ? 0 : 1);
}

std::size_t CountUniqueWords(std::string_view text) {
  std::set<std::string> unique;
  for (const std::string& word : SplitWords(text)) {
    std::vector<std::int32_t> points = CodePoints(FoldCase(word));
    while (!points.empty() && !IsWordPoint(points.back())) points.pop_back();
    while (!points.empty() && !IsWordPoint(points.front())) points.erase(points.begin());
    if (!points.empty()) unique.insert(EncodeUtf8(points));
  }
  return unique.size();
}

// Signs that stand alone between spaces, such as a dash, are no words.
std::size_t CountWords(std::string_view text) {
  const std::vector<std::string> words = SplitWords(text);
  return static_cast<std::size_t>(
      std::count_if(words.begin(), words.end(), [](const std::string& word) {
        const std::vector<std::int32_t> points = CodePoints(word);
        return std::any_of(points.begin(), points.end(), IsWordPoint);
      }));
}

TextCount CountCharacters(std::string_view text) {
  const std::size_t graphemes = Graphemes(text).size();
  const std::size_t points = CodePoints(text).size();
  const std::string detail =
      graphemes == points ? "" : " (" + std::to_string(points) + " code points)";
  return {.count = graphemes, .working = "characters including spaces and punctuation" + detail};
}

// Words for re-casing: runs of letters and digits, also split where a capital follows a small
// letter.
std::vector<std::string> CaseWords(std::string_view text) {
  std::vector<std::string> words;
  std::vector<std::int32_t> current;
  const auto flush = [&] {
    if (!current.empty()) words.push_back(ToLower(EncodeUtf8(current)));
    current.clear();
  };
  std::int32_t previous = ' ';
  for (const std::int32_t point : CodePoints(text)) {
    const bool hump = previous >= 'a' && previous <= 'z' && point >= 'A' && point <= 'Z';
    if (!IsWordPoint(point) && point != '\'') flush();
    if (hump) flush();
    if (IsWordPoint(point)) current.push_back(point);
    previous = point;
  }
  flush();
  return words;
}

std::string Capitalized(std::string_view word) {
  std::vector<std::int32_t> points = CodePoints(ToLower(word));
  const auto letter = std::find_if(points.begin(), points.end(), IsWordPoint);
  if (letter != points.end()) {
    const std::string upper = ToUpper(EncodeUtf8({*letter}));
    *letter = CodePoints(upper)[0];
  }
  return EncodeUtf8(points);
}

// Two letters in capitals, as German spelling has it; the single-letter mapping would give the rare
// capital form.
std::string WithoutSharpS(std::string_view text) {
  static constexpr std::string_view kSharpS = "ß";
  std::string out(text);
  for (std::size_t at = out.find(kSharpS); at != std::string::npos; at = out.find(kSharpS, at)) {
    out.replace(at, kSharpS.size(), "ss");
  }
  return out;
}

std::string TitleCase(std::string_view text) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t begin = std::min(text.find_first_not_of(" \t\r\n", at), text.size());
    const std::size_t end = std::min(text.find_first_of(" \t\r\n", begin), text.size());
    out += text.substr(at, begin - at);
    out += Capitalized(text.substr(begin, end - begin));
    at = end;
  }
  return out;
}

std::string JoinedWords(std::string_view text, std::string_view separator, bool upper) {
  std::string out;
  for (const std::string& word : CaseWords(text))
    out += (out.empty() ? "" : std::string(separator)) + (upper ? ToUpper(word) : word);
  return out;
}

std::string Humps(std::string_view text, bool first_upper) {
  std::string out;
  for (const std::string& word : CaseWords(text))
    out += out.empty() && !first_upper ? word : Capitalized(word);
  return out;
}

std::string Folded(std::string_view text) {
  std::vector<std::int32_t> points = CodePoints(FoldCase(text));
  points.erase(std::remove_if(points.begin(), points.end(),
                              [](std::int32_t point) { return !IsWordPoint(point); }),
               points.end());
  return EncodeUtf8(points);
}

std::string CleanItem(std::string_view item) {
  item = Trim(item);
  for (const std::string_view bullet : {"- ", "* ", "• "}) {
    if (item.starts_with(bullet)) item = Trim(item.substr(bullet.size()));
  }
  return std::string(item);
}

TextList SplitAt(std::string_view text, char separator, std::string joint) {
  TextList list{.items = {}, .separator = std::move(joint)};
  for (const std::string_view part : Split(text, separator)) {
    std::string item = CleanItem(part);
    if (!item.empty()) list.items.push_back(std::move(item));
  }
  return list;
}

}  // namespace

std::optional<TextCount> CountUnits(std::string_view unit, std::string_view text) {
  if (unit == "words" || unit == "word")
    return TextCount{CountWords(text), "words separated by white space"};
  if (unit == "characters" || unit == "chars" || unit == "character") return CountCharacters(text);
  if (unit == "letters")
    return TextCount{CountPoints(text, IsLetter),
                     "letters alone, without spaces, digits and punctuation"};
  if (unit == "vowels") return TextCount{CountPoints(text, IsVowel), "a, e, i, o, u"};
  if (unit == "consonants") {
    return TextCount{
        CountPoints(text, [](std::int32_t p) { return IsAsciiLetter(p) && !IsVowel(p); }),
        "letters other than a, e, i, o, u"};
  }
  if (unit == "digits") return TextCount{CountPoints(text, IsDecimalDigit), "decimal digits"};
  if (unit == "spaces")
    return TextCount{static_cast<std::size_t>(std::count(text.begin(), text.end(), ' ')), "spaces"};
  if (unit == "lines") return TextCount{CountLines(text), "lines, empty ones too"};
  if (unit == "bytes") return TextCount{text.size(), "bytes in UTF-8"};
  if (unit == "unique words" || unit == "distinct words")
    return TextCount{CountUniqueWords(text), "different words, case and punctuation ignored"};
  return std::nullopt;
}

std::size_t CountOccurrences(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

std::size_t CountWord(std::string_view text, std::string_view word) {
  std::size_t count = 0;
  std::vector<std::int32_t> current;
  const std::vector<std::int32_t> wanted = CodePoints(word);
  std::vector<std::int32_t> points = CodePoints(text);
  points.push_back(' ');
  for (const std::int32_t point : points) {
    if (IsWordPoint(point) || point == '\'') {
      current.push_back(point);
      continue;
    }
    count += current == wanted ? 1 : 0;
    current.clear();
  }
  return count;
}

std::string ReverseCharacters(std::string_view text) {
  std::vector<std::string_view> clusters = Graphemes(text);
  std::string out;
  for (auto cluster = clusters.rbegin(); cluster != clusters.rend(); ++cluster) out += *cluster;
  return out;
}

std::string ReverseWords(std::string_view text) {
  std::vector<std::string> words = SplitWords(text);
  std::reverse(words.begin(), words.end());
  return Join(words, " ");
}

std::optional<std::string> ChangeCase(std::string_view style, std::string_view text) {
  if (style == "upper") return ToUpper(WithoutSharpS(text));
  if (style == "lower") return ToLower(text);
  if (style == "title") return TitleCase(text);
  if (style == "snake") return JoinedWords(text, "_", false);
  if (style == "kebab") return JoinedWords(text, "-", false);
  if (style == "constant") return JoinedWords(text, "_", true);
  if (style == "camel") return Humps(text, false);
  if (style == "pascal") return Humps(text, true);
  return std::nullopt;
}

bool IsPalindrome(std::string_view text) {
  const std::string folded = Folded(text);
  return ReverseCharacters(folded) == folded;
}

bool AreAnagrams(std::string_view a, std::string_view b) {
  std::vector<std::int32_t> left = CodePoints(Folded(a));
  std::vector<std::int32_t> right = CodePoints(Folded(b));
  std::sort(left.begin(), left.end());
  std::sort(right.begin(), right.end());
  return left == right;
}

TextList SplitItems(std::string_view text) {
  text = Trim(text);
  if (text.find('\n') != std::string_view::npos) return SplitAt(text, '\n', "\n");
  if (text.find(';') != std::string_view::npos) return SplitAt(text, ';', "; ");
  if (text.find(',') == std::string_view::npos)
    return TextList{.items = SplitWords(text), .separator = " "};
  TextList list = SplitAt(text, ',', ", ");
  if (!list.items.empty() && list.items.back().starts_with("and ")) list.items.back().erase(0, 4);
  return list;
}

std::string JoinItems(const TextList& list) { return Join(list.items, list.separator); }

bool SortItems(TextList& list, bool descending) {
  std::vector<std::pair<mpq_class, std::string>> numbers;
  std::vector<std::pair<std::string, std::string>> names;
  for (const std::string& item : list.items) {
    const auto number =
        item.find_first_of("0123456789") != std::string::npos ? ParseNumber(item) : std::nullopt;
    if (number) numbers.emplace_back(*number, item);
    names.emplace_back(FoldCase(item), item);
  }
  const bool numeric = numbers.size() == list.items.size();
  const auto arrange = [&](auto& keyed) {
    std::stable_sort(keyed.begin(), keyed.end(), [&](const auto& a, const auto& b) {
      return descending ? b.first < a.first : a.first < b.first;
    });
    std::transform(keyed.begin(), keyed.end(), list.items.begin(),
                   [](const auto& entry) { return entry.second; });
  };
  numeric ? arrange(numbers) : arrange(names);
  return numeric;
}

void RemoveDuplicates(TextList& list) {
  std::set<std::string> seen;
  std::vector<std::string> unique;
  for (const std::string& item : list.items) {
    if (seen.insert(item).second) unique.push_back(item);
  }
  list.items = std::move(unique);
}

}  // namespace moerge::tools
