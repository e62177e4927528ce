// Walks one JSON text front to back: for streams, where json::Document's table of nodes per event
// costs more than all the rest. As strict as json::Document, but for duplicate keys, which it does
// not look for, and lone surrogates: a token of a model can be half a character, and some servers
// say it so. Not thread-safe; views live as long as the text.
//
// The text is read whole before the first step. If it is malformed, every method gives false.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace moerge {

// What a cursor walks over, and where it decodes; kept from one text to the next.
struct JsonTokens {
  struct Token {
    std::uint32_t begin;
    std::uint32_t end;
    std::uint32_t next;  // index behind what is within
  };
  std::vector<Token> tokens;
  std::vector<std::uint32_t> open;  // containers, while they are read
  std::vector<char> decoded;
};

class JsonCursor {
 public:
  explicit JsonCursor(std::string_view text);
  ~JsonCursor();

  JsonCursor(const JsonCursor&) = delete;
  JsonCursor& operator=(const JsonCursor&) = delete;

  // The first character of the next value; 0 at the end.
  char Peek() const { return at_ < tokens_.tokens.size() ? text_[token().begin] : '\0'; }
  // Nothing is left, and nothing was malformed.
  bool AtEnd() const { return at_ == tokens_.tokens.size(); }

  // A string, as it stands between its quotes: escapes are checked, not decoded.
  bool String(std::string_view* inner);
  // Any value.
  bool Skip(std::string_view* raw = nullptr);
  // A number that is an integer and fits; any other value is skipped and leaves `value` alone.
  bool Int(std::int64_t* value);

  // An object: `member(key)` must consume the value; if it gives false, so does Object. Keys come
  // undecoded, so an escaped key equals no plain one.
  template <class Member>
  bool Object(Member&& member) {
    if (Peek() != '{') return false;
    const std::size_t end = token().next;
    for (++at_; at_ < end;) {
      std::string_view key;
      if (!String(&key) || !member(key)) return false;
    }
    return true;
  }

  template <class Element>
  bool Array(Element&& element) {
    if (Peek() != '[') return false;
    const std::size_t end = token().next;
    for (++at_; at_ < end;) {
      if (!element()) return false;
    }
    return true;
  }

 private:
  static constexpr int kMaxDepth = 64;

  const JsonTokens::Token& token() const { return tokens_.tokens[at_]; }
  std::string_view raw() const { return text_.substr(token().begin, token().end - token().begin); }

  std::string_view text_;
  JsonTokens tokens_;
  std::size_t at_ = 0;
};

// How many bytes of text a string without its quotes stands for once decoded.
std::size_t DecodedSize(std::string_view inner);

}  // namespace moerge
