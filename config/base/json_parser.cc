#include <algorithm>
#include <string>
#include <unordered_set>

#include "config/base/json.h"
#include "config/base/utf8.h"

namespace moerge::json {

// An iterative parser: `open_` is the stack of containers, so that depth costs no call stack.
class Parser {
 public:
  Parser(std::string_view text, int max_depth, Document* out)
      : text_(text), max_depth_(max_depth), out_(*out) {}

  Status Run() {
    if (text_.size() >= UINT32_MAX) return Fail("the text is longer than 4 GiB", 0);
    if (text_.starts_with("\xEF\xBB\xBF")) return Fail("the text begins with a byte order mark", 0);
    if (const std::size_t valid = utf8::ValidPrefix(text_); valid != text_.size()) {
      return Fail("invalid UTF-8", valid);
    }
    out_.text_ = text_;
    SkipSpace();
    if (at_ == text_.size()) return Fail("the text is empty, expected a value", at_);
    if (Status value = ParseValue(); !value) return value;
    while (!open_.empty()) {
      if (Status step = ContinueContainer(); !step) return step;
    }
    SkipSpace();
    if (at_ != text_.size()) return Fail("unexpected text after the end of the value", at_);
    return Ok{};
  }

 private:
  using Node = Document::Node;

  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void SkipSpace() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c != ' ' && c != '\n' && c != '\r' && c != '\t') return;
      ++at_;
    }
  }

  Error Fail(std::string_view what, std::size_t at) const {
    const std::string_view before = text_.substr(0, at);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const std::size_t newline = before.rfind('\n');
    const std::size_t column = newline == before.npos ? at + 1 : at - newline;
    return Error{ErrorCode::kInvalid, "invalid JSON at byte " + std::to_string(at) + " (line " +
                                          std::to_string(line) + ", column " +
                                          std::to_string(column) + "): " + std::string(what)};
  }

  Error Unexpected(std::string_view wanted) const {
    if (at_ >= text_.size()) {
      return Fail("the text ends, expected " + std::string(wanted), at_);
    }
    return Fail("expected " + std::string(wanted), at_);
  }

  Node& Add(Type type) {
    const auto begin = static_cast<std::uint32_t>(at_);
    const auto index = static_cast<std::uint32_t>(out_.nodes_.size());
    out_.nodes_.push_back(Node{begin, begin, index + 1, 0, key_, Document::kNone, member_, type});
    key_ = Document::kNone;
    if (!open_.empty()) ++out_.nodes_[open_.back()].count;
    return out_.nodes_.back();
  }

  // A scalar whole; of a container its opening bracket, which is then pushed on the stack.
  Status ParseValue() {
    switch (Peek()) {
      case '{': return Open(Type::kObject);
      case '[': return Open(Type::kArray);
      case '"': return ParseStringValue();
      case 't': return ParseWord("true", Type::kTrue);
      case 'f': return ParseWord("false", Type::kFalse);
      case 'n': return ParseWord("null", Type::kNull);
      default: return ParseNumber();
    }
  }

  Status Open(Type type) {
    if (static_cast<int>(open_.size()) >= max_depth_) {
      return Fail("nested deeper than " + std::to_string(max_depth_) + " levels", at_);
    }
    Add(type);
    open_.push_back(static_cast<std::uint32_t>(out_.nodes_.size() - 1));
    ++at_;
    return Ok{};
  }

  // Reads the next element or member of the innermost container, or its end.
  Status ContinueContainer() {
    const std::uint32_t container = open_.back();
    const bool object = out_.nodes_[container].type == Type::kObject;
    SkipSpace();
    if (Peek() == (object ? '}' : ']') && at_ < text_.size()) return Close(container);
    if (out_.nodes_[container].count > 0) {
      if (Peek() != ',') return Unexpected(object ? "',' or '}'" : "',' or ']'");
      ++at_;
      SkipSpace();
    }
    if (object) {
      if (Status key = ParseKey(); !key) return key;
    }
    return ParseValue();
  }

  Status Close(std::uint32_t container) {
    ++at_;
    open_.pop_back();
    Node& node = out_.nodes_[container];
    node.end = static_cast<std::uint32_t>(at_);
    node.next = static_cast<std::uint32_t>(out_.nodes_.size());
    return node.type == Type::kObject ? CheckKeys(container) : Status(Ok{});
  }

  Status CheckKeys(std::uint32_t object) const {
    const Node& node = out_.nodes_[object];
    if (node.count < 2) return Ok{};
    if (node.count <= 12) return CheckFewKeys(object);
    std::unordered_set<std::string_view> seen;
    for (std::uint32_t i = object + 1; i < node.next; i = out_.nodes_[i].next) {
      if (!seen.insert(out_.strings_[out_.nodes_[i].key]).second) return Duplicate(i);
    }
    return Ok{};
  }

  Status CheckFewKeys(std::uint32_t object) const {
    const std::uint32_t end = out_.nodes_[object].next;
    for (std::uint32_t i = object + 1; i < end; i = out_.nodes_[i].next) {
      for (std::uint32_t j = object + 1; j < i; j = out_.nodes_[j].next) {
        if (out_.strings_[out_.nodes_[i].key] == out_.strings_[out_.nodes_[j].key]) {
          return Duplicate(i);
        }
      }
    }
    return Ok{};
  }

  Error Duplicate(std::uint32_t member) const {
    const Node& node = out_.nodes_[member];
    std::string what = "duplicate key ";
    AppendQuoted(utf8::Truncate(out_.strings_[node.key], 80), &what);
    return Fail(what, node.member);
  }

  Status ParseKey() {
    member_ = static_cast<std::uint32_t>(at_);
    if (Peek() != '"') return Unexpected("a key in double quotes");
    auto key = ParseString();
    if (!key) return std::move(key).error();
    SkipSpace();
    if (Peek() != ':') return Unexpected("':' after the key");
    ++at_;
    SkipSpace();
    key_ = *key;
    return Ok{};
  }

  Status ParseStringValue() {
    Add(Type::kString);
    const std::size_t index = out_.nodes_.size() - 1;
    auto text = ParseString();
    if (!text) return std::move(text).error();
    out_.nodes_[index].text = *text;
    out_.nodes_[index].end = static_cast<std::uint32_t>(at_);
    return Ok{};
  }

  Status ParseWord(std::string_view word, Type type) {
    if (text_.substr(at_, word.size()) != word) return Unexpected("a value");
    Node& node = Add(type);
    at_ += word.size();
    node.end = static_cast<std::uint32_t>(at_);
    return Ok{};
  }

  bool SkipDigits() {
    const std::size_t from = at_;
    while (Peek() >= '0' && Peek() <= '9') ++at_;
    return at_ > from;
  }

  Status ParseNumber() {
    const char first = Peek();
    if (first != '-' && (first < '0' || first > '9')) return Unexpected("a value");
    Add(Type::kNumber);
    if (first == '-') ++at_;
    if (Peek() == '0') {
      ++at_;
    } else if (!SkipDigits()) {
      return Unexpected("a digit");
    }
    if (Peek() == '.') {
      ++at_;
      if (!SkipDigits()) return Unexpected("a digit");
    }
    if (Peek() == 'e' || Peek() == 'E') {
      ++at_;
      if (Peek() == '+' || Peek() == '-') ++at_;
      if (!SkipDigits()) return Unexpected("a digit");
    }
    out_.nodes_.back().end = static_cast<std::uint32_t>(at_);
    return Ok{};
  }

  // REQUIRES: Peek() == '"'. Gives the index into strings_ of the decoded text.
  Result<std::uint32_t> ParseString() {
    const std::size_t from = ++at_;
    while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\') {
      if (static_cast<unsigned char>(text_[at_]) < 0x20) {
        return Fail("a control character inside a string must be escaped", at_);
      }
      ++at_;
    }
    if (at_ >= text_.size()) return Fail("the text ends inside a string", at_);
    if (text_[at_] == '"') {
      out_.strings_.push_back(text_.substr(from, at_++ - from));
      return static_cast<std::uint32_t>(out_.strings_.size() - 1);
    }
    return ParseEscapedString(from);
  }

  Result<std::uint32_t> ParseEscapedString(std::size_t from) {
    std::string decoded(text_.substr(from, at_ - from));
    while (at_ < text_.size() && text_[at_] != '"') {
      const char c = text_[at_];
      if (static_cast<unsigned char>(c) < 0x20) {
        return Fail("a control character inside a string must be escaped", at_);
      }
      if (c != '\\') {
        decoded.push_back(c);
        ++at_;
      } else if (Status escape = ParseEscape(&decoded); !escape) {
        return std::move(escape).error();
      }
    }
    if (at_ >= text_.size()) return Fail("the text ends inside a string", at_);
    ++at_;
    out_.decoded_.push_front(std::move(decoded));
    out_.strings_.push_back(out_.decoded_.front());
    return static_cast<std::uint32_t>(out_.strings_.size() - 1);
  }

  Status ParseEscape(std::string* decoded) {
    const std::size_t at = at_++;
    switch (Peek()) {
      case '"': case '\\': case '/': decoded->push_back(Peek()); break;
      case 'b': decoded->push_back('\b'); break;
      case 'f': decoded->push_back('\f'); break;
      case 'n': decoded->push_back('\n'); break;
      case 'r': decoded->push_back('\r'); break;
      case 't': decoded->push_back('\t'); break;
      case 'u': ++at_; return ParseUnicodeEscape(at, decoded);
      default: return Fail("an unknown escape in a string", at);
    }
    ++at_;
    return Ok{};
  }

  Status ParseUnicodeEscape(std::size_t at, std::string* decoded) {
    std::uint32_t unit = 0;
    if (!ParseHex4(&unit)) return Fail("\\u needs four hexadecimal digits", at);
    if (unit >= 0xDC00 && unit <= 0xDFFF) return Fail("a lone low surrogate", at);
    if (unit >= 0xD800 && unit <= 0xDBFF) {
      std::uint32_t low = 0;
      const bool pair = text_.substr(at_, 2) == "\\u" && (at_ += 2, ParseHex4(&low));
      if (!pair || low < 0xDC00 || low > 0xDFFF) return Fail("a lone high surrogate", at);
      unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    }
    utf8::Append(unit, decoded);
    return Ok{};
  }

  bool ParseHex4(std::uint32_t* unit) {
    if (at_ + 4 > text_.size()) return false;
    for (int i = 0; i < 4; ++i) {
      const char c = text_[at_ + i];
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) return false;
      *unit = *unit << 4 | static_cast<std::uint32_t>(digit);
    }
    at_ += 4;
    return true;
  }

  std::string_view text_;
  int max_depth_;
  Document& out_;
  std::size_t at_ = 0;
  std::vector<std::uint32_t> open_;
  std::uint32_t key_ = Document::kNone;
  std::uint32_t member_ = 0;
};

Result<Document> Document::Parse(std::string_view text, int max_depth) {
  Document document;
  document.nodes_.reserve(std::min<std::size_t>(text.size() / 24 + 4, 4096));
  if (Status run = Parser(text, max_depth, &document).Run(); !run) return std::move(run).error();
  return document;
}

}  // namespace moerge::json
