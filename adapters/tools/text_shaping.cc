// Case, reversing, sorting, duplicates, palindromes, anagrams.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "adapters/tools/calendar.h"
#include "adapters/tools/number_literal.h"
#include "adapters/tools/request.h"
#include "adapters/tools/text_rules.h"
#include "adapters/tools/text_transforms.h"
#include "config/base/text.h"

namespace moerge::tools {
namespace {

using Reply = std::optional<ToolReply>;

template <const char* style>
Reply ToCase(const TextArguments& a) {
  auto changed = ChangeCase(style, a[0].text);
  if (!changed || changed->empty()) return std::nullopt;
  return Answered(*std::move(changed), std::string(style) + " case");
}

constexpr char kUpper[] = "upper";
constexpr char kLower[] = "lower";
constexpr char kTitle[] = "title";
constexpr char kSnake[] = "snake";
constexpr char kCamel[] = "camel";
constexpr char kPascal[] = "pascal";
constexpr char kKebab[] = "kebab";
constexpr char kConstantCase[] = "constant";

Reply Backwards(const TextArguments& a) {
  return Answered(ReverseCharacters(a[0].text), "the characters in reverse order");
}
Reply WordsBackwards(const TextArguments& a) {
  return a[0].delimited ? Reply(Answered(ReverseWords(a[0].text), "the words in reverse order"))
                        : std::nullopt;
}

Reply ListBackwards(const TextArguments& a) {
  TextList list = SplitItems(a[0].text);
  if (!a[0].delimited || list.items.size() < 2) return std::nullopt;
  std::reverse(list.items.begin(), list.items.end());
  return Answered(JoinItems(list), "the items in reverse order");
}

// A last item that reads like a sentence may hold further instructions.
bool IsCleanList(const TextList& list) {
  return list.items.size() >= 2 &&
         std::none_of(list.items.begin(), list.items.end(), [](const std::string& item) {
           return item.find(". ") != std::string::npos || item.ends_with('?') ||
                  item.ends_with('!') || item.size() > 200;
         });
}

std::string_view WithoutFullStop(std::string_view text) {
  text = Trim(text);
  return text.ends_with('.') ? text.substr(0, text.size() - 1) : text;
}

// Monday, Tuesday and small, large have an order of their own; 3 km and 2 miles one by value.
bool HasNaturalOrder(const std::string& item) {
  static constexpr std::array<std::string_view, 12> kRanks = {"small", "medium", "large",  "low",
                                                              "high",  "first",  "second", "third",
                                                              "one",   "two",    "three",  "ten"};
  const std::string lower = LowerAscii(item);
  return WeekdayNumber(item) || MonthNumber(item) ||
         std::find(kRanks.begin(), kRanks.end(), lower) != kRanks.end() ||
         lower.find_first_of("0123456789") != std::string::npos;
}

Reply Sorted(const TextArguments& a, bool descending, bool by_letter = false) {
  TextList list = SplitItems(WithoutFullStop(a[0].text));
  if (!IsCleanList(list)) return std::nullopt;
  const bool numbers =
      std::all_of(list.items.begin(), list.items.end(),
                  [](const std::string& item) { return ParseNumber(item).has_value(); });
  if (!by_letter && !numbers &&
      std::any_of(list.items.begin(), list.items.end(), HasNaturalOrder)) {
    return Declined("the items could be meant in another order than that of the alphabet");
  }
  const bool numeric = SortItems(list, descending);
  const std::string order = numeric ? "by value" : "alphabetically, case ignored";
  return Answered(JoinItems(list), std::to_string(list.items.size()) + " items " + order +
                                       (descending ? ", descending" : ", ascending"));
}
Reply SortUp(const TextArguments& a) { return Sorted(a, false); }
Reply SortDown(const TextArguments& a) { return Sorted(a, true); }

bool AllNumbers(std::string_view text) { return ConsistsOf(text, "0123456789.,-+ \n;"); }
Reply SortNames(const TextArguments& a) {
  return AllNumbers(a[0].text) ? std::nullopt : Sorted(a, false, true);
}
Reply SortNamesDown(const TextArguments& a) {
  return AllNumbers(a[0].text) ? std::nullopt : Sorted(a, true, true);
}
Reply SortNumbers(const TextArguments& a) {
  return AllNumbers(WithoutFullStop(a[0].text)) ? Sorted(a, false) : std::nullopt;
}
Reply SortNumbersDown(const TextArguments& a) {
  return AllNumbers(WithoutFullStop(a[0].text)) ? Sorted(a, true) : std::nullopt;
}

Reply Deduplicated(const TextArguments& a) {
  TextList list = SplitItems(WithoutFullStop(a[0].text));
  if (!a[0].delimited || !IsCleanList(list)) return std::nullopt;
  const std::size_t before = list.items.size();
  RemoveDuplicates(list);
  return Answered(JoinItems(list), std::to_string(before - list.items.size()) + " of " +
                                       std::to_string(before) + " items removed, case matters");
}

Reply Palindrome(const TextArguments& a) {
  const bool yes = IsPalindrome(a[0].text);
  return Answered((yes ? "Yes, \"" : "No, \"") + std::string(a[0].text) +
                      (yes ? "\" is a palindrome" : "\" is not a palindrome"),
                  "letters and digits compared, case ignored");
}

Reply Anagrams(const TextArguments& a) {
  const bool yes = AreAnagrams(a[0].text, a[1].text);
  const std::string pair =
      "\"" + std::string(a[0].text) + "\" and \"" + std::string(a[1].text) + "\"";
  return Answered((yes ? "Yes, " : "No, ") + pair + (yes ? " are anagrams" : " are not anagrams"),
                  "letters and digits counted, case ignored");
}

void AddCase(std::vector<TextRule>& rules, const std::string& names,
             Reply (*handler)(const TextArguments&)) {
  const std::string text = kTheText;
  const std::string verb = "(convert|change|turn|transform|make|put|write|rewrite)";
  rules.push_back({Pattern(verb + " [all of] " + text + " <q> (to|into|in|as|) [all] " + names),
                   true, handler});
  rules.push_back(
      {Pattern(verb + " " + text + " (to|into|in) [all] " + names + " <q>"), false, handler});
  rules.push_back({Pattern(names + " " + text + " <q>"), false, handler});
  rules.push_back({Pattern("<q> (in|to|into) [all] " + names), false, handler});
  rules.push_back({Pattern("what is <q> in [all] " + names), true, handler});
}

std::vector<TextRule> MakeShapingRules() {
  std::vector<TextRule> rules;
  AddCase(rules, "(uppercase|upper case|upper-case|all-caps|caps|capitals|capital letters)",
          &ToCase<kUpper>);
  AddCase(rules, "(lowercase|lower case|lower-case|small letters)", &ToCase<kLower>);
  AddCase(rules, "(title case|titlecase|title-case)", &ToCase<kTitle>);
  AddCase(rules, "(snake case|snake_case|snakecase|snake-case)", &ToCase<kSnake>);
  AddCase(rules, "(camel case|camelcase|camel-case)", &ToCase<kCamel>);
  AddCase(rules, "(pascal case|pascalcase|upper camel case)", &ToCase<kPascal>);
  AddCase(rules, "(kebab case|kebab-case|kebabcase)", &ToCase<kKebab>);
  AddCase(rules, "(constant case|constant_case|screaming snake case|screaming_snake_case)",
          &ToCase<kConstantCase>);
  const auto add = [&](const std::string& pattern, bool words,
                       Reply (*handler)(const TextArguments&)) {
    rules.push_back({Pattern(pattern), words, handler});
  };
  add("(reverse|flip) [the order of] [the] (letters|characters) (of|in) [the] [word|string|text] "
      "<q>",
      true, &Backwards);
  add("(reverse|flip) (the|this|the following) (word|string|text) <q>", true, &Backwards);
  add("reverse [this|the following] [text|string|word] <q>", false, &Backwards);
  add("(spell|write|type|say) [the word] <q> (backwards|backward|in reverse)", true, &Backwards);
  add("[what is] the word <q> (backwards|backward|reversed)", true, &Backwards);
  add("[what is] <q> (backwards|backward|reversed)", false, &Backwards);
  add("what is [the word] <q> (spelled|written) (backwards|backward)", true, &Backwards);
  add("reverse the order of [the] words (in|of) [this|the|the following] [sentence|text|phrase] "
      "<q>",
      false, &WordsBackwards);
  add("reverse (the|this|the following) list <q>", false, &ListBackwards);
  const std::string which =
      "[these|this|the|the following|following|my|this list of|the list of|a list of|these "
      "following] [list|lists|words|numbers|items|names|lines|integers|strings|values|entries] ";
  // Arranging or ordering without a criterion could mean size, time or rank.
  const std::string sort = "(sort|order|arrange) " + which;
  add("sort " + which + "<q>", false, &SortUp);
  add(sort + "(in ascending order|ascending) <q>", false, &SortUp);
  add(sort + "(in descending order|descending|in reverse order|in reverse) <q>", false, &SortDown);
  add("("
      "alphabetize|alphabetise) [these|this|the following|the] [list|words|names|items] <q>",
      false, &SortNames);
  add(sort + "(alphabetically|in alphabetical order|from a to z|by alphabet) <q>", false,
      &SortNames);
  add(sort + "(reverse alphabetically|in reverse alphabetical order|from z to a) <q>", false,
      &SortNamesDown);
  add(sort +
          "(numerically|in numerical order|in increasing order|from smallest to largest|from "
          "lowest to highest|from low to high) <q>",
      false, &SortNumbers);
  add(sort +
          "(in decreasing order|from largest to smallest|from highest to lowest|from high to low) "
          "<q>",
      false, &SortNumbersDown);
  add(sort +
          "<q> (in ascending order|from smallest to largest|in increasing "
          "order|ascending|numerically)",
      true, &SortNumbers);
  add(sort + "<q> (in descending order|from largest to smallest|in decreasing order|descending)",
      true, &SortNumbersDown);
  add(sort + "<q> (alphabetically|in alphabetical order)", false, &SortNames);
  add("(remove|delete|drop) [the|all|any] (duplicates|duplicate items|duplicate words|duplicate "
      "lines|duplicate entries|duplicate numbers|duplicate values) (from|in) [this|the|the "
      "following|these] [list|words|lines|numbers|items] <q>",
      false, &Deduplicated);
  add("(dedupe|deduplicate) [this|the|the following|these] [list|words|lines|numbers|items] <q>",
      false, &Deduplicated);
  add("(is|check if|check whether) [the] [word|phrase|string|sentence] <q> [is] a palindrome", true,
      &Palindrome);
  add("(are|check if|check whether) [the] [words] <a> and <b> [are] anagrams [of each other]", true,
      &Anagrams);
  add("is [the word] <a> an anagram of [the word] <b>", true, &Anagrams);
  return rules;
}

}  // namespace

const std::vector<TextRule>& ShapingRules() {
  static const std::vector<TextRule> rules = MakeShapingRules();
  return rules;
}

}  // namespace moerge::tools
