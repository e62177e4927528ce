// The `messages` of an OpenAI chat request as turns of Anthropic's API. Pure, thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/anthropic_turns.h"
#include "config/base/json.h"

namespace moerge::anthropic {

// All system and developer messages, in the one place that the API has for them: their parts, those
// of blanks left out.
class SystemPrompt {
 public:
  explicit SystemPrompt(const json::Value& messages);
  SystemPrompt() = default;

  bool empty() const { return blocks_.empty(); }
  // Adds an instruction of moerge's.
  void Add(std::string text);
  // Keeps the last `most` of the marks where the API's cache is to begin; false: there were more.
  bool KeepMarks(std::size_t most);
  std::size_t marks() const;
  // One text where no more than that is said, else the parts as they are. REQUIRES: not empty.
  void Write(json::Writer* writer) const;
  // All of it as one text, which it loses.
  std::string Take();

 private:
  std::string Text() const;

  std::vector<Block> blocks_;
  bool plain_ = true;  // every message is one part
};

// Everything else. Errors: kInvalid with the field. `notes` gets what is left out.
Status ReadTurns(const json::Value& messages, Turns* turns, std::vector<std::string>* notes);

}  // namespace moerge::anthropic
