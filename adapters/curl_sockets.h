// The descriptors of one multi handle of libcurl. They are watched for curl while it waits for
// them, and for us while their connections lie idle: an idle server has nothing to say over
// HTTP/1.1, so that whatever arrives then, an end or bytes nobody asked for, ends the connection.
// libcurl itself does not look, and would take such bytes for the answer to the next request.
//
// Owner: the CurlLoop; handlers that wait hold it weakly. Threads: the loop only. Connections that
// speak HTTP/2 are left alone: their streams are numbered, and an idle server may send frames.
#pragma once

#include <curl/curl.h>

#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "config/base/task.h"

namespace moerge {

class CurlSockets : public std::enable_shared_from_this<CurlSockets> {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    // A descriptor that curl waits for is ready; `events`: CURL_CSELECT_*.
    virtual void OnReady(curl_socket_t fd, int events) = 0;
  };
  struct Socket;

  CurlSockets(const Executor& executor, Listener& listener)
      : executor_(executor), listener_(listener) {}

  // Lets these sockets be opened and closed here. REQUIRES: this outlives curl's connections.
  void OpenFor(CURL* easy);
  // Curl wants `what` (CURL_POLL_*) of a descriptor, its own or one opened here.
  void Watch(curl_socket_t fd, int what);
  // Curl has chosen the connection between these two ends for a request of `easy`, which is not yet
  // sent. Null: it must not be used, because something has arrived on it, or it is not known.
  std::shared_ptr<Socket> Admit(CURL* easy, const std::string& ends, int local_port);
  // The request on it is over.
  void Release(const std::shared_ptr<Socket>& socket);
  // The errno of the last socket that could not be opened; 0 once one could.
  int open_error() const { return open_error_; }
  // REQUIRES: curl is gone. Nobody is told anything any more.
  void Clear();

 private:
  using Descriptor = boost::asio::posix::basic_stream_descriptor<Executor>;

  static curl_socket_t OnOpen(void* self, curlsocktype purpose, curl_sockaddr* address);
  static int OnClose(void* self, curl_socket_t fd);
  void Opened(curl_socket_t fd);
  void Close(curl_socket_t fd);
  std::shared_ptr<Socket> TakeUnnamed(int local_port);
  void Arm(const std::shared_ptr<Socket>& socket);
  void Ready(const std::shared_ptr<Socket>& socket, int event);
  void Look(const std::shared_ptr<Socket>& socket);

  Executor executor_;
  Listener& listener_;
  int open_error_ = 0;
  std::unordered_map<curl_socket_t, std::shared_ptr<Socket>> sockets_;
  std::unordered_map<std::string, std::shared_ptr<Socket>> by_ends_;  // those that were used
  std::vector<curl_socket_t> unnamed_;                                // opened, not used yet
};

struct CurlSockets::Socket {
  Socket(const Executor& executor, curl_socket_t fd) : descriptor(executor), fd(fd) {}
  // Whether it is a connection between two requests.
  bool idle() const { return !ends.empty() && !in_use && !multiplexed && wanted == 0; }

  Descriptor descriptor;
  curl_socket_t fd;
  int wanted = 0;
  bool reading = false;
  bool writing = false;
  bool removed = false;
  bool opened_here = false;
  bool in_use = false;
  bool multiplexed = false;
  std::string ends;  // local and remote address and port; empty until first used
};

}  // namespace moerge
