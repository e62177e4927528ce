// libcurl's multi interface on one event loop: watches the descriptors that curl asks for, runs its
// timer, and tells transfers that they are done, never from inside one of curl's callbacks.
//
// Owner: the client and its transfers, by shared_ptr. Threads: the loop only.
#pragma once

#include <curl/curl.h>

#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "adapters/deadline_watch.h"

namespace moerge {

class CurlLoop : public std::enable_shared_from_this<CurlLoop> {
 public:
  // What a handle added here belongs to; set as the handle's CURLOPT_PRIVATE.
  class Client {
   public:
    virtual ~Client() = default;
    // The handle is out of the multi handle again. May destroy the client.
    virtual void OnDone(CURLcode code) = 0;
  };

  explicit CurlLoop(const Executor& executor);
  ~CurlLoop();
  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;

  const Executor& executor() const { return executor_; }
  DeadlineWatch& watch() { return watch_; }

  CURL* TakeHandle();             // with options reset; null: out of memory
  void GiveHandle(CURL* handle);  // REQUIRES: not added

  // REQUIRES for both: not called from inside one of curl's callbacks.
  bool Add(CURL* handle);
  void Remove(CURL* handle);  // closes its connection unless the transfer is over

  // Keeps a client alive until Forget.
  void Keep(std::shared_ptr<Client> client) { kept_.insert(std::move(client)); }
  void Forget(const std::shared_ptr<Client>& client) { kept_.erase(client); }
  void ForgetAll() { std::exchange(kept_, {}).clear(); }

 private:
  using Descriptor = boost::asio::posix::basic_stream_descriptor<Executor>;
  struct Socket {
    Socket(const Executor& executor, int fd) : descriptor(executor), fd(fd) {}
    Descriptor descriptor;
    int fd;
    int wanted = 0;
    bool reading = false;
    bool writing = false;
    bool removed = false;
  };

  static int OnSocket(CURL* easy, curl_socket_t fd, int what, void* self, void* socket);
  static int OnTimer(CURLM* multi, long milliseconds, void* self);
  void Watch(curl_socket_t fd, int what);
  void Arm(const std::shared_ptr<Socket>& socket);
  void Ready(const std::shared_ptr<Socket>& socket, int event);
  void SetTimer(long milliseconds);
  void Act(curl_socket_t fd, int events);

  Executor executor_;
  DeadlineWatch watch_;
  SteadyTimer timer_;
  std::uint64_t timer_round_ = 0;
  CURLM* multi_;
  std::unordered_map<curl_socket_t, std::shared_ptr<Socket>> sockets_;
  std::unordered_set<std::shared_ptr<Client>> kept_;
  std::vector<CURL*> spare_;
};

}  // namespace moerge
