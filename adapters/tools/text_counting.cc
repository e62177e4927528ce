// How many words, characters, letters, occurrences.
#include <algorithm>
#include <string>

#include "adapters/tools/request.h"
#include "adapters/tools/text_rules.h"
#include "adapters/tools/text_transforms.h"
#include "adapters/tools/unicode.h"
#include "config/base/text.h"

namespace moerge::tools {
namespace {

using Reply = std::optional<ToolReply>;

Reply CountOf(std::string_view unit, std::string_view text) {
  const auto count = CountUnits(LowerAscii(unit), text);
  if (!count) return std::nullopt;
  return Answered(std::to_string(count->count), count->working);
}

// "War and Peace" in quotes may be the title of a work whose words are meant.
bool CouldBeTitle(const TextArgument& text) {
  const bool capital = !text.text.empty() && text.text[0] >= 'A' && text.text[0] <= 'Z';
  return !text.after_colon && capital &&
         std::string_view(".!?").find(text.text.back()) == std::string_view::npos;
}

Reply CountNamedText(const TextArguments& a) {
  if (!a[1].delimited && LowerAscii(a[0].text) != "letters") return std::nullopt;
  return CountOf(a[0].text, a[1].text);
}

Reply CountPlainText(const TextArguments& a) {
  if (!a[1].delimited) return std::nullopt;
  if (CouldBeTitle(a[1]) && a[0].text != "letters")
    return Declined("the quoted text could be the title of a work");
  return CountOf(a[0].text, a[1].text);
}

Reply CountLetters(const TextArguments& a) { return CountOf("letters", a[0].text); }
Reply CountWordsOf(const TextArguments& a) {
  return a[0].delimited ? CountOf("words", a[0].text) : std::nullopt;
}
Reply CountCharactersOf(const TextArguments& a) {
  return a[0].delimited ? CountOf("characters", a[0].text) : std::nullopt;
}
Reply CountUniqueWordsOf(const TextArguments& a) {
  return a[0].delimited ? CountOf("unique words", a[0].text) : std::nullopt;
}

ToolReply Occurrences(std::string_view part, std::string_view text, bool whole_word) {
  const auto count = whole_word ? &CountWord : &CountOccurrences;
  const std::size_t exact = count(text, part);
  const std::size_t folded = count(FoldCase(text), FoldCase(part));
  const std::string working = "\"" + std::string(part.substr(0, 40)) + "\" in \"" +
                              std::string(text.substr(0, 80)) + (text.size() > 80 ? "..." : "") +
                              "\"";
  if (exact == folded) return Answered(std::to_string(exact), working);
  return Answered(
      std::to_string(folded) + " (" + std::to_string(exact) + " with exactly this case)",
      working + ", case ignored");
}

// One letter out of r, r's, rs.
std::string_view SingleLetter(std::string_view text) {
  for (const std::string_view ending : {"'s", "\u2019s", "s"}) {
    if (text.size() == ending.size() + 1 && text.ends_with(ending)) return text.substr(0, 1);
  }
  return text.size() == 1 ? text : std::string_view();
}

bool IsAsciiLetterText(std::string_view text) {
  return text.size() == 1 && std::isalpha(static_cast<unsigned char>(text[0])) != 0;
}

Reply LettersIn(const TextArguments& a) {
  const std::string_view letter = SingleLetter(a[0].text);
  if (!IsAsciiLetterText(letter)) return std::nullopt;
  return Occurrences(letter, a[1].text, false);
}

Reply LetterTimes(const TextArguments& a) {
  if (Graphemes(a[0].text).size() != 1) return std::nullopt;
  return Occurrences(a[0].text, a[1].text, false);
}

Reply WordTimes(const TextArguments& a) {
  if (!a[1].delimited || a[0].text.find(' ') != std::string_view::npos) return std::nullopt;
  return Occurrences(a[0].text, a[1].text, true);
}

Reply PartTimes(const TextArguments& a) {
  const bool letter = IsAsciiLetterText(a[0].text);
  if (!a[0].delimited && !letter) return std::nullopt;
  if (!letter && !a[1].delimited) return std::nullopt;
  // Whether "ana" occurs once or twice in "banana" depends on whether overlaps count.
  const std::size_t overlapping = CountOccurrences(a[1].text, a[0].text);
  const std::string doubled = std::string(a[0].text);
  std::size_t separate = 0;
  for (std::size_t at = a[1].text.find(a[0].text); at != std::string_view::npos;
       at = a[1].text.find(a[0].text, at + a[0].text.size()))
    ++separate;
  if (separate != overlapping)
    return Declined("occurrences overlap: " + std::to_string(separate) + " without and " +
                    std::to_string(overlapping) + " with overlaps");
  return Occurrences(a[0].text, a[1].text, false);
}

}  // namespace

const std::vector<TextRule>& CountingRules() {
  static const std::string named =
      "(this|the|the following|following) [following] "
      "(text|string|sentence|phrase|paragraph|passage|word|message|lines|code)";
  static const std::string word = "[the] [word|string|phrase|text|sentence|name]";
  static const std::vector<TextRule> rules = {
      {Pattern("how many <unit> [are|is] [there] [in] " + named + " <q> [have|contain]"), true,
       &CountNamedText},
      {Pattern("how many <unit> (does|do) " + named + " <q> (have|contain)"), true,
       &CountNamedText},
      {Pattern("(count|what is the number of|count the number of|give me the number of|the number "
               "of|number of|count the) <unit> (in|of) " +
               named + " <q>"),
       true, &CountNamedText},
      {Pattern("how many <unit> (are in|are there in|in|does) <q> [have|contain]"), false,
       &CountPlainText},
      {Pattern("(count|what is the number of|count the number of|the number of|number of|count "
               "the) <unit> (in|of) [this|these|the following] <q>"),
       false, &CountPlainText},
      {Pattern("count [the] <unit> <q>"), false, &CountPlainText},
      {Pattern("how many letters (are in|are there in|in) the word <q>"), true, &CountLetters},
      {Pattern("[what is] [the] word count (of|for|in) [this|the following] [text|sentence] <q>"),
       false, &CountWordsOf},
      {Pattern("word count <q>"), false, &CountWordsOf},
      {Pattern("[what is] [the] (character count|length|number of characters) (of|for|in) "
               "[this|the following|the] [text|string|sentence] <q>"),
       false, &CountCharactersOf},
      {Pattern("(character count|string length) <q>"), false, &CountCharactersOf},
      {Pattern("(how many|count the|count) (unique|distinct|different) words [are] [there] (in|are "
               "in) [this|the following] [text|sentence] <q>"),
       false, &CountUniqueWordsOf},
      {Pattern("how many <letter> (are in|are there in|in|are there in the word) " + word + " <w>"),
       true, &LettersIn},
      {Pattern("how many <letter> (does|do) " + word + " <w> (have|contain)"), true, &LettersIn},
      {Pattern("how many letter <letter> (are in|are there in|in) " + word + " <w>"), true,
       &LettersIn},
      {Pattern("(count the|count the number of|what is the number of|number of|the number of) "
               "<letter> in " +
               word + " <w>"),
       true, &LettersIn},
      {Pattern("how many times (does|is|do) the (letter|character) <c> (appear|occur|show "
               "up|used|appears) in " +
               word + " <w>"),
       true, &LetterTimes},
      {Pattern("how many times (does|is) the word <c> (appear|occur|show up|used|appears) in " +
               word + " <w>"),
       true, &WordTimes},
      {Pattern("how many times (does|is|do) [the] [substring|string|phrase] <c> (appear|occur|show "
               "up|used) in " +
               word + " <w>"),
       true, &PartTimes},
      {Pattern("(count|count the|count the number of|how many|what is the number of|number of) "
               "occurrences of [the] [letter|character|substring|string] <c> [are] [there] in " +
               word + " <w>"),
       true, &PartTimes},
      {Pattern(
           "count [how many times|how often] [the] [letter|character] <c> [appears|occurs] in " +
           word + " <w>"),
       true, &PartTimes},
      {Pattern("count [the] letter <c> in " + word + " <w>"), true, &LetterTimes},
  };
  return rules;
}

}  // namespace moerge::tools
