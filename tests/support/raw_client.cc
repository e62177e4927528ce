#include "tests/support/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <utility>

#include "config/base/text.h"

namespace moerge::test {

RawClient::RawClient(std::uint16_t port, int receive_buffer) {
  fd_ = ::socket(AF_INET, SOCK_STREAM, 0);
  if (receive_buffer > 0) {
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("cannot connect to port " + std::to_string(port));
  }
  const int one = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

RawClient::~RawClient() { Close(); }

void RawClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return;  // the peer has closed; what it said is still to be read
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void RawClient::FinishSending() { ::shutdown(fd_, SHUT_WR); }

void RawClient::Close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

void RawClient::Reset() {
  const linger hard{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  Close();
}

bool RawClient::Fill(std::chrono::milliseconds patience) {
  pollfd poll_fd{fd_, POLLIN, 0};
  if (closed_ || ::poll(&poll_fd, 1, static_cast<int>(patience.count())) <= 0) return false;
  char bytes[16384];
  const ssize_t n = ::recv(fd_, bytes, sizeof bytes, 0);
  if (n <= 0) {
    closed_ = true;
    return false;
  }
  buffer_.append(bytes, static_cast<std::size_t>(n));
  return true;
}

std::string RawClient::ReadToEnd(std::chrono::milliseconds patience) {
  while (Fill(patience)) {
  }
  return std::exchange(buffer_, {});
}

std::string RawClient::ReadUntil(std::string_view what, std::chrono::milliseconds patience) {
  while (true) {
    const std::size_t at = buffer_.find(what);
    if (at != std::string::npos) {
      std::string out = buffer_.substr(0, at + what.size());
      buffer_.erase(0, at + what.size());
      return out;
    }
    if (!Fill(patience)) return std::exchange(buffer_, {});
  }
}

std::string RawClient::ReadReply(std::chrono::milliseconds patience) {
  std::string reply = ReadUntil("\r\n\r\n", patience);
  if (HeaderOf(reply, "transfer-encoding") == "chunked") {
    return reply + ReadUntil("0\r\n\r\n", patience);
  }
  const std::size_t length = ParseInt(HeaderOf(reply, "content-length")).value_or(0);
  while (buffer_.size() < length && Fill(patience)) {
  }
  reply += buffer_.substr(0, length);
  buffer_.erase(0, length);
  return reply;
}

int StatusOf(std::string_view reply) {
  if (!reply.starts_with("HTTP/1.1 ")) return 0;
  return static_cast<int>(ParseInt(reply.substr(9, 3)).value_or(0));
}

std::string HeaderOf(std::string_view reply, std::string_view name) {
  for (const std::string_view line : Split(reply.substr(0, reply.find("\r\n\r\n")), '\n')) {
    const std::size_t colon = line.find(':');
    if (colon != line.npos && EqualsIgnoreCase(line.substr(0, colon), name)) {
      return std::string(Trim(line.substr(colon + 1)));
    }
  }
  return {};
}

std::string BodyOf(std::string_view reply) {
  const std::size_t head = reply.find("\r\n\r\n");
  if (head == reply.npos) return {};
  std::string_view body = reply.substr(head + 4);
  if (HeaderOf(reply, "transfer-encoding") != "chunked") return std::string(body);
  std::string out;
  while (true) {
    const std::size_t line = body.find("\r\n");
    if (line == body.npos) return out;
    const std::size_t size = std::stoul(std::string(body.substr(0, line)), nullptr, 16);
    if (size == 0) return out;
    out += body.substr(line + 2, size);
    if (line + 2 + size + 2 > body.size()) return out;
    body.remove_prefix(line + 2 + size + 2);
  }
}

}  // namespace moerge::test
