// Feedback on its way into the registry: the first goes at once, those that come while it is made
// durable are gathered into the next change. So a snapshot is built per group, not per judgement.
//
// Owner: one per server, shared by the handlers of all event loops and the changes under way.
// Threads: any. Bounded: at most kMost wait, further ones are refused with kOverloaded.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "registry/feedback.h"
#include "registry/registry.h"
#include "registry/store_thread.h"
#include "router/router.h"
#include "services/api/feedback_request.h"

namespace moerge::api {

struct Counted {
  Feedback feedback;
  bool replaced = false;  // an earlier one of the same key on the same decision
  std::uint64_t revision = 0;
};

class FeedbackIntake : public std::enable_shared_from_this<FeedbackIntake> {
 public:
  static constexpr std::size_t kMost = 1024;
  using Done = std::function<void(Result<Counted>)>;  // on the store thread, or at once

  // `registry` and `store` must outlive the store thread's work.
  FeedbackIntake(Registry& registry, const StoreThread& store, std::function<RouterPtr()> router)
      : registry_(registry), store_(store), router_(std::move(router)) {}
  void Submit(FeedbackRequest request, Done done);

 private:
  struct Entry {
    FeedbackRequest request;
    Done done;
    Result<Counted> result = Counted();
  };
  using Batch = std::vector<Entry>;

  void Start();
  Result<StoreChange> Count(Store& store, const StoredState& state, Batch* batch) const;
  void Finish(const Result<std::uint64_t>& revision, Batch* batch);

  Registry& registry_;
  const StoreThread& store_;
  const std::function<RouterPtr()> router_;
  std::mutex mutex_;  // guards what follows
  Batch waiting_;
  bool busy_ = false;
};

}  // namespace moerge::api
