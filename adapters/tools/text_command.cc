#include "adapters/tools/text_command.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>

#include "adapters/tools/characters.h"
#include "adapters/tools/request.h"
#include "config/base/text.h"

namespace moerge::tools {
namespace {

constexpr std::size_t kMaxWords = 60;
constexpr std::string_view kAfterColon = "after colon";

struct Quotes {
  std::string_view open;
  std::string_view close;
};

constexpr std::array<Quotes, 7> kQuotes = {
    {{"```", "```"}, {"`", "`"}, {"\"", "\""}, {"“", "”"}, {"«", "»"}, {"‘", "’"}, {"'", "'"}}};

bool EndsQuote(std::string_view text, std::size_t after) {
  return after >= text.size() || IsSpaceByte(text[after]) ||
         std::string_view(".,;:?!)").find(text[after]) != std::string_view::npos;
}

class CommandReader {
 public:
  explicit CommandReader(std::string_view request) : text_(request) {}

  std::vector<Token> Run() {
    while (clear_ && SkipSpaces()) {
      if (tokens_.size() > kMaxWords) return {};
      if (!Quoted() && !AfterColon()) Word();
    }
    if (!clear_) return {};
    DropClosing();
    return std::move(tokens_);
  }

 private:
  bool SkipSpaces() {
    while (at_ < text_.size() && IsSpaceByte(text_[at_])) ++at_;
    return at_ < text_.size();
  }

  // Arguments match no literal of a pattern, so their `lower` is free to tell where they come from.
  void AddArgument(std::string_view text, std::string_view origin) {
    tokens_.push_back({.lower = std::string(origin), .text = text, .argument = true});
  }

  bool Quoted() {
    for (const Quotes& quotes : kQuotes) {
      if (!text_.substr(at_).starts_with(quotes.open)) continue;
      const std::size_t begin = at_ + quotes.open.size();
      const std::size_t end = text_.find(quotes.close, begin);
      if (end == std::string_view::npos || end == begin ||
          !EndsQuote(text_, end + quotes.close.size())) {
        clear_ = false;
        return true;
      }
      AddArgument(text_.substr(begin, end - begin), "quoted");
      at_ = end + quotes.close.size();
      while (at_ < text_.size() &&
             std::string_view(".,;?!").find(text_[at_]) != std::string_view::npos)
        ++at_;
      return true;
    }
    return false;
  }

  // Everything after a colon that ends a word is the argument; a blank line inside could start
  // something else.
  bool AfterColon() {
    if (text_[at_] != ':') return false;
    std::string_view rest = Trim(text_.substr(at_ + 1));
    if (rest.empty()) {
      clear_ = false;
      return true;
    }
    const auto inner = WholeQuote(rest);
    if (!inner && (rest.find("\n\n") != std::string_view::npos ||
                   rest.find("\n\r\n") != std::string_view::npos))
      clear_ = false;
    AddArgument(inner.value_or(rest), kAfterColon);
    at_ = text_.size();
    return true;
  }

  // The inside when the text is one quotation; nothing when quotes are only part of it.
  static std::optional<std::string_view> WholeQuote(std::string_view text) {
    for (const Quotes& quotes : kQuotes) {
      if (text.size() <= quotes.open.size() + quotes.close.size() ||
          !text.starts_with(quotes.open) || !text.ends_with(quotes.close))
        continue;
      const std::string_view inner =
          text.substr(quotes.open.size(), text.size() - quotes.open.size() - quotes.close.size());
      if (inner.find(quotes.close) == std::string_view::npos) return inner;
    }
    return std::nullopt;
  }

  void Word() {
    std::size_t end = at_;
    while (end < text_.size() && !IsSpaceByte(text_[end]) &&
           !(text_[end] == ':' && EndsQuote(text_, end + 1)))
      ++end;
    std::string_view word = text_.substr(at_, end - at_);
    at_ = end;
    if (at_ >= text_.size()) {
      while (word.ends_with('?')) word.remove_suffix(1);
    }
    if (word.empty()) return;
    std::string lower = LowerAscii(word);
    while (lower.size() > 1 && lower.back() == ',') lower.pop_back();
    tokens_.push_back({.lower = std::move(lower), .text = word});
  }

  // "reverse 'abc' please": only behind an argument is it surely no part of one.
  void DropClosing() {
    if (tokens_.size() < 2 || !tokens_[tokens_.size() - 2].argument) return;
    const std::string& last = tokens_.back().lower;
    if (!tokens_.back().argument && (last == "please" || last == "thanks")) tokens_.pop_back();
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool clear_ = true;
  std::vector<Token> tokens_;
};

bool StandsForSomethingElse(std::string_view word) {
  static constexpr std::array<std::string_view, 38> kReferences = {
      "this",      "that",      "it",     "these",      "those",    "them",      "file",
      "files",     "text",      "string", "strings",    "word",     "words",     "sentence",
      "something", "data",      "input",  "everything", "list",     "lists",     "array",
      "the",       "a",         "an",     "and",        "or",       "for",       "to",
      "in",        "of",        "code",   "message",    "password", "passwords", "image",
      "images",    "algorithm", "hash"};
  const std::string lower = LowerAscii(word);
  return std::find(kReferences.begin(), kReferences.end(), lower) != kReferences.end();
}

}  // namespace

std::vector<Token> ReadTextCommand(std::string_view request) {
  return CommandReader(request).Run();
}

bool ReadTextArgument(const std::vector<Token>& tokens, std::string_view slot, TextArgument& out) {
  const auto token = std::find_if(tokens.begin(), tokens.end(),
                                  [&](const Token& t) { return t.text.data() == slot.data(); });
  if (token == tokens.end()) return false;
  out = {.text = slot, .delimited = token->argument};
  out.after_colon = token->argument && token->lower == kAfterColon;
  if (token->text.size() == slot.size()) {
    if (token->argument) return true;
    // A word with a punctuation mark at its end: is the mark part of it?
    const bool punctuated = std::string_view(".,;:!)").find(slot.back()) != std::string_view::npos;
    // A dot inside looks like the name of a file or a host.
    const bool dotted = slot.find('.') != std::string_view::npos &&
                        slot.find('%') == std::string_view::npos &&
                        !ConsistsOf(slot, "0123456789.-/");
    return !punctuated && !dotted && !StandsForSomethingElse(slot);
  }
  // Several words have a clear extent only when they are written in signs: 01101000 01101001, ...
  // --- ...
  const bool signs = ConsistsOf(slot, "01 ") || ConsistsOf(slot, ".-/ ");
  const bool numbers = ConsistsOf(slot, "0123456789.,- ");
  return !token->argument && (signs || numbers);
}

}  // namespace moerge::tools
