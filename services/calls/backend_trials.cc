#include "services/calls/backend_trials.h"

#include <chrono>
#include <utility>

#include "config/base/log.h"

namespace moerge {
namespace {

// Of a whole answer, once it has begun: a backend that needs longer than requests may take is not
// well.
constexpr std::chrono::minutes kLongest{10};

}  // namespace

bool BackendTrials::Spares(const ExpertEntry& expert) const {
  return expert.backend != nullptr && !ModelTurns::Manages(expert) && caller_.IsOpen(expert);
}

void BackendTrials::Try(ExpertCall call) {
  if (stop_.cancelled() || !Spares(*call.expert) || caller_.IsAvoided(*call.expert)) return;
  call.last_resort = false;
  call.is_part = false;
  call.is_trial = true;
  call.deadline = Deadline::After(kLongest);
  tasks_.Start("trial of a backend", Run(std::move(call)));
}

Task<void> BackendTrials::Run(ExpertCall call) {
  Ledger ledger;
  CallTrace trace;
  const CallSite site{ledger, trace, &stop_};
  const Result<ChatReply> reply = co_await caller_.Chat(call, site);
  LogDebug("a backend that is avoided was tried",
           {{"backend", call.expert->backend->name},
            {"outcome", reply ? std::string("ok") : reply.error().message}});
}

}  // namespace moerge
