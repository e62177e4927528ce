// Strict JSON (RFC 8259) with positions, and a writer.
//
// Document parses once and keeps a flat table of nodes that point into the text, so that a caller
// can read values without copies and splice the raw bytes of a body. Refused: anything after the
// value, a byte order mark, invalid UTF-8 (also as lone \u surrogates), duplicate keys, depth and
// number of values over their limits, and every deviation from the grammar. Parsing never recurses.
//
// Threads: a Document is immutable after Parse. Lifetime: strings live as long as the Document,
// also when it is moved, and the text it was parsed from, which the Document does not own. A Value
// points to the Document itself: after a move, ask the new one for its root.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "config/base/result.h"

namespace moerge::json {

enum class Type : std::uint8_t { kNull, kFalse, kTrue, kNumber, kString, kArray, kObject };

// "null", "a boolean", "a number", ... for error texts.
std::string_view TypeName(Type type);

class Document;

// One value of a Document; cheap to copy. A default Value is "absent": Find of a missing key gives
// it.
class Value {
 public:
  Value() = default;

  bool present() const { return document_ != nullptr; }
  explicit operator bool() const { return present(); }
  Type type() const;  // kNull if absent
  bool is_null() const { return type() == Type::kNull; }
  bool is_bool() const { return type() == Type::kTrue || type() == Type::kFalse; }
  bool is_number() const { return type() == Type::kNumber; }
  bool is_string() const { return type() == Type::kString; }
  bool is_array() const { return type() == Type::kArray; }
  bool is_object() const { return type() == Type::kObject; }

  // Where the value stands in the text: [begin, end), quotes and brackets included.
  std::size_t begin() const;
  std::size_t end() const;
  std::string_view raw() const;

  // Empty unless the type fits.
  std::optional<std::string_view> AsString() const;  // decoded
  std::optional<bool> AsBool() const;
  std::optional<std::int64_t> AsInt() const;  // a number that is integral and fits
  std::optional<double> AsDouble() const;     // a number, finite

  // Elements of an array or members of an object, in order of appearance.
  std::size_t size() const;
  Value Find(std::string_view key) const;  // absent unless an object that has it
  std::string_view key() const;            // of a member reached by iterating an object; decoded
  // Where this member of an object begins: the position of its key's opening quote.
  std::size_t member_begin() const;

  class Iterator {
   public:
    Value operator*() const { return Value(document_, index_); }
    Iterator& operator++();
    bool operator!=(const Iterator& other) const { return index_ != other.index_; }

   private:
    friend class Value;
    Iterator(const Document* document, std::uint32_t index) : document_(document), index_(index) {}
    const Document* document_;
    std::uint32_t index_;
  };
  class Range {
   public:
    Iterator begin() const { return begin_; }
    Iterator end() const { return end_; }

   private:
    friend class Value;
    Range(Iterator begin, Iterator end) : begin_(begin), end_(end) {}
    Iterator begin_;
    Iterator end_;
  };
  Range children() const;  // empty unless an array or object

 private:
  friend class Document;
  friend class DocumentBuilder;
  friend class Iterator;
  Value(const Document* document, std::uint32_t index) : document_(document), index_(index) {}
  const Document* document_ = nullptr;
  std::uint32_t index_ = 0;
};

class Document {
 public:
  static constexpr int kMaxDepth = 128;
  // Values and keys. A text of the shortest ones costs eight times its size in memory.
  static constexpr std::size_t kMaxValues = 1'000'000;
  static constexpr std::size_t kMostValues = (std::size_t{1} << 24) - 1;  // whatever is asked for

  // `text` must outlive the Document and be shorter than 3.75 GiB. The error's message says what is
  // wrong and at which byte, line and column; its code is kInvalid.
  static Result<Document> Parse(std::string_view text, int max_depth = kMaxDepth,
                                std::size_t max_values = kMaxValues);
  // A temporary text is gone before the Document is looked at.
  template <class Text>
  requires std::is_same_v<Text, std::string>
  static Result<Document> Parse(Text&& text, int max_depth = kMaxDepth,
                                std::size_t max_values = kMaxValues) = delete;

