#include "adapters/json_mend.h"

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <vector>

#include "adapters/sse.h"
#include "config/base/utf8.h"

namespace moerge {
namespace {

constexpr std::string_view kReplacement = "\\ufffd";

bool IsHighSurrogate(std::string_view escape) {
  return escape.size() == 6 && (escape[2] == 'd' || escape[2] == 'D') &&
         std::string_view("89abAB").find(escape[3]) != std::string_view::npos;
}

bool IsLowSurrogate(std::string_view escape) {
  return escape.size() == 6 && escape.starts_with("\\u") &&
         (escape[2] == 'd' || escape[2] == 'D') &&
         std::string_view("cdefCDEF").find(escape[3]) != std::string_view::npos;
}

// Copies the text token by token. Members are remembered by where they stand in the copy, so that
// those that a later one replaces can be cut out in the end.
class Mender {
 public:
  explicit Mender(std::string_view text) : text_(text) { out_.reserve(text.size()); }

  // None: it is deeper than any reader goes.
  std::optional<std::string> Run() {
    while (at_ < text_.size()) {
      if (levels_.size() > json::Document::kMaxDepth) return std::nullopt;
      Step();
    }
    return Cut();
  }

 private:
  struct Member {
    std::size_t begin = 0;
    std::size_t end = 0;  // 0: not known yet
  };
  struct Level {
    bool object = false;
    std::unordered_map<std::string_view, Member> members = {};
    std::string_view key = {};  // of the member under way; null data: none
    bool wants_key = true;
  };

  void Step() {
    const char c = text_[at_];
    if (c == '"') return String();
    if (c == '{' || c == '[') {
      levels_.push_back({.object = c == '{'});
    } else if (c == '}' || c == ']') {
      EndMember(false);
      if (!levels_.empty()) levels_.pop_back();
    } else if (c == ',') {
      EndMember(true);
      out_.push_back(c);
      ++at_;
      if (!levels_.empty()) levels_.back().wants_key = true;
      return;
    } else if (Word("NaN", "null") || Word("-Infinity", "-9999.0") || Word("Infinity", "null")) {
      return;
    }
    out_.push_back(c);
    ++at_;
  }

  bool Word(std::string_view word, std::string_view instead) {
    if (!text_.substr(at_).starts_with(word)) return false;
    out_.append(instead);
    at_ += word.size();
    return true;
  }

  void String() {
    const std::size_t begin = out_.size();
    const std::size_t from = at_ + 1;
    out_.push_back('"');
    ++at_;
    while (at_ < text_.size() && text_[at_] != '"') Character();
    const std::string_view inner = text_.substr(from, at_ - from);
    out_.push_back('"');
    ++at_;
    if (levels_.empty() || !levels_.back().object || !levels_.back().wants_key) return;
    Level& level = levels_.back();
    level.wants_key = false;
    level.key = inner;
    const auto [known, fresh] = level.members.try_emplace(inner, Member{begin, 0});
    if (fresh) return;
    if (known->second.end > known->second.begin) {
      cuts_.push_back({known->second.begin, known->second.end});
    }
    known->second = Member{begin, 0};
  }

  void Character() {
    if (text_[at_] != '\\') {
      out_.push_back(text_[at_++]);
      return;
    }
    const std::string_view escape = text_.substr(at_, 6);
    if (!escape.starts_with("\\u")) {
      out_.append(text_.substr(at_, 2));
      at_ += 2;
    } else if (IsHighSurrogate(escape) &&
               IsLowSurrogate(text_.substr(std::min(at_ + 6, text_.size()), 6))) {
      out_.append(text_.substr(at_, 12));
      at_ += 12;
    } else {
      const bool lone = IsHighSurrogate(escape) || IsLowSurrogate(escape);
      out_.append(lone ? kReplacement : escape);
      at_ += escape.size();
    }
    at_ = std::min(at_, text_.size());
  }

  // A member ends with the comma behind it, so that cutting it leaves none too many: the one that
  // replaces it comes later.
  void EndMember(bool comma) {
    if (levels_.empty() || !levels_.back().object || levels_.back().key.data() == nullptr) return;
    Level& level = levels_.back();
    level.members[level.key].end = out_.size() + (comma ? 1 : 0);
    level.key = {};
  }

  std::string Cut() {
    if (cuts_.empty()) return std::move(out_);
    std::sort(cuts_.begin(), cuts_.end());
    std::string kept;
    std::size_t from = 0;
    for (const auto& [begin, end] : cuts_) {
      if (end <= from) continue;  // within one that was cut
      if (begin > from) kept.append(out_, from, begin - from);
      from = end;
    }
    kept.append(out_, from);
    return kept;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string out_;
  std::vector<Level> levels_;
  std::vector<std::pair<std::size_t, std::size_t>> cuts_;
};

}  // namespace

std::optional<std::string> MendJson(std::string_view text) {
  std::string_view rest = text;
  if (rest.starts_with(kByteOrderMark)) rest.remove_prefix(kByteOrderMark.size());
  std::string repaired;
  if (!utf8::IsValid(rest)) rest = repaired = utf8::Repair(rest);
  std::optional<std::string> mended = Mender(rest).Run();
  if (mended == text) return std::nullopt;
  return mended;
}

Result<json::Document> ParseMended(std::string_view text, std::string* mended) {
  Result<json::Document> document = json::Document::Parse(text);
  if (document) return document;
  std::optional<std::string> better = MendJson(text);
  if (!better) return document;
  *mended = *std::move(better);
  Result<json::Document> again = json::Document::Parse(*mended);
  if (again) return again;
  mended->clear();
  return document;
}

}  // namespace moerge
