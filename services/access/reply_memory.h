// Replies to creations that may be sent twice: a client that names its request (Idempotency-Key)
// and never saw the reply gets it again, and nothing is made twice. In memory, of this process;
// bounded. Any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace moerge {

class ReplyMemory {
 public:
  using Clock = std::chrono::steady_clock;

  static constexpr std::size_t kMost = 1024;  // beyond those the oldest is forgotten
  static constexpr std::chrono::hours kKept{24};

  struct Reply {
    int status = 0;
    std::string body;
  };
  enum class State {
    kNew,       // it is to be done now; End when it has been
    kUnderWay,  // another one of that name is being done
    kOther,     // the name was used for something else
    kDone,      // `reply` is what was said
  };
  struct Found {
    State state = State::kNew;
    Reply reply = {};
  };

  // `name`: of the client, what it calls and its own; `request`: the hash of what it sends.
  Found Begin(const std::string& name, const std::string& request, Clock::time_point now);
  // Nothing: it failed, and may be tried again.
  void End(const std::string& name, std::optional<Reply> reply);

 private:
  struct Entry {
    std::string request;
    std::optional<Reply> reply;  // none: under way
    Clock::time_point begun;
  };
  void MakeRoom(Clock::time_point now);

  std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace moerge
