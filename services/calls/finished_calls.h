// What experts replied to calls of a request that is asked again if it could not be ended: a line
// of a batch whose process died. A call that has finished is on the disk before it counts, and is
// not made again.
//
// Owner: shared by the calls of the request. Threads: its event loop.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "config/base/task.h"

namespace moerge {

class FinishedCalls {
 public:
  virtual ~FinishedCalls() = default;

  // A call begins that asks this of this expert: its key. Those that ask the same are told apart by
  // their order.
  virtual std::string Begin(std::string_view asked) = 0;
  // What was kept under a key; nothing: the call has not finished.
  virtual Task<std::optional<std::string>> Find(const std::string& key) = 0;
  // On the disk when it returns. What could not be written would be asked again.
  virtual Task<void> Keep(const std::string& key, std::string reply) = 0;
  // The same whenever the request is asked; experts cannot know it.
  virtual std::uint64_t secret() const = 0;
};
using FinishedCallsPtr = std::shared_ptr<FinishedCalls>;

}  // namespace moerge
