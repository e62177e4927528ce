// Sockets on 127.0.0.1 for the benchmark programs. Stateless. What cannot go on exits with code 1
// and says why; Connect returns -1 instead, since a refused connection is a result to be counted.
#pragma once

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace moerge::bench {

inline int Checked(int result, const char* what) {
  if (result >= 0) return result;
  std::fprintf(stderr, "%s: %s\n", what, std::strerror(errno));
  std::exit(1);
}

inline sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// Every write is to leave at once: without this, small pieces of a stream wait for each other.
inline void SendAtOnce(int fd) {
  const int on = 1;
  Checked(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "TCP_NODELAY");
}

// `port` 0 takes a free one; returns the listening descriptor.
inline int Listen(int port) {
  const int fd = Checked(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket");
  const int on = 1;
  Checked(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), "SO_REUSEADDR");
  const sockaddr_in address = Loopback(port);
  Checked(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind");
  Checked(listen(fd, 4096), "listen");
  return fd;
}

inline int PortOf(int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  Checked(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), "getsockname");
  return ntohs(address.sin_port);
}

// Starts a connection that does not block.
inline int Connect(int port) {
  const int fd = Checked(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket");
  SendAtOnce(fd);
  const sockaddr_in address = Loopback(port);
  const int result = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  if (result == 0 || errno == EINPROGRESS) return fd;
  close(fd);
  return -1;
}

inline void Watch(int epoll, int operation, int fd, uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  Checked(epoll_ctl(epoll, operation, fd, &event), "epoll_ctl");
}

// Thousands of connections need as many descriptors as the system allows this process.
inline void RaiseDescriptorLimit() {
  rlimit limit{};
  Checked(getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
  limit.rlim_cur = limit.rlim_max;
  Checked(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
}

}  // namespace moerge::bench
