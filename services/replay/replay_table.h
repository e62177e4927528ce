// Recorded answers: which model said what to which prompt.
// Built once, then read-only: any thread may look up.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/base/result.h"

namespace moerge {

class ReplayTable {
 public:
  // `table` has rows {id, prompt, answers?, scores}; `replies`, which may be empty, rows {id,
  // replies: {model: text}}. Both may be gzip. With replies, only prompts that have some are
  // served. Errors name file and line. Blocking.
  static Result<ReplayTable> Load(const std::string& table, const std::string& replies);

  // What `model` said to `prompt`: the recorded reply, or "The answer is (X)." where only a letter
  // was recorded, or whether it was right where only that was. Errors: kNotFound, with reason
  // "model_not_found" or "prompt_not_recorded".
  Result<std::string> Find(std::string_view model, std::string_view prompt) const;

  const std::vector<std::string>& models() const { return models_; }  // sorted
  std::size_t prompts() const { return by_prompt_.size(); }

 private:
  struct Row {
    std::unordered_map<std::string, std::string> replies;  // by model
  };
  std::vector<std::string> models_;
  std::vector<Row> rows_;
  std::unordered_map<std::string, std::size_t> by_prompt_;  // trimmed prompt
};

}  // namespace moerge
