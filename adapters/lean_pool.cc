#include "adapters/lean_pool.h"

#include <sys/socket.h>

#include <algorithm>

namespace moerge {
namespace {

using Clock = DeadlineWatch::Clock;

// A connection that was idle for less than this is used without asking the kernel about it: a
// server that has just answered seldom closes, and the retry covers it.
constexpr std::chrono::milliseconds kFresh{500};

// An idle connection must have nothing to read: neither an end nor bytes nobody asked for.
bool Quiet(TcpSocket& socket) {
  char byte = 0;
  const ssize_t got = recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

}  // namespace

LeanOrigin& LeanPool::OriginFor(const Url& url) {
  if (last_ != nullptr && last_authority_ == url.authority) return *last_;
  last_authority_ = url.authority;
  auto& origin = origins_[last_authority_];
  if (!origin) {
    origin = std::make_unique<LeanOrigin>();
    origin->host = url.host;
    origin->port = url.port;
  }
  last_ = origin.get();
  return *last_;
}

std::unique_ptr<LeanIdle> LeanPool::TakeIdle(LeanOrigin& origin) {
  while (!origin.idle.empty()) {
    auto idle = std::make_unique<LeanIdle>(std::move(origin.idle.back()));
    origin.idle.pop_back();
    if (Clock::now() - idle->since < kFresh || Quiet(idle->socket)) return idle;
  }
  return nullptr;
}

void LeanPool::GiveIdle(LeanOrigin& origin, TcpSocket socket) {
  if (origin.idle.size() >= kMaxIdle) return;
  const Clock::time_point now = Clock::now();
  origin.idle.push_back(LeanIdle{std::move(socket), now});
  if (sweeping_) return;
  sweeping_ = true;
  watch_.Set(*this, now + kIdleTime);
}

// Closes what has been idle for too long, or was closed by its server meanwhile.
void LeanPool::OnDue() {
  const Clock::time_point now = Clock::now();
  sweeping_ = false;
  for (auto& [authority, origin] : origins_) {
    std::erase_if(origin->idle, [&](LeanIdle& idle) {
      return now - idle.since >= kIdleTime || !Quiet(idle.socket);
    });
    sweeping_ = sweeping_ || !origin->idle.empty();
  }
  if (sweeping_) watch_.Set(*this, now + kIdleTime / 3);
}

std::unique_ptr<LeanWorkspace> LeanPool::TakeWorkspace() {
  if (spare_.empty()) return std::make_unique<LeanWorkspace>();
  auto workspace = std::move(spare_.back());
  spare_.pop_back();
  return workspace;
}

void LeanPool::GiveWorkspace(std::unique_ptr<LeanWorkspace> workspace) {
  if (workspace != nullptr && spare_.size() < kMaxSpare) spare_.push_back(std::move(workspace));
}

}  // namespace moerge
