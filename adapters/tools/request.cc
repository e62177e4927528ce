#include "adapters/tools/request.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "config/base/text.h"
#include "config/base/utf8.h"

namespace moerge::tools {
namespace {

constexpr std::string_view kSpaces = " \t\r\n";

constexpr std::array<std::string_view, 33> kOpenings = {"please",
                                                        "kindly",
                                                        "hi there",
                                                        "hi",
                                                        "hello there",
                                                        "hello",
                                                        "hey there",
                                                        "hey",
                                                        "good morning",
                                                        "good evening",
                                                        "quick question",
                                                        "question",
                                                        "ok",
                                                        "okay",
                                                        "so",
                                                        "can you",
                                                        "could you",
                                                        "would you",
                                                        "will you",
                                                        "can u",
                                                        "tell me",
                                                        "let me know",
                                                        "i want to know",
                                                        "i need to know",
                                                        "i'd like to know",
                                                        "i would like to know",
                                                        "do you know",
                                                        "just",
                                                        "i need you to",
                                                        "i want you to",
                                                        "quickly",
                                                        "help me",
                                                        "thanks in advance"};

constexpr std::array<std::string_view, 25> kClosings = {"please",
                                                        "pls",
                                                        "thanks",
                                                        "thank you",
                                                        "thanks a lot",
                                                        "thank you very much",
                                                        "thanks in advance",
                                                        "for me",
                                                        "cheers",
                                                        "answer with just the number",
                                                        "answer with only the number",
                                                        "just the number",
                                                        "only the number",
                                                        "just give me the number",
                                                        "give only the number",
                                                        "reply with only the number",
                                                        "just the answer",
                                                        "only the answer",
                                                        "give me just the answer",
                                                        "no explanation",
                                                        "no explanation needed",
                                                        "answer only",
                                                        "number only",
                                                        "give the exact value",
                                                        "give an exact answer"};

bool IsWordOrApostrophe(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || std::isalnum(byte) != 0 || c == '\'';
}

bool StartsWithPhrase(std::string_view text, std::string_view phrase) {
  if (text.size() <= phrase.size() || IsWordOrApostrophe(text[phrase.size()])) return false;
  const char next = text[phrase.size()];
  return (kSpaces.find(next) != std::string_view::npos || next == ',' || next == '!' ||
          next == ':' || next == '.') &&
         EqualsIgnoreCase(text.substr(0, phrase.size()), phrase);
}

bool EndsWithPhrase(std::string_view text, std::string_view phrase) {
  if (text.size() <= phrase.size() || IsWordOrApostrophe(text[text.size() - phrase.size() - 1]))
    return false;
  return EqualsIgnoreCase(text.substr(text.size() - phrase.size()), phrase);
}

bool DropOpening(std::string_view& text) {
  for (const std::string_view phrase : kOpenings) {
    if (!StartsWithPhrase(text, phrase)) continue;
    text.remove_prefix(phrase.size());
    while (!text.empty() &&
           (kSpaces.find(text.front()) != std::string_view::npos || text.front() == ',' ||
            text.front() == '!' || text.front() == ':' || text.front() == '.')) {
      // A dot that starts a number belongs to it.
      if (text.front() == '.' && text.size() > 1 &&
          std::isdigit(static_cast<unsigned char>(text[1])) != 0)
        break;
      text.remove_prefix(1);
    }
    return true;
  }
  return false;
}

bool DropClosing(std::string_view& text) {
  for (const std::string_view phrase : kClosings) {
    if (!EndsWithPhrase(text, phrase)) continue;
    text.remove_suffix(phrase.size());
    return true;
  }
  return false;
}

std::string_view DropTail(std::string_view text, std::string_view tail) {
  while (!text.empty() && tail.find(text.back()) != std::string_view::npos) text.remove_suffix(1);
  return text;
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 18> kPlain = {{
    {"\u2018", "'"},
    {"\u2019", "'"},
    {"\u201C", "\""},
    {"\u201D", "\""},
    {"\u00A0", " "},
    {"\u202F", " "},
    {"\u2009", " "},
    {"\u2013", "-"},
    {"\u2212", "-"},
    {"\u2010", "-"},
    {"\u2011", "-"},
    {"\u2032", "'"},
    {"\u2033", "\""},
    {"\uFF1F", "?"},
    {"\uFF0B", "+"},
    {"\uFF1D", "="},
    {"\u3000", " "},
    {"\uFEFF", ""},
}};

}  // namespace

Error Fail(std::string reason) {
  return Error{.code = ErrorCode::kInvalid, .message = std::move(reason)};
}

ToolReply Answered(std::string text, std::string working) {
  return {.answer = ToolAnswer{.text = std::move(text), .working = std::move(working)},
          .reason = {}};
}

ToolReply Declined(std::string reason) {
  return {.answer = std::nullopt, .reason = std::move(reason)};
}

std::string Unreadable(std::string_view request, std::size_t limit) {
  if (request.size() > limit)
    return "the request is longer than " + std::to_string(limit) + " bytes";
  if (Trim(request).empty()) return "the request is empty";
  if (!utf8::IsValid(request)) return "the request is not valid UTF-8";
  const bool control = std::any_of(request.begin(), request.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') ||
           c == 0x7F;
  });
  return control ? "the request contains control characters" : "";
}

std::vector<std::string> SplitWords(std::string_view text) {
  std::vector<std::string> words;
  while (true) {
    text = Trim(text);
    if (text.empty()) return words;
    const std::size_t end = std::min(text.find_first_of(kSpaces), text.size());
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

bool ConsistsOf(std::string_view text, std::string_view allowed) {
  return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

std::string PlainPunctuation(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  while (!text.empty()) {
    const auto* const hit = std::find_if(kPlain.begin(), kPlain.end(), [&](const auto& entry) {
      return text.starts_with(entry.first);
    });
    const bool found = static_cast<unsigned char>(text.front()) >= 0x80 && hit != kPlain.end();
    plain += found ? hit->second : text.substr(0, 1);
    text.remove_prefix(found ? hit->first.size() : 1);
  }
  return plain;
}

std::string_view WithoutOpening(std::string_view text) {
  text = Trim(text);
  for (int round = 0; round < 8 && DropOpening(text); ++round) text = Trim(text);
  return text;
}

std::string_view WithoutPoliteness(std::string_view text) {
  text = WithoutOpening(text);
  for (int round = 0; round < 8; ++round) {
    // An exclamation mark may be a factorial, a dot the end of a number: only a question mark
    // surely closes.
    const std::string_view before = text;
    text = Trim(DropTail(text, " \t\r\n?,"));
    std::string_view shorter = DropTail(text, " \t\r\n?,.!");
    if (DropClosing(shorter)) text = shorter;
    if (text == before) break;
  }
  const bool dot = text.size() > 1 && text.back() == '.' && text[text.size() - 2] != '.';
  return Trim(dot ? text.substr(0, text.size() - 1) : text);
}

}  // namespace moerge::tools
