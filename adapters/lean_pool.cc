#include "adapters/lean_pool.h"

#include <sys/socket.h>

#include <algorithm>

namespace moerge {
namespace {

using Clock = DeadlineWatch::Clock;

// "HTTP/1.1 408 Request Timeout"
bool IsTimeout(std::string_view bytes) {
  constexpr std::size_t kStatus = 9;
  return bytes.starts_with("HTTP/1.") && bytes.substr(std::min(kStatus, bytes.size()), 3) == "408";
}

}  // namespace

void LeanPool::DoubtIfUnasked(LeanOrigin& origin, std::string_view bytes) {
  if (bytes.empty() || IsTimeout(bytes)) return;
  origin.doubted_until = Clock::now() + kDoubt;
  origin.idle.clear();
}

void LeanPool::DoubtIfUnasked(LeanOrigin& origin, const LeanConnection& connection) {
  char bytes[12];
  const int socket = const_cast<TcpSocket&>(connection.socket).native_handle();
  const ssize_t got = recv(socket, bytes, sizeof bytes, MSG_PEEK | MSG_DONTWAIT);
  if (got > 0) DoubtIfUnasked(origin, std::string_view(bytes, static_cast<std::size_t>(got)));
}

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

std::shared_ptr<LeanConnection> LeanPool::TakeIdle(LeanOrigin& origin) {
  if (origin.idle.empty()) return nullptr;
  auto connection = std::move(origin.idle.back());
  origin.idle.pop_back();
  connection->idle_at = nullptr;
  return connection;
}

void LeanPool::GiveIdle(LeanOrigin& origin, std::shared_ptr<LeanConnection> connection) {
  if (origin.idle.size() >= kMaxIdle) return;
  const Clock::time_point now = Clock::now();
  if (now < origin.doubted_until) return;
  connection->idle_at = &origin;
  connection->idle_since = now;
  origin.idle.push_back(std::move(connection));
  LookBy(now + kWatchAfter);
}

void LeanPool::LookBy(Clock::time_point when) {
  if (when >= next_look_) return;
  next_look_ = when;
  watch_.Set(*this, when);
}

// The wait stays when an exchange takes the connection, and ends with the answer: taking it back
// would cost more than letting it end.
void LeanPool::WatchIdle(const std::shared_ptr<LeanConnection>& connection) {
  if (std::exchange(connection->watched, true)) return;
  connection->socket.async_wait(
      TcpSocket::wait_read,
      [weak = std::weak_ptr<LeanConnection>(connection)](const boost::system::error_code&) {
        const auto connection = weak.lock();
        if (!connection) return;
        connection->watched = false;
        if (connection->idle_at == nullptr) return;
        if (IsQuiet(connection->socket.native_handle())) return WatchIdle(connection);
        LeanOrigin& origin = *connection->idle_at;
        std::erase(origin.idle, connection);
        DoubtIfUnasked(origin, *connection);
      });
}

// Closes what has been idle for too long, and watches the rest.
void LeanPool::OnDue() {
  const Clock::time_point now = Clock::now();
  next_look_ = Clock::time_point::max();
  for (auto& [authority, origin] : origins_) {
    std::erase_if(origin->idle,
                  [&](const auto& idle) { return now - idle->idle_since >= kIdleTime; });
    for (const auto& idle : origin->idle) {
      const bool settled = now - idle->idle_since >= kWatchAfter;
      if (settled) WatchIdle(idle);
      LookBy(settled ? now + kIdleTime / 3 : idle->idle_since + kWatchAfter);
    }
  }
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
