// The limits of one backend, shared by all event loops: calls under way, calls that wait, how long
// they wait; and its health as a circuit breaker sees it.
//
// Owner: Gates, which lives as long as the server and keeps a gate per backend name over reloads.
// Any thread may call. Waiting is first come, first served, background calls behind all others.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "adapters/http_client.h"
#include "config/base/metrics.h"
#include "config/entities.h"

namespace moerge {

// Who waits for a call's answer.
enum class CallClass {
  kInteractive,  // a client
  kBackground,   // nobody at present: a batch, vectors to learn from
};

class Gate {
 public:
  virtual ~Gate() = default;

  // Holds one of the backend's places until destroyed.
  class Permit {
   public:
    virtual ~Permit() = default;
  };

  // Waits for a place on the caller's loop. Errors: kRateLimited (the queue is full; retry_after is
  // set), kOverloaded (waited longer than queue_timeout; retry_after), kTimeout, kCancelled,
  // kUnavailable (the breaker is open; retry_after says until when).
  virtual Task<Result<std::unique_ptr<Permit>>> Enter(const Backend& limits, CallClass call_class,
                                                      CallScope scope) = 0;

  // What the breaker learns from: true for any answer, false for connection failures, timeouts and
  // 5xx. After 5 failures in a row it opens for 1 s, doubling to 30 s; one trial call closes it.
  virtual void Report(bool success) = 0;
  virtual bool Healthy() const = 0;
};

class Gates {
 public:
  explicit Gates(Metrics& metrics);
  ~Gates();
  // Made when first asked for. Any thread.
  std::shared_ptr<Gate> For(std::string_view backend);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace moerge
