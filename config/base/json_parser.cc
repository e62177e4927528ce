#include <algorithm>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

#include "config/base/json.h"
#include "config/base/json_scan.h"
#include "config/base/utf8.h"

namespace moerge::json {

// An iterative parser: `open_` is the stack of containers, so that depth costs no call stack. Every
// step gives false after it has set `error_`; a Result per step would cost more than the parsing.
class Parser {
 public:
  Parser(std::string_view text, int max_depth, Document* out)
      : text_(text), max_depth_(max_depth), out_(*out) {
    open_.reserve(8);
  }

  bool Run() {
    if (text_.size() >= UINT32_MAX) return Fail("the text is longer than 4 GiB", 0);
    if (text_.starts_with("\xEF\xBB\xBF")) return Fail("the text begins with a byte order mark", 0);
    if (const std::size_t valid = utf8::ValidPrefix(text_); valid != text_.size()) {
      return Fail("invalid UTF-8", valid);
    }
    out_.text_ = text_;
    SkipSpace();
    if (at_ == text_.size()) return Fail("the text is empty, expected a value", at_);
    if (!ParseValue()) return false;
    while (!open_.empty()) {
      if (!ContinueContainer()) return false;
    }
    SkipSpace();
    return at_ == text_.size() || Fail("unexpected text after the end of the value", at_);
  }

  Error TakeError() { return Error{ErrorCode::kInvalid, std::move(error_)}; }

 private:
  using Node = Document::Node;

  // NUL at the end of the text; a NUL inside is wrong wherever one looks with this.
  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  std::uint32_t Position() const { return static_cast<std::uint32_t>(at_); }

