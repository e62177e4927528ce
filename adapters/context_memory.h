// Prompts for which experts have said that their context has no room, so that the next one as long
// goes to another expert first. Shared by all event loops: any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace moerge {

class ContextMemory {
 public:
  // A prompt of so many tokens, as estimated here, was refused; `said`: for how many the expert
  // says it has room, 0: it does not say. At most kMost experts are remembered.
  void Refused(std::string_view backend, std::string_view model, std::int64_t prompt,
               std::int64_t said);
  // It was answered, so that there is room for it after all.
  void Answered(std::string_view backend, std::string_view model, std::int64_t prompt);
  // Whether there is room for it as far as is known.
  bool HasRoom(std::string_view backend, std::string_view model, std::int64_t prompt) const;

  static constexpr std::size_t kMost = 4096;

 private:
  using Key = std::pair<std::string, std::string>;

  std::atomic<bool> empty_ = true;
  mutable std::mutex mutex_;              // guards what follows
  std::map<Key, std::int64_t> too_long_;  // the shortest prompt that is
};

}  // namespace moerge
