#include "services/api/feedback_intake.h"

#include <utility>

namespace moerge::api {

void FeedbackIntake::Submit(FeedbackRequest request, Done done) {
  bool full = false;
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    full = waiting_.size() >= kMost;
    if (!full) {
      waiting_.push_back({std::move(request), done});
      first = !std::exchange(busy_, true);
    }
  }
  if (full) {
    done(Error{.code = ErrorCode::kOverloaded,
               .message = "too much feedback is waiting to be stored; try again shortly",
               .retry_after = std::chrono::seconds(1)});
  }
  if (first) Start();
}

void FeedbackIntake::Start() {
  const auto batch = std::make_shared<Batch>();
  {
    const std::lock_guard lock(mutex_);
    busy_ = !waiting_.empty();
    if (!busy_) return;
    batch->swap(waiting_);
  }
  const auto self = shared_from_this();
  Registry::Make make = [self, batch](Store& store, const StoredState& state) {
    return self->Count(store, state, batch.get());
  };
  registry_.Change(std::move(make), [self, batch](const Result<std::uint64_t>& revision) {
    self->Finish(revision, batch.get());
  });
}

Result<StoreChange> FeedbackIntake::Count(Store& store, const StoredState& state,
                                          Batch* batch) const {
  const RouterPtr router = router_();
  FeedbackLedger ledger(store, state);
  bool any = false;
  for (Entry& entry : *batch) {
    auto record = FindDecision(store, entry.request);
    if (!record && record.error().code == ErrorCode::kNotFound) {
      auto why = store_.WhyNotKept(entry.request.decision);
      if (why) record = *std::move(why);
    }
    auto judged = record ? Judge(entry.request, *record, *router, std::chrono::system_clock::now())
                         : Result<Judgement>(record.error());
    Feedback counted;
    Result<bool> replaced = Result<bool>(false);
    if (judged) {
      replaced = ledger.Add(judged->feedback, std::move(judged->observation), &counted);
    } else {
      replaced = std::move(judged).error();
    }
    if (!replaced) {
      entry.result = std::move(replaced).error();
      continue;
    }
    entry.result = Counted{std::move(counted), *replaced, 0};
    any = true;
  }
  if (!any) return Error{ErrorCode::kInvalid, "there is nothing to count"};
  return std::move(ledger).Take();
}

void FeedbackIntake::Finish(const Result<std::uint64_t>& revision, Batch* batch) {
  for (Entry& entry : *batch) {
    if (entry.result && !revision) entry.result = revision.error();
    if (entry.result) entry.result->revision = *revision;
    entry.done(std::move(entry.result));
  }
  Start();
}

}  // namespace moerge::api
