#include "adapters/repeated_chunk.h"

#include "config/base/json_scan.h"
#include "config/base/utf8.h"

namespace moerge {
namespace {

constexpr std::size_t kMostBytes = 2048;  // around the text; what is larger is no mere frame

// Whether all that `chunk` says is one text, and it goes on.
bool SaysOneText(const OpenAiChunk& chunk) {
  const bool plain = !chunk.has_error && !chunk.twice && !chunk.bare && !chunk.odd;
  const bool counted = (chunk.content_bytes == 0) != (chunk.other_bytes == 0);
  return plain && counted && chunk.has_choices && chunk.texts == 1 && chunk.calls.empty() &&
         chunk.finish_reason.empty() && !chunk.usage;
}

}  // namespace

bool RepeatedChunk::Read(std::string_view json, OpenAiChunk* chunk) const {
  const std::size_t frame = before_.size() + behind_.size();
  if (before_.empty() || json.size() <= frame) return false;
  if (!json.starts_with(before_) || !json.ends_with(behind_)) return false;
  // The frame puts a reader into a string at its begin and goes on behind a string's end, so that
  // all is well if the text neither ends the string nor begins an escape.
  const std::string_view text = json.substr(before_.size(), json.size() - frame);
  if (json::FindSpecial(text, 0) != text.size() || !utf8::IsValid(text)) return false;
  *chunk = kept_;
  chunk->id = id_;
  chunk->text = text;
  (content_ ? chunk->content_bytes : chunk->other_bytes) = text.size();
  if (chunk->model_begin > before_.size()) {
    chunk->model_begin += text.size();
    chunk->model_end += text.size();
  }
  return true;
}

void RepeatedChunk::Keep(std::string_view json, const OpenAiChunk& chunk) {
  before_.clear();
  if (!SaysOneText(chunk) || json.size() - chunk.text.size() > kMostBytes) return;
  const auto begin = static_cast<std::size_t>(chunk.text.data() - json.data());
  before_.assign(json.substr(0, begin));
  behind_.assign(json.substr(begin + chunk.text.size()));
  kept_ = chunk;
  kept_.text = {};
  id_ = chunk.id;
  kept_.id = {};
  content_ = chunk.content_bytes != 0;
  kept_.content_bytes = kept_.other_bytes = 0;
  if (kept_.model_begin > begin) {
    kept_.model_begin -= chunk.text.size();
    kept_.model_end -= chunk.text.size();
  }
}

}  // namespace moerge
