#include "adapters/curl_sockets.h"

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "adapters/http_client.h"
#include "config/base/send_queue.h"

namespace moerge {
namespace {

int LocalPort(curl_socket_t fd) {
  sockaddr_in6 address{};
  socklen_t size = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return -1;
  return ntohs(address.sin6_port);  // at the same place in both kinds of address
}

// The connection's TLS state; null: it has none, or libcurl was built with another library.
SSL* TlsOf(CURL* easy) {
  curl_tlssessioninfo* session = nullptr;
  if (curl_easy_getinfo(easy, CURLINFO_TLS_SSL_PTR, &session) != CURLE_OK || session == nullptr ||
      session->backend != CURLSSLBACKEND_OPENSSL) {
    return nullptr;
  }
  return static_cast<SSL*>(session->internals);
}

bool SpeaksHttp2(CURL* easy) {
  const unsigned char* protocol = nullptr;
  unsigned size = 0;
  if (const SSL* tls = TlsOf(easy)) SSL_get0_alpn_selected(tls, &protocol, &size);
  return size == 2 && protocol[0] == 'h' && protocol[1] == '2';
}

// Bytes that were read from the socket, but not by curl: they shared a TLS record with the end of
// an answer.
bool HoldsBytes(CURL* easy) {
  const SSL* tls = TlsOf(easy);
  return tls != nullptr && SSL_has_pending(tls) == 1;
}

}  // namespace

void CurlSockets::OpenFor(CURL* easy) {
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &CurlSockets::OnOpen);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, &CurlSockets::OnClose);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, this);
}

curl_socket_t CurlSockets::OnOpen(void* self, curlsocktype, curl_sockaddr* address) {
  const int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  static_cast<CurlSockets*>(self)->open_error_ = fd < 0 ? errno : 0;
  if (fd < 0) return CURL_SOCKET_BAD;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kKernelReceiveBuffer, sizeof kKernelReceiveBuffer);
  static_cast<CurlSockets*>(self)->Opened(fd);
  return fd;
}

int CurlSockets::OnClose(void* self, curl_socket_t fd) {
  static_cast<CurlSockets*>(self)->Close(fd);
  return 0;
}

void CurlSockets::Opened(curl_socket_t fd) {
  auto socket = std::make_shared<Socket>(executor_, fd);
  socket->opened_here = true;
  sockets_[fd] = std::move(socket);
  unnamed_.push_back(fd);
}

void CurlSockets::Close(curl_socket_t fd) {
  if (const auto found = sockets_.find(fd); found != sockets_.end()) {
    Socket& socket = *found->second;
    socket.removed = true;
    if (socket.descriptor.is_open()) socket.descriptor.release();
    if (!socket.ends.empty()) by_ends_.erase(socket.ends);
    sockets_.erase(found);
  }
  std::erase(unnamed_, fd);
  close(fd);
}

// The descriptor is curl's, or ours by its number: it is lent to the reactor, which never closes
// it.
void CurlSockets::Watch(curl_socket_t fd, int what) {
  auto& socket = sockets_[fd];
  if (!socket) socket = std::make_shared<Socket>(executor_, fd);
  if (what == CURL_POLL_REMOVE && !socket->opened_here) {
    socket->removed = true;
    if (socket->descriptor.is_open()) socket->descriptor.release();
    sockets_.erase(fd);
    return;
  }
  socket->wanted = what == CURL_POLL_REMOVE ? 0 : what;
  Arm(socket);
}

std::shared_ptr<CurlSockets::Socket> CurlSockets::Admit(CURL* easy, const std::string& ends,
                                                        int local_port) {
  const auto found = by_ends_.find(ends);
  if (found != by_ends_.end()) {
    const auto& socket = found->second;
    if (!socket->multiplexed && (!IsQuiet(socket->fd) || HoldsBytes(easy))) return nullptr;
    socket->in_use = true;
    return socket;
  }
  auto socket = TakeUnnamed(local_port);
  if (!socket) return nullptr;
  socket->ends = ends;
  socket->in_use = true;
  socket->multiplexed = SpeaksHttp2(easy);
  by_ends_[ends] = socket;
  return socket;
}

std::shared_ptr<CurlSockets::Socket> CurlSockets::TakeUnnamed(int local_port) {
  for (const curl_socket_t fd : unnamed_) {
    if (LocalPort(fd) != local_port) continue;
    auto socket = sockets_[fd];
    std::erase(unnamed_, fd);
    return socket;
  }
  return nullptr;
}

void CurlSockets::Release(const std::shared_ptr<Socket>& socket) {
  socket->in_use = false;
  if (!socket->removed) Arm(socket);
}

void CurlSockets::Clear() {
  for (auto& [fd, socket] : sockets_) {
    socket->removed = true;
    if (socket->descriptor.is_open()) socket->descriptor.release();
  }
  sockets_.clear();
  by_ends_.clear();
}

void CurlSockets::Arm(const std::shared_ptr<Socket>& socket) {
  const auto wait = [&](Descriptor::wait_type type, int event) {
    socket->descriptor.async_wait(
        type, [self = weak_from_this(), socket, event](const boost::system::error_code& error) {
          (event == CURL_CSELECT_IN ? socket->reading : socket->writing) = false;
          const auto sockets = self.lock();
          if (!error && sockets && !socket->removed) sockets->Ready(socket, event);
        });
  };
  const bool read = (socket->wanted & CURL_POLL_IN) != 0 || socket->idle();
  const bool write = (socket->wanted & CURL_POLL_OUT) != 0;
  if ((read || write) && !socket->descriptor.is_open()) {
    boost::system::error_code ignored;
    socket->descriptor.assign(socket->fd, ignored);
  }
  if (read && !std::exchange(socket->reading, true)) wait(Descriptor::wait_read, CURL_CSELECT_IN);
  if (write && !std::exchange(socket->writing, true)) {
    wait(Descriptor::wait_write, CURL_CSELECT_OUT);
  }
}

void CurlSockets::Ready(const std::shared_ptr<Socket>& socket, int event) {
  const int wanted = event == CURL_CSELECT_IN ? CURL_POLL_IN : CURL_POLL_OUT;
  if ((socket->wanted & wanted) == 0) return Look(socket);
  listener_.OnReady(socket->fd, event);
  if (!socket->removed) Arm(socket);
}

// Something may have arrived that curl does not wait for. An idle connection is then over: curl
// finds it ended, and closes it when it looks through its connections next.
void CurlSockets::Look(const std::shared_ptr<Socket>& socket) {
  if (!socket->idle()) return;
  if (IsQuiet(socket->fd)) return Arm(socket);
  shutdown(socket->fd, SHUT_RDWR);
  char bytes[4096];
  while (recv(socket->fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0) {
  }
}

}  // namespace moerge
