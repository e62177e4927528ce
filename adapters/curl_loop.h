// libcurl's multi interface on one event loop: runs its timer and what its descriptors ask for, and
// tells transfers that they are done, never from inside one of curl's callbacks.
//
// Owner: the client and its transfers, by shared_ptr. Threads: the loop only.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <unordered_set>
#include <utility>

#include "adapters/curl_sockets.h"
#include "adapters/deadline_watch.h"

namespace moerge {

class CurlLoop : public std::enable_shared_from_this<CurlLoop>, private CurlSockets::Listener {
 public:
  // What a handle added here belongs to; set as the handle's CURLOPT_PRIVATE.
  class Client {
   public:
    virtual ~Client() = default;
    // The handle is out of the multi handle again. May destroy the client.
    virtual void OnDone(CURLcode code) = 0;
  };

  explicit CurlLoop(const Executor& executor);
  ~CurlLoop() override;
  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;

  const Executor& executor() const { return executor_; }
  DeadlineWatch& watch() { return watch_; }
  CurlSockets& sockets() { return *sockets_; }

  // A handle for one transfer, null: out of memory; curl_easy_cleanup ends it. None is used twice:
  // libcurl 7.88 keeps a pointer to the last header of the transfer before, and follows it if the
  // next response begins with a folded line.
  CURL* MakeHandle();

  // REQUIRES for both: not called from inside one of curl's callbacks.
  bool Add(CURL* handle);
  void Remove(CURL* handle);  // closes its connection unless the transfer is over

  // Keeps a client alive until Forget.
  void Keep(std::shared_ptr<Client> client) { kept_.insert(std::move(client)); }
  void Forget(const std::shared_ptr<Client>& client) { kept_.erase(client); }
  void ForgetAll() { std::exchange(kept_, {}).clear(); }

 private:
  static int OnSocket(CURL* easy, curl_socket_t fd, int what, void* self, void* socket);
  static int OnTimer(CURLM* multi, long milliseconds, void* self);
  void OnReady(curl_socket_t fd, int events) override;
  void SetTimer(long milliseconds);
  void Act(curl_socket_t fd, int events);

  Executor executor_;
  DeadlineWatch watch_;
  SteadyTimer timer_;
  std::uint64_t timer_round_ = 0;
  CURLM* multi_;
  const std::shared_ptr<CurlSockets> sockets_;
  std::unordered_set<std::shared_ptr<Client>> kept_;
  CURLSH* share_;  // TLS sessions, so that new connections resume them
};

}  // namespace moerge
