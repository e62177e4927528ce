// The two steps together, over one snapshot: what services ask. Immutable; any thread may call
// Route.
//
// A Router belongs to one snapshot. RouterFactory makes one per snapshot, in well under a second
// for 10,000 experts, and trains classifiers in the background: a new expert is routable at once,
// while a new skill is recognised as soon as its classifier is trained.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/base/deadline.h"
#include "config/base/result.h"
#include "registry/latency.h"
#include "registry/registry.h"
#include "router/classify/confusion.h"
#include "router/decision.h"
#include "router/mapping/mappings.h"
#include "router/request.h"

namespace moerge {

// State of the outside: which backends and models can be called, how long experts take.
// Thread-safe.
class Health {
 public:
  virtual ~Health() = default;
  // Whether all models of the backend can be.
  virtual bool Healthy(std::string_view backend) const = 0;
  // Whether this expert's can; asked for where the above says no. REQUIRES: it has a backend.
  virtual bool HealthyModelOf(const ExpertEntry& expert) const {
    return Healthy(expert.spec.backend);
  }
  // Asked for only by requests with a latency limit and by policies that weigh latency.
  virtual Latency MeasuredLatency(ExpertId) const { return {}; }
  // How long a call would wait until the expert's model is loaded, ms; asked for likewise.
  virtual float LoadWaitMs(const ExpertEntry&) const { return 0; }
};

class Router {
 public:
  virtual ~Router() = default;
  virtual const SnapshotPtr& snapshot() const = 0;

  // Never fails. An empty roster means that nothing fits; the reasons say why and what would help.
  virtual Decision Route(const RouteRequest& request, const Policy& policy,
                         const Health* health) const = 0;
  // Step 1 alone: what a text needs, by the policy's classifier.
  virtual Demand Infer(const RouteRequest& request, const Policy& policy) const = 0;
  // A decision that bypasses routing: that expert and no other.
  virtual Decision Direct(const RouteRequest& request, const ExpertEntry& expert) const = 0;
  // What the recruiter `mapping` would go by under this policy, or why there is no such mapping.
  // Null: this router does not map.
  virtual MappingPtr MappingFor(const Policy&) const { return nullptr; }
  // What the classifier `lexical` takes for what. No skills: nothing was learnt yet.
  virtual Confusion WhatIsTakenForWhat() const { return {}; }
  // One over another snapshot, with what this one has learnt: to see what a change would do.
  // REQUIRES: `snapshot` has the same experts and skills by name. Null: this router cannot.
  virtual std::shared_ptr<const Router> Over(SnapshotPtr) const { return nullptr; }
};
using RouterPtr = std::shared_ptr<const Router>;

// Owner: the composition root. Current() any thread. Hooks itself on the registry's publication, so
// a snapshot and its Router become visible together; trains on a thread of its own.
class RouterFactory {
 public:
  // `latencies`: for mappings by latency, and outlives the object; null: declared ones alone count.
  RouterFactory(Registry& registry, StoreThread& store, const LatencyTable* latencies = nullptr);
  ~RouterFactory();  // stops training

  // Rebuilds the Router, at the same snapshot, if a policy maps by latency and one has changed by
  // more than a quarter since. Any thread; the store thread does it about once a minute by itself.
  void RefreshLatencies();

  RouterPtr Current() const;
  // Whether the classifiers have caught up with the current snapshot (readiness, `quickstart`).
  bool IsTrained() const;
  // Blocks until IsTrained() or the deadline. False: not in time.
  bool WaitTrained(Deadline deadline) const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;  // shared with the registry's callback
};

// Whether a policy's classifier, recruiter and options are known here; the error lists what is.
// `skills`: names of those that there are, for options that name skills; null: they are not
// checked.
Status CheckPolicy(const Policy& policy, const std::vector<std::string>* skills = nullptr);

}  // namespace moerge
