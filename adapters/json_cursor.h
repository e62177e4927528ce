// Reads one JSON text front to back without building anything: for streams, where a table of nodes
// per event costs more than all the rest. As strict as json::Document about the grammar; it does
// not look for duplicate keys. Not thread-safe; views live as long as the text.
//
// After a method has returned false the text is malformed and the cursor must not be used further.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace moerge {

class JsonCursor {
 public:
  explicit JsonCursor(std::string_view text) : text_(text) {}

  std::size_t position() const { return at_; }
  // The next character that is not white space; 0 at the end. Moves there.
  char Peek();
  // Nothing but white space is left.
  bool AtEnd() { return Peek() == '\0' && at_ == text_.size(); }

  // A string, as it stands between its quotes: escapes are checked, not decoded.
  bool String(std::string_view* inner);
  // Any value.
  bool Skip(std::string_view* raw = nullptr);
  // A number that is an integer and fits; any other value is skipped and leaves `value` alone.
  bool Int(std::int64_t* value);

  // An object: `member(key)` must consume the value and return false only for malformed text. Keys
  // come undecoded, so an escaped key equals no plain one.
  template <class Member>
  bool Object(Member&& member) {
    if (!Take('{')) return false;
    if (Take('}')) return true;
    do {
      std::string_view key;
      if (Peek() != '"' || !String(&key) || !Take(':') || !member(key)) return false;
    } while (Take(','));
    return Take('}');
  }

  template <class Element>
  bool Array(Element&& element) {
    if (!Take('[')) return false;
    if (Take(']')) return true;
    do {
      if (!element()) return false;
    } while (Take(','));
    return Take(']');
  }

 private:
  static constexpr int kMaxDepth = 64;

  // Steps over `c` if it is next.
  bool Take(char c) {
    if (Peek() != c) return false;
    ++at_;
    return true;
  }
  bool Escape();
  bool Digits();
  bool Number();
  bool Word(std::string_view word);
  bool Scalar();
  bool Containers();
  bool Key();

  std::string_view text_;
  std::size_t at_ = 0;
};

// How many bytes of text a string without its quotes stands for once decoded.
std::size_t DecodedSize(std::string_view inner);

}  // namespace moerge