  void SkipSpace() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c != ' ' && c != '\n' && c != '\r' && c != '\t') return;
      ++at_;
    }
  }

  bool Fail(std::string_view what, std::size_t at) {
    const std::string_view before = text_.substr(0, at);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const std::size_t newline = before.rfind('\n');
    const std::size_t column = newline == before.npos ? at + 1 : at - newline;
    error_ = "invalid JSON at byte " + std::to_string(at) + " (line " + std::to_string(line) +
             ", column " + std::to_string(column) + "): " + std::string(what);
    return false;
  }

  bool Unexpected(std::string_view wanted) {
    const bool ended = at_ >= text_.size();
    return Fail((ended ? "the text ends, expected " : "expected ") + std::string(wanted), at_);
  }

  Node& Add(Type type) {
    const auto index = static_cast<std::uint32_t>(out_.nodes_.size());
    out_.nodes_.push_back(
        Node{Position(), Position(), index + 1, 0, key_, Document::kNone, member_, type});
    key_ = Document::kNone;
    if (!open_.empty()) ++out_.nodes_[open_.back()].count;
    return out_.nodes_.back();
  }

  // A scalar whole; of a container its opening bracket, which is then pushed on the stack.
  bool ParseValue() {
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

  bool Open(Type type) {
    if (static_cast<int>(open_.size()) >= max_depth_) {
      return Fail("nested deeper than " + std::to_string(max_depth_) + " levels", at_);
    }
    Add(type);
    open_.push_back(static_cast<std::uint32_t>(out_.nodes_.size() - 1));
    ++at_;
    return true;
  }

  // Reads the next element or member of the innermost container, or its end.
  bool ContinueContainer() {
    const std::uint32_t container = open_.back();
    const bool object = out_.nodes_[container].type == Type::kObject;
    SkipSpace();
    if (Peek() == (object ? '}' : ']')) return Close(container);
    if (out_.nodes_[container].count > 0) {
      if (Peek() != ',') return Unexpected(object ? "',' or '}'" : "',' or ']'");
      ++at_;
      SkipSpace();
    }
    return (!object || ParseKey()) && ParseValue();
  }

  bool Close(std::uint32_t container) {
    ++at_;
    open_.pop_back();
    Node& node = out_.nodes_[container];
    node.end = Position();
    node.next = static_cast<std::uint32_t>(out_.nodes_.size());
    return node.type == Type::kArray || CheckKeys(container);
  }

  std::string_view KeyOf(std::uint32_t member) const {
    return out_.strings_[out_.nodes_[member].key];
  }

  bool CheckKeys(std::uint32_t object) {
    const Node& node = out_.nodes_[object];
    if (node.count < 2) return true;
    if (node.count <= 12) return CheckFewKeys(object);
    std::unordered_set<std::string_view> seen;
    for (std::uint32_t i = object + 1; i < node.next; i = out_.nodes_[i].next) {
      if (!seen.insert(KeyOf(i)).second) return Duplicate(i);
    }
    return true;
  }

  bool CheckFewKeys(std::uint32_t object) {
    const std::uint32_t end = out_.nodes_[object].next;
    for (std::uint32_t i = object + 1; i < end; i = out_.nodes_[i].next) {
      for (std::uint32_t j = object + 1; j < i; j = out_.nodes_[j].next) {
        if (KeyOf(i) == KeyOf(j)) return Duplicate(i);
      }
    }
    return true;
  }

  bool Duplicate(std::uint32_t member) {
    std::string what = "duplicate key ";
    AppendQuoted(utf8::Truncate(KeyOf(member), 80), &what);
    return Fail(what, out_.nodes_[member].member);
  }

  bool ParseKey() {
    const std::uint32_t begin = Position();
    if (Peek() != '"') return Unexpected("a key in double quotes");
    if (!ParseString(&key_)) return false;
    member_ = begin;
    SkipSpace();
    if (Peek() != ':') return Unexpected("':' after the key");
    ++at_;
    SkipSpace();
    return true;
  }

  bool ParseStringValue() {
    Node& node = Add(Type::kString);
    if (!ParseString(&node.text)) return false;
    node.end = Position();
    return true;
  }

  bool ParseWord(std::string_view word, Type type) {
    if (text_.substr(at_, word.size()) != word) return Unexpected("a value");
    Node& node = Add(type);
    at_ += word.size();
    node.end = Position();
    return true;
  }

  bool SkipDigits() {
    const std::size_t from = at_;
    while (Peek() >= '0' && Peek() <= '9') ++at_;
    return at_ > from || Unexpected("a digit");
  }

  bool ParseNumber() {
    const char first = Peek();
    if (first != '-' && (first < '0' || first > '9')) return Unexpected("a value");
    Node& node = Add(Type::kNumber);
    if (first == '-') ++at_;
    if (Peek() == '0') {
      ++at_;
    } else if (!SkipDigits()) {
      return false;
    }
    if (Peek() == '.') {
      ++at_;
      if (!SkipDigits()) return false;
    }
    if (Peek() == 'e' || Peek() == 'E') {
      ++at_;
      if (Peek() == '+' || Peek() == '-') ++at_;
      if (!SkipDigits()) return false;
    }
    node.end = Position();
    return true;
  }

  // REQUIRES: Peek() == '"'. Gives the index into strings_ of the decoded text.
  bool ParseString(std::uint32_t* index) {
    const std::size_t from = ++at_;
    at_ = FindSpecial(text_, at_);
    if (Peek() == '\\') return ParseEscapedString(from, index);
    if (Peek() != '"') return BadString();
    return EndString(text_.substr(from, at_ - from), index);
  }

  bool ParseEscapedString(std::size_t from, std::uint32_t* index) {
    std::string decoded(text_.substr(from, at_ - from));
    while (Peek() == '\\') {
      if (const char* wrong = DecodeEscape(text_, &at_, &decoded)) return Fail(wrong, at_);
      const std::size_t run = at_;
      at_ = FindSpecial(text_, at_);
      decoded.append(text_, run, at_ - run);
    }
    if (Peek() != '"') return BadString();
    out_.decoded_.push_front(std::move(decoded));
    return EndString(out_.decoded_.front(), index);
  }

  bool EndString(std::string_view decoded, std::uint32_t* index) {
    ++at_;
    *index = static_cast<std::uint32_t>(out_.strings_.size());
    out_.strings_.push_back(decoded);
    return true;
  }

  bool BadString() {
    return Fail(at_ >= text_.size() ? "the text ends inside a string"
                                    : "a control character inside a string must be escaped",
                at_);
  }

  std::string_view text_;
  int max_depth_;
  Document& out_;
  std::size_t at_ = 0;
  std::vector<std::uint32_t> open_;
  std::uint32_t key_ = Document::kNone;
  std::uint32_t member_ = 0;
  std::string error_;
};

Result<Document> Document::Parse(std::string_view text, int max_depth) {
  Document document;
  const std::size_t guess = std::min<std::size_t>(text.size() / 48 + 4, 1024);
  document.nodes_.reserve(guess);
  document.strings_.reserve(guess);
  Parser parser(text, max_depth, &document);
  if (!parser.Run()) return parser.TakeError();
  return document;
}

}  // namespace moerge::json
