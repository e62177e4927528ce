#include "tests/support/raw_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "tests/support/tls_identity.h"

namespace moerge::test {
namespace {

constexpr int kPatienceMs = 60'000;

bool WaitFor(int fd, short events, int timeout_ms) {
  pollfd entry{fd, events, 0};
  return poll(&entry, 1, timeout_ms) > 0;
}

std::size_t ContentLength(std::string_view head) {
  const std::size_t at = head.find("Content-Length: ");
  if (at == head.npos) return 0;
  std::size_t size = 0;
  std::from_chars(head.data() + at + 16, head.data() + head.size(), size);
  return size;
}

}  // namespace

bool RawPeer::Receive() {
  char bytes[65536];
  const bool held = tls_ != nullptr && SSL_pending(tls_) > 0;
  if (fd_ < 0 || (!held && !WaitFor(fd_, POLLIN, kPatienceMs))) return false;
  const long got = Take(bytes, sizeof bytes);
  if (got <= 0) return false;
  buffer_.append(bytes, static_cast<std::size_t>(got));
  return true;
}

long RawPeer::Take(char* out, std::size_t room) {
  if (tls_ == nullptr) return recv(fd_, out, room, 0);
  return SSL_read(tls_, out, static_cast<int>(room));
}

long RawPeer::Put(std::string_view bytes) {
  if (tls_ == nullptr) return send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  return SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size()));
}

std::string RawPeer::ReadUntil(std::string_view mark) {
  std::size_t at = 0;
  while ((at = buffer_.find(mark)) == std::string::npos) {
    if (!Receive()) return std::exchange(buffer_, {});
  }
  return ReadExactly(at + mark.size());
}

std::string RawPeer::ReadExactly(std::size_t size) {
  while (buffer_.size() < size && Receive()) {
  }
  const std::string taken = buffer_.substr(0, size);
  buffer_.erase(0, taken.size());
  return taken;
}

std::string RawPeer::ReadRequest() {
  std::string request = ReadUntil("\r\n\r\n");
  return request + ReadExactly(ContentLength(request));
}

bool RawPeer::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    if (fd_ < 0 || !WaitFor(fd_, POLLOUT, kPatienceMs)) return false;
    const long sent = Put(bytes);
    if (sent < 0 && (tls_ != nullptr || errno != EAGAIN)) return false;
    bytes.remove_prefix(static_cast<std::size_t>(std::max(sent, 0L)));
  }
  return true;
}

std::size_t RawPeer::SendUntilStalled(std::string_view piece, std::size_t limit, int patience_ms) {
  std::size_t total = 0;
  while (total <= limit && WaitFor(fd_, POLLOUT, patience_ms)) {
    const ssize_t sent = send(fd_, piece.data(), piece.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN) break;
    total += static_cast<std::size_t>(std::max<ssize_t>(sent, 0));
  }
  return total;
}

bool RawPeer::AwaitEnd() {
  char bytes[65536];
  while (fd_ >= 0 && WaitFor(fd_, POLLIN, kPatienceMs)) {
    if (recv(fd_, bytes, sizeof bytes, 0) <= 0) return true;
  }
  return false;
}

void RawPeer::EndSending() { shutdown(fd_, SHUT_WR); }

void RawPeer::Close() {
  // The descriptor stays the server's, so that its number is not used again too early.
  shutdown(fd_, SHUT_RDWR);
  fd_ = -1;
}

void RawPeer::Reset() {
  // Connecting a TCP socket to nothing ends its connection with an RST, and keeps the descriptor.
  const sockaddr nothing{AF_UNSPEC, {}};
  connect(fd_, &nothing, sizeof nothing);
  fd_ = -1;
}

RawServer::RawServer(Script script, Kind kind) : script_(std::move(script)), kind_(kind) {
  const bool ipv6 = kind == Kind::kIpv6;
  listener_ = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in6 address{};
  socklen_t size = ipv6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (ipv6) {
    address.sin6_family = AF_INET6;
    address.sin6_addr = in6addr_loopback;
  } else {
    reinterpret_cast<sockaddr_in*>(any)->sin_family = AF_INET;
    reinterpret_cast<sockaddr_in*>(any)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  }
  if (bind(listener_, any, size) != 0 || listen(listener_, 128) != 0) {
    std::perror("cannot listen");
    std::abort();
  }
  getsockname(listener_, any, &size);
  port_ = ntohs(address.sin6_port);  // at the same place in both kinds of address
  acceptor_ = std::thread([this] { Accept(); });
}

void RawServer::Accept() {
  for (;;) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const int index = accepted_++;
    {
      const std::lock_guard lock(mutex_);
      open_.push_back(fd);
    }
    sessions_.emplace_back([this, fd, index] { Serve(fd, index); });
  }
}

void RawServer::Serve(int fd, int index) {
  SSL* const tls = kind_ == Kind::kTls ? AcceptTls(fd) : nullptr;
  RawPeer peer(fd, index, tls);
  if (tls != nullptr || kind_ != Kind::kTls) script_(peer);
  peer.Close();
  SSL_free(tls);
}

RawServer::~RawServer() {
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  for (const int fd : open_) shutdown(fd, SHUT_RDWR);
  for (std::thread& session : sessions_) session.join();
  for (const int fd : open_) close(fd);
  close(listener_);
}

std::string RawServer::Url(std::string_view path) const {
  const std::string host = kind_ == Kind::kIpv6 ? "[::1]" : "127.0.0.1";
  return (kind_ == Kind::kTls ? "https://" : "http://") + host + ":" + std::to_string(port_) +
         std::string(path);
}

std::string OkReply(std::string_view body, std::string_view content_type) {
  return "HTTP/1.1 200 OK\r\nContent-Type: " + std::string(content_type) +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

std::string Chunked(std::string_view body, std::size_t size) {
  std::string out;
  for (; !body.empty(); body.remove_prefix(std::min(size, body.size()))) {
    char digits[20];
    const std::string_view chunk = body.substr(0, size);
    std::snprintf(digits, sizeof digits, "%zx\r\n", chunk.size());
    out.append(digits).append(chunk).append("\r\n");
  }
  return out + "0\r\n\r\n";
}

}  // namespace moerge::test
