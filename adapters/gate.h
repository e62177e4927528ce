// The limits of one backend, shared by all event loops: calls under way, calls that wait, how long
// they wait; and its health and that of its models as circuit breakers see it.
//
// Owner: Gates, which lives as long as the server and keeps a gate per backend name over reloads.
// Any thread may call. Waiting is first come, first served, background calls behind all others.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/backend_health.h"
#include "adapters/context_memory.h"
#include "adapters/http_client.h"
#include "adapters/retry_budget.h"
#include "config/base/metrics.h"
#include "config/entities.h"

namespace moerge {

// Who waits for a call's answer.
enum class CallClass {
  kInteractive,  // a client
  // Nobody at present: a batch, vectors to learn from. Such calls wait behind all others, as many
  // as there are, until their deadline.
  kBackground,
};

class Gate {
 public:
  virtual ~Gate() = default;

  // Holds one of the backend's places until destroyed.
  class Permit {
   public:
    virtual ~Permit() = default;
  };

  // Which call wants in.
  struct CallKind {
    CallClass call_class = CallClass::kInteractive;
    bool last_resort = false;  // there is no other expert to ask
    // What the backend calls the expert: limits of rate are often a model's, not the server's.
    std::string_view model = {};
  };

  // How one request's calls of the backend ended, all its tries together.
  struct Outcome {
    ModelAtBackend model = {};     // its name as in CallKind
    bool success = false;          // any answer; false: no connection, a timeout, a 5xx, nonsense
    std::uint64_t client = 0;      // tells clients apart; 0: unknown
    std::string_view reason = {};  // of a failure, for people; without secrets
    std::chrono::steady_clock::time_point sent{};  // the last call; zero: just now
  };

  // For people: whether the backend is avoided, since when and why.
  struct Avoidance {
    bool avoided = false;                // its breaker is open
    std::string reason;                  // why it opened; empty if it is closed
    std::chrono::seconds for_seconds{};  // how long it has been open
    std::chrono::milliseconds
        resting_ms{};  // how long a model that answered 429 still rests; the last of several
  };
  // The same of one of its models.
  struct ModelAvoidance : Avoidance {
    std::string model;
    bool whole_backend = false;  // it is the backend that is avoided
  };
  struct Condition : Avoidance {
    std::vector<ModelAvoidance> models;  // that are avoided while the backend is not; by name
    int in_flight = 0;
    int queued = 0;
  };

  // Waits for a place on the caller's loop. While a breaker is open, or the model is to rest, a
  // call is refused; `last_resort`: an open breaker is no reason, since no other expert is
  // left to ask, and a rest of at most kShortRest is waited for. Errors: kRateLimited (the queue is
  // full, or the model is to rest; retry_after is set), kOverloaded (waited longer than
  // queue_timeout; retry_after), kTimeout, kCancelled, kUnavailable (a breaker is open;
  // retry_after says until when).
  virtual Task<Result<std::unique_ptr<Permit>>> Enter(const Backend& limits, CallKind kind,
                                                      CallScope scope) = 0;

  // What the breakers learn from (adapters/backend_health.h). Once per request, after its last try.
  virtual void Report(const Outcome& outcome) = 0;
  // A call was given up without one byte though its answer was due, by its client or in favour of
  // another expert. BackendHealth::kSilencesToOpen of them, and no answer between, open a breaker.
  virtual void ReportSilence(const ModelAtBackend& model) = 0;
  // Opens the model's breaker: its calls wait, and none is answered.
  virtual void Suspect(const ModelAtBackend& model, std::string_view reason) = 0;
  // Opens the backend's: those of several models wait.
  virtual void SuspectAll(std::string_view reason) = 0;
  // The model answered 429: no call goes to it for so long; 0: the backend did not say
  // (adapters/model_rest.h).
  virtual void Rest(std::string_view model, std::chrono::seconds asked) = 0;
  // Whether the breakers let calls of the model through: they are closed, or a trial is due;
  // without a model, of every one.
  virtual bool Healthy(std::string_view model) const = 0;
  virtual bool Healthy() const = 0;
  // Whether the backend's breaker or the model's is open, be a trial due or not.
  virtual bool Open(std::string_view model) const = 0;
  // How long the model is still left alone; 0: it is not.
  virtual std::chrono::milliseconds RestLeft(std::string_view model) const = 0;
  bool Rests(std::string_view model) const { return RestLeft(model).count() > 0; }
  virtual Condition condition() const = 0;
  virtual ModelAvoidance ConditionOf(std::string_view model) const = 0;

  static constexpr std::chrono::milliseconds kShortRest{500};
};

class Gates {
 public:
  explicit Gates(Metrics& metrics);
  ~Gates();
  // Made when first asked for. Any thread.
  std::shared_ptr<Gate> For(std::string_view backend);
  // Of all requests together. Any thread.
  RetryBudget& budget() { return budget_; }
  ContextMemory& contexts() { return contexts_; }

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  RetryBudget budget_;
  ContextMemory contexts_;
};

}  // namespace moerge
