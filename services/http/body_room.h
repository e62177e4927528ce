// The bodies of all requests under way, measured together: their memory is bounded however many
// clients send at once.
//
// Owner: the server. Any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <string_view>

namespace moerge::http {

// What a client is told, with 503.
inline constexpr std::string_view kNoBodyRoom =
    "the bodies of the requests under way take all the memory that server.max_pending_bodies "
    "allows;"
    " try again later";

class BodyRoom {
 public:
  explicit BodyRoom(std::size_t most) : most_(most) {}
  BodyRoom(const BodyRoom&) = delete;
  BodyRoom& operator=(const BodyRoom&) = delete;

  std::size_t taken() const { return taken_.load(std::memory_order_relaxed); }

  // One request's part. Threads: one at a time.
  class Share {
   public:
    explicit Share(BodyRoom& room) : room_(room) {}
    ~Share() { Release(); }
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;

    // To `bytes` in all; false: there is no room for more, and it stays as it was.
    bool GrowTo(std::size_t bytes);
    void Release();

   private:
    BodyRoom& room_;
    std::size_t bytes_ = 0;
  };

 private:
  const std::size_t most_;
  std::atomic<std::size_t> taken_ = 0;
};

inline bool BodyRoom::Share::GrowTo(std::size_t bytes) {
  if (bytes <= bytes_) return true;
  const std::size_t more = bytes - bytes_;
  if (room_.taken_.fetch_add(more, std::memory_order_relaxed) + more > room_.most_) {
    room_.taken_.fetch_sub(more, std::memory_order_relaxed);
    return false;
  }
  bytes_ = bytes;
  return true;
}

inline void BodyRoom::Share::Release() {
  room_.taken_.fetch_sub(bytes_, std::memory_order_relaxed);
  bytes_ = 0;
}

}  // namespace moerge::http