  Document(Document&&) = default;
  Document& operator=(Document&&) = default;

  Value root() const { return Value(this, 0); }
  std::string_view text() const { return text_; }

 private:
  friend class Value;
  friend class DocumentBuilder;
  // In the order of the text: a container, then what is in it. The key of a member is a node of its
  // own, before its value's.
  struct Node {
    std::uint32_t begin;
    std::uint32_t end;
    // Index behind the node's last descendant. Of a string: where the length of its decoded text
    // stands in decoded_, behind that text; kPlain if the text has it as it is.
    std::uint32_t link;
    std::uint32_t count : 24;  // children
    Type type : 7;
    bool member : 1;  // of an object
  };
  static_assert(sizeof(Node) == 16);
  static constexpr std::uint32_t kPlain = UINT32_MAX;

  // Grows where it stands, if the system can do that: a vector holds both copies for a while.
  class Nodes {
   public:
    std::size_t size() const { return size_; }
    Node& operator[](std::size_t index) { return nodes_[index]; }
    const Node& operator[](std::size_t index) const { return nodes_[index]; }
    void Append(const Node& node) {
      if (size_ == capacity_) Grow(capacity_ + capacity_ / 2 + 1);
      nodes_[size_++] = node;
    }
    void Grow(std::size_t capacity);

   private:
    struct Free {
      void operator()(Node* nodes) const { std::free(nodes); }
    };
    std::unique_ptr<Node[], Free> nodes_;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
  };

  Document() = default;

  std::uint32_t Next(std::uint32_t index) const;
  std::string_view StringAt(std::uint32_t index) const;

  std::string_view text_;
  Nodes nodes_;
  std::vector<char> decoded_;  // strings that had escapes
};

// The string in this member of an object; empty if there is none.
inline std::string_view StringAt(const Value& object, std::string_view key) {
  return object.Find(key).AsString().value_or(std::string_view());
}

// Appends JSON to a string. Commas are its business, nesting the caller's: every Begin needs its
// End.
//
//   json::Writer writer(&out);
//   writer.BeginObject().Key("id").String(id).Key("scores").BeginArray().Number(0.5).EndArray();
//   writer.EndObject();
class Writer {
 public:
  explicit Writer(std::string* out) : out_(out) {}

  Writer& BeginObject();
  Writer& EndObject();
  Writer& BeginArray();
  Writer& EndArray();
  Writer& Key(std::string_view key);
  Writer& String(std::string_view value);  // invalid UTF-8 becomes U+FFFD
  Writer& Int(std::int64_t value);
  Writer& Number(double value);  // shortest form that reads back the same; not finite: null
  Writer& Fixed(double value, int decimals);
  Writer& Bool(bool value);
  Writer& Null();
  Writer& Raw(std::string_view json);  // REQUIRES: one complete JSON value

  // Key and value in one.
  Writer& Field(std::string_view key, std::string_view value) { return Key(key).String(value); }
  Writer& Field(std::string_view key, const char* value) { return Key(key).String(value); }
  Writer& Field(std::string_view key, bool value) { return Key(key).Bool(value); }
  Writer& Field(std::string_view key, double value) { return Key(key).Number(value); }
  // Null for an empty one; else REQUIRES: one complete JSON value.
  Writer& RawOrNull(std::string_view key, std::string_view json) {
    Key(key);
    return json.empty() ? Null() : Raw(json);
  }
  // Null for an empty text.
  Writer& TextOrNull(std::string_view key, std::string_view text) {
    Key(key);
    return text.empty() ? Null() : String(text);
  }
  template <class Integer>
  requires std::is_integral_v<Integer> Writer& Field(std::string_view key, Integer value) {
    return Key(key).Int(static_cast<std::int64_t>(value));
  }

 private:
  void Separate();
  std::string* out_;
  bool first_ = true;
};

// `value` as a JSON string, quotes included.
void AppendQuoted(std::string_view value, std::string* out);

}  // namespace moerge::json
