// Chunks of one stream are alike but for their text: what was read of one holds for the next, and
// only its text is looked at. See README.md for what this saves.
#pragma once

#include <string>
#include <string_view>

#include "adapters/openai_reply.h"

namespace moerge {

// Pure; not thread-safe, for one stream.
class RepeatedChunk {
 public:
  // True if `json` is the chunk that was kept but for its text, which needs no decoding: `*chunk`
  // is then what ScanOpenAiChunk makes of it, its id a view into this object. False says nothing of
  // `json`. REQUIRES: `*chunk` is
  // new.
  bool Read(std::string_view json, OpenAiChunk* chunk) const;

  // What `json` was read as. Kept if the only thing that it says is one text.
  void Keep(std::string_view json, const OpenAiChunk& chunk);

 private:
  // Around the text, with its quotes; empty: none is kept.
  std::string before_;
  std::string behind_;
  OpenAiChunk kept_;  // without the text and the id
  std::string id_;
  bool content_ = false;  // the text is content, not reasoning or a refusal
};

}  // namespace moerge
