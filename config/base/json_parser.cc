#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "config/base/hash.h"
#include "config/base/json.h"
#include "config/base/json_reader.h"
#include "config/base/random.h"
#include "config/base/utf8.h"

namespace moerge::json {
namespace {

Error InvalidJson(std::string_view text, std::size_t at, std::string_view what) {
  const std::string_view before = text.substr(0, at);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t newline = before.rfind('\n');
  const std::size_t column = newline == before.npos ? at + 1 : at - newline;
  return Error{ErrorCode::kInvalid, "invalid JSON at byte " + std::to_string(at) + " (line " +
                                        std::to_string(line) + ", column " +
                                        std::to_string(column) + "): " + std::string(what)};
}

std::string Thousands(std::size_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

// Hashes of keys are secret, so that no text can make them collide.
std::uint64_t HashKey(std::string_view key) {
  static const std::uint64_t secret = Hash64(RandomToken());
  return Hash64(key, secret);
}

}  // namespace

void Document::Nodes::Grow(std::size_t capacity) {
  void* const larger = std::realloc(nodes_.get(), capacity * sizeof(Node));
  if (larger == nullptr) throw std::bad_alloc();
  (void)nodes_.release();
  nodes_.reset(static_cast<Node*>(larger));
  capacity_ = capacity;
}

class DocumentBuilder : public TokenHandler {
 public:
  DocumentBuilder(Document* out, std::size_t max_values) : out_(*out), max_values_(max_values) {}

  // Why and where it stopped.
  const std::string& what() const { return what_; }
  std::size_t at() const { return at_; }

  bool OnWord(Type type, std::uint32_t begin, std::uint32_t end) override {
    return Add(type, begin, end, 0);
  }
  bool OnString(const StringToken& string) override {
    return Add(Type::kString, string.begin, string.end, Text(string));
  }
  bool OnKey(const StringToken& key) override {
    if (full()) return TooMany(key.begin);
    out_.nodes_.Append(Document::Node{key.begin, key.end, Text(key), 0, Type::kString, false});
    return true;
  }
  // While a container is open, its link is to the one around it.
  bool OnOpen(Type type, std::uint32_t begin) override {
    const std::uint32_t index = Next();
    if (!Add(type, begin, begin, open_)) return false;
    open_ = index;
    return true;
  }
  bool OnClose(std::uint32_t end) override {
    const std::uint32_t index = open_;
    Document::Node& node = out_.nodes_[index];
    open_ = node.link;
    node.end = end;
    node.link = Next();
    return node.type == Type::kArray || CheckKeys(index);
  }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  static constexpr std::size_t kFewKeys = 12;

  std::uint32_t Next() const { return static_cast<std::uint32_t>(out_.nodes_.size()); }
  bool full() const { return out_.nodes_.size() >= max_values_; }

  bool Stop(std::string what, std::size_t at) {
    what_ = std::move(what);
    at_ = at;
    return false;
  }
  bool TooMany(std::size_t at) {
    return Stop("more than " + Thousands(max_values_) + " values and keys", at);
  }

  bool Add(Type type, std::uint32_t begin, std::uint32_t end, std::uint32_t link) {
    if (full()) return TooMany(begin);
    bool member = false;
    if (open_ != kNone) {
      Document::Node& parent = out_.nodes_[open_];
      ++parent.count;
      member = parent.type == Type::kObject;
    }
    out_.nodes_.Append(Document::Node{begin, end, link, 0, type, member});
    return true;
  }

  // Decoded text gets its length behind it.
  std::uint32_t Text(const StringToken& string) {
    if (!string.escaped) return Document::kPlain;
    std::vector<char>& decoded = out_.decoded_;
    const auto size = static_cast<std::uint32_t>(string.decoded.size());
    char bytes[sizeof size];
    std::memcpy(bytes, &size, sizeof size);
    decoded.insert(decoded.end(), bytes, bytes + sizeof size);
    return static_cast<std::uint32_t>(decoded.size() - sizeof size);
  }

  bool CheckKeys(std::uint32_t object) {
    const Value members(&out_, object);
    if (members.size() < 2) return true;
    return members.size() <= kFewKeys ? CheckFewKeys(members) : CheckManyKeys(members);
  }
  bool CheckFewKeys(const Value& members) {
    std::array<std::string_view, kFewKeys> keys;
    std::size_t count = 0;
    for (const Value member : members.children()) {
      const std::string_view key = member.key();
      const auto end = keys.begin() + static_cast<std::ptrdiff_t>(count);
      if (std::find(keys.begin(), end, key) != end) return Duplicate(member);
      keys[count++] = key;
    }
    return true;
  }
  bool CheckManyKeys(const Value& members) {
    struct Slot {
      std::uint32_t tag = 0;
      std::uint32_t member = 0;  // none, since the root is no member
    };
    std::vector<Slot> slots(std::bit_ceil(2 * members.size()));
    for (const Value member : members.children()) {
      const std::uint64_t hash = HashKey(member.key());
      const auto tag = static_cast<std::uint32_t>(hash >> 32);
      std::size_t at = hash & (slots.size() - 1);
      for (; slots[at].member != 0; at = (at + 1) & (slots.size() - 1)) {
        const Value earlier(&out_, slots[at].member);
        if (slots[at].tag == tag && earlier.key() == member.key()) return Duplicate(member);
      }
      slots[at] = Slot{tag, member.index_};
    }
    return true;
  }
  bool Duplicate(const Value& member) {
    std::string what = "duplicate key ";
    AppendQuoted(utf8::Truncate(member.key(), 80), &what);
    return Stop(std::move(what), member.member_begin());
  }

  Document& out_;
  const std::size_t max_values_;
  std::uint32_t open_ = kNone;  // the innermost container
  std::string what_;
  std::size_t at_ = 0;
};

Result<Document> Document::Parse(std::string_view text, int max_depth, std::size_t max_values) {
  Document document;
  document.text_ = text;
  document.nodes_.Grow(std::min<std::size_t>(text.size() / 32 + 4, 1024));
  DocumentBuilder builder(&document, std::min(max_values, kMostValues));
  Fault fault;
  if (Read(text, max_depth, builder, &document.decoded_, &fault)) return document;
  if (fault.what.empty()) return InvalidJson(text, builder.at(), builder.what());
  return InvalidJson(text, fault.at, fault.what);
}

}  // namespace moerge::json
