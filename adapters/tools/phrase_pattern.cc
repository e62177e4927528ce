#include "adapters/tools/phrase_pattern.h"

#include <cctype>
#include <cstdlib>
#include <utility>

#include "adapters/tools/characters.h"
#include "config/base/text.h"

namespace moerge::tools {
namespace {

constexpr std::size_t kMaxPhraseTokens = 400;
constexpr int kMaxSteps = 20000;

bool IsWordByte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || std::isalnum(byte) != 0;
}

// An apostrophe between two word bytes belongs to the word: what's, r's.
bool InWord(std::string_view text, std::size_t at) {
  if (IsWordByte(text[at])) return true;
  return text[at] == '\'' && at > 0 && IsWordByte(text[at - 1]) && at + 1 < text.size() &&
         IsWordByte(text[at + 1]);
}

}  // namespace

std::vector<Token> Tokenize(std::string_view request) {
  std::vector<Token> tokens;
  std::size_t at = 0;
  while (at < request.size()) {
    if (IsSpaceByte(request[at])) {
      ++at;
      continue;
    }
    std::size_t end = at + 1;
    if (IsWordByte(request[at])) {
      while (end < request.size() && InWord(request, end)) ++end;
    }
    const std::string_view text = request.substr(at, end - at);
    tokens.push_back({.lower = LowerAscii(text), .text = text});
    at = end;
  }
  return tokens;
}

// Builds the node graph from the end of the pattern towards its beginning: each part knows what
// follows it.
class Pattern::Compiler {
 public:
  Compiler(Pattern& pattern, std::string_view source) : pattern_(pattern), source_(source) {}

  void Run() {
    pattern_.nodes_.push_back({.kind = Kind::kAccept, .literal = {}, .slot = 0, .next = {}});
    std::vector<std::size_t> ends;
    pattern_.start_ = Choice(ends);
    if (at_ != source_.size()) std::abort();
    for (const std::size_t end : ends) pattern_.nodes_[end].next.push_back(0);
  }

 private:
  using Ends = std::vector<std::size_t>;  // nodes whose successor is not known yet

  std::size_t Add(Kind kind, std::string literal) {
    pattern_.nodes_.push_back({.kind = kind, .literal = std::move(literal), .slot = 0, .next = {}});
    return pattern_.nodes_.size() - 1;
  }

  std::size_t Choice(Ends& ends) {
    const std::size_t split = Add(Kind::kSplit, "");
    while (true) {
      const std::size_t branch = Sequence(ends);
      pattern_.nodes_[split].next.push_back(branch);
      if (at_ >= source_.size() || source_[at_] != '|') return split;
      ++at_;
    }
  }

  std::size_t Sequence(Ends& ends) {
    const std::size_t first = Add(Kind::kSplit, "");
    Ends open = {first};
    while (SkipSpaces() && source_[at_] != '|' && source_[at_] != ')' && source_[at_] != ']') {
      Ends next_open;
      const std::size_t part = Part(next_open);
      for (const std::size_t end : open) pattern_.nodes_[end].next.push_back(part);
      open = std::move(next_open);
    }
    ends.insert(ends.end(), open.begin(), open.end());
    return first;
  }

  std::size_t Part(Ends& ends) {
    const char c = source_[at_];
    if (c == '(' || c == '[') return Group(ends, c == '[');
    if (c == '<') return Slot(ends);
    std::size_t end = at_;
    while (end < source_.size() &&
           std::string_view(" ()[]|<").find(source_[end]) == std::string_view::npos)
      ++end;
    const std::size_t node = Add(Kind::kLiteral, std::string(source_.substr(at_, end - at_)));
    at_ = end;
    ends.push_back(node);
    return node;
  }

  std::size_t Group(Ends& ends, bool optional) {
    ++at_;
    const std::size_t node = Choice(ends);
    if (at_ >= source_.size() || source_[at_] != (optional ? ']' : ')')) std::abort();
    ++at_;
    if (!optional) return node;
    const std::size_t empty = Add(Kind::kSplit, "");
    pattern_.nodes_[node].next.push_back(empty);
    ends.push_back(empty);
    return node;
  }

  std::size_t Slot(Ends& ends) {
    const std::size_t close = source_.find('>', at_);
    if (close == std::string_view::npos) std::abort();
    at_ = close + 1;
    const std::size_t node = Add(Kind::kSlot, "");
    pattern_.nodes_[node].slot = pattern_.slots_++;
    ends.push_back(node);
    return node;
  }

  bool SkipSpaces() {
    while (at_ < source_.size() && source_[at_] == ' ') ++at_;
    return at_ < source_.size();
  }

  Pattern& pattern_;
  std::string_view source_;
  std::size_t at_ = 0;
};

class Pattern::Matcher {
 public:
  Matcher(const Pattern& pattern, std::span<const Token> tokens,
          const std::function<bool(const Slots&)>& accept)
      : pattern_(pattern), tokens_(tokens), accept_(accept), slots_(pattern.slots_) {}

  // Recursion is as deep as the pattern is long, whatever the request.
  bool From(std::size_t index, std::size_t at) {
    if (++steps_ > kMaxSteps) return false;
    const Node& node = pattern_.nodes_[index];
    switch (node.kind) {
      case Kind::kAccept: return at == tokens_.size() && accept_(slots_);
      case Kind::kLiteral:
        return at < tokens_.size() && !tokens_[at].argument && tokens_[at].lower == node.literal &&
               Follow(node, at + 1);
      case Kind::kSplit: return Follow(node, at);
      case Kind::kSlot: return FillSlot(node, at);
    }
    return false;
  }

 private:
  bool Follow(const Node& node, std::size_t at) {
    for (const std::size_t next : node.next) {
      if (From(next, at)) return true;
    }
    return false;
  }

  bool FillSlot(const Node& node, std::size_t at) {
    for (std::size_t end = at + 1; end <= tokens_.size(); ++end) {
      const char* const begin = tokens_[at].text.data();
      const std::string_view last = tokens_[end - 1].text;
      slots_[node.slot] =
          std::string_view(begin, static_cast<std::size_t>(last.data() + last.size() - begin));
      if (Follow(node, end)) return true;
    }
    slots_[node.slot] = {};
    return false;
  }

  const Pattern& pattern_;
  std::span<const Token> tokens_;
  const std::function<bool(const Slots&)>& accept_;
  Slots slots_;
  int steps_ = 0;
};

Pattern::Pattern(std::string_view source) { Compiler(*this, source).Run(); }

bool Pattern::Match(std::span<const Token> tokens,
                    const std::function<bool(const Slots&)>& accept) const {
  if (tokens.empty() || tokens.size() > kMaxPhraseTokens) return false;
  return Matcher(*this, tokens, accept).From(start_, 0);
}

}  // namespace moerge::tools
