// A small pattern language for whole requests, so that what a tool understands reads as a list of
// sentences.
//
//   how many (days|weeks) [are there] between <from> and <to>
//
// A word matches itself without regard to ASCII case, (a|b c) is a choice, [a] may be missing,
// <name> is a slot that takes one or more tokens. A pattern matches only the whole request. Groups
// nest.
//
// Threads: a compiled Pattern is immutable. Failure: Match() returns false; its work is bounded by
// a step budget.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace moerge::tools {

struct Token {
  std::string lower;      // what literals of a pattern are compared with
  std::string_view text;  // the bytes in the request
  bool argument = false;  // quoted text or text after a colon: matches slots alone, never a literal
};

// Words (letters, digits, bytes above ASCII, inner apostrophes) and single other characters. Views
// into `request`.
[[nodiscard]] std::vector<Token> Tokenize(std::string_view request);

// The request's bytes under each slot, in the pattern's order from left to right; empty for a slot
// in a branch not taken.
using Slots = std::vector<std::string_view>;

class Pattern {
 public:
  // REQUIRES: well-formed source; aborts on anything else, since patterns are part of the program.
  explicit Pattern(std::string_view source);

  // Calls `accept` for each way in which the pattern covers all tokens until it returns true. Slots
  // are offered short first.
  [[nodiscard]] bool Match(std::span<const Token> tokens,
                           const std::function<bool(const Slots&)>& accept) const;

 private:
  enum class Kind { kLiteral, kSlot, kSplit, kAccept };
  struct Node {
    Kind kind;
    std::string literal;
    std::size_t slot = 0;
    std::vector<std::size_t> next;
  };
  class Compiler;
  class Matcher;

  std::vector<Node> nodes_;
  std::size_t start_ = 0;
  std::size_t slots_ = 0;
};

}  // namespace moerge::tools
