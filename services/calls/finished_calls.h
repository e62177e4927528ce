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

  // The request is asked again, from its beginning. Once it has ended.
  virtual void Again() = 0;
  // A call begins that asks this of this expert: its key. Those that ask the same are told apart by
  // their order.
  virtual std::string Begin(std::string_view asked) = 0;
  struct Kept {
    std::string reply;
    bool charged = false;  // with a request that ended without an answer: see Charged
    bool seen = false;     // it was kept or found before, the last time that the request was asked
  };
  // What was kept under a key; nothing: the call has not finished.
  virtual Task<std::optional<Kept>> Find(const std::string& key) = 0;
  // On the disk when it returns. What could not be written would be asked again.
  virtual Task<void> Keep(const std::string& key, std::string reply) = 0;
  // The request has ended without an answer that counts, and what its calls took was charged to
  // its client: it is not charged again when they are found. On the disk when it returns.
  virtual Task<void> Charged() = 0;
  // The same whenever the request is asked; experts cannot know it.
  virtual std::uint64_t secret() const = 0;
};
using FinishedCallsPtr = std::shared_ptr<FinishedCalls>;

}  // namespace moerge
