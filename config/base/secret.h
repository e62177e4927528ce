// A key or password in memory. It has no operator<<, converts to nothing, and says "***" to whoever
// prints it; only Reveal() gives the text, a word to grep for.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace moerge {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}

  bool empty() const { return text_.empty(); }
  std::string_view Reveal() const { return text_; }
  bool operator==(const Secret&) const = default;

 private:
  std::string text_;
};

// Compares in time that depends on the lengths only.
bool EqualConstantTime(std::string_view a, std::string_view b);

}  // namespace moerge
