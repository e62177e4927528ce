#include "adapters/json_cursor.h"

#include <charconv>
#include <string>
#include <utility>

#include "config/base/json_reader.h"

namespace moerge {
namespace {

class TokenCollector : public json::TokenHandler {
 public:
  explicit TokenCollector(JsonTokens* out) : out_(*out) {}

  bool OnWord(json::Type, std::uint32_t begin, std::uint32_t end) override {
    return Add(begin, end);
  }
  bool OnString(const json::StringToken& string) override { return Add(string.begin, string.end); }
  bool OnKey(const json::StringToken& key) override { return Add(key.begin, key.end); }
  bool OnOpen(json::Type, std::uint32_t begin) override {
    out_.open.push_back(Size());
    return Add(begin, begin);
  }
  bool OnClose(std::uint32_t end) override {
    JsonTokens::Token& container = out_.tokens[out_.open.back()];
    container.end = end;
    container.next = Size();
    out_.open.pop_back();
    return true;
  }

 private:
  std::uint32_t Size() const { return static_cast<std::uint32_t>(out_.tokens.size()); }
  bool Add(std::uint32_t begin, std::uint32_t end) {
    if (out_.tokens.size() == json::Document::kMaxValues) return false;
    out_.tokens.push_back(JsonTokens::Token{begin, end, Size() + 1});
    return true;
  }

  JsonTokens& out_;
};

bool Collect(std::string_view text, int max_depth, JsonTokens* out, json::Fault* fault) {
  out->tokens.clear();
  out->open.clear();
  out->decoded.clear();
  TokenCollector collector(out);
  return json::Read(text, max_depth, collector, &out->decoded, fault);
}

// The unit of the escape \uXXXX at `at`; 0 if there is none.
unsigned UnitAt(std::string_view json, std::size_t at) {
  unsigned unit = 0;
  if (at + 6 > json.size() || json[at] != '\\' || json[at + 1] != 'u') return 0;
  (void)std::from_chars(json.data() + at + 2, json.data() + at + 6, unit, 16);
  return unit;
}

// Half of a surrogate pair without its other half becomes \ufffd, which is as long.
std::string WithoutLoneSurrogates(std::string_view text) {
  std::string json(text);
  for (std::size_t at = json.find('\\'); at < json.size(); at = json.find('\\', at)) {
    const unsigned kind = UnitAt(json, at) & 0xFC00;
    if (kind == 0xD800 && (UnitAt(json, at + 6) & 0xFC00) == 0xDC00) {
      at += 12;
    } else {
      if (kind == 0xD800 || kind == 0xDC00) json.replace(at, 6, "\\ufffd");
      at += 2;
    }
  }
  return json;
}

// What the next cursor of this thread begins with, so that reading an event takes no memory.
JsonTokens& SpareTokens() {
  thread_local JsonTokens spare;
  return spare;
}

}  // namespace

JsonCursor::JsonCursor(std::string_view text)
    : text_(text), tokens_(std::exchange(SpareTokens(), JsonTokens())) {
  json::Fault fault;
  bool whole = Collect(text, kMaxDepth, &tokens_, &fault);
  if (!whole && fault.lone_surrogate) {
    whole = Collect(WithoutLoneSurrogates(text), kMaxDepth, &tokens_, &fault);
  }
  if (!whole) at_ = SIZE_MAX;
}

JsonCursor::~JsonCursor() {
  constexpr std::size_t kKept = 4096;
  const bool large = tokens_.tokens.capacity() > kKept || tokens_.decoded.capacity() > kKept;
  if (!large) SpareTokens() = std::move(tokens_);
}

bool JsonCursor::String(std::string_view* inner) {
  if (Peek() != '"') return false;
  *inner = raw().substr(1, token().end - token().begin - 2);
  ++at_;
  return true;
}

bool JsonCursor::Skip(std::string_view* raw) {
  if (Peek() == '\0') return false;
  if (raw != nullptr) *raw = this->raw();
  at_ = token().next;
  return true;
}

bool JsonCursor::Int(std::int64_t* value) {
  std::string_view raw;
  if (!Skip(&raw)) return false;
  std::int64_t parsed = 0;
  const auto [end, error] = std::from_chars(raw.data(), raw.data() + raw.size(), parsed);
  if (error == std::errc() && end == raw.data() + raw.size()) *value = parsed;
  return true;
}

std::size_t DecodedSize(std::string_view inner) {
  std::size_t size = inner.size();
  for (std::size_t at = inner.find('\\'); at < inner.size(); at = inner.find('\\', at)) {
    const bool unicode = at + 1 < inner.size() && inner[at + 1] == 'u';
    // Half of a surrogate pair stands for two bytes, anything else for up to three.
    size -= unicode ? 3 : 1;
    at += unicode ? 6 : 2;
  }
  return size;
}

}  // namespace moerge
