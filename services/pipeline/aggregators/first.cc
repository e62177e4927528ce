#include "services/pipeline/aggregators/first.h"

#include <exception>

#include "config/base/task_group.h"
#include "router/policy_options.h"
#include "services/pipeline/dispatcher.h"
#include "services/pipeline/refusals.h"

namespace moerge {
namespace {

constexpr std::chrono::seconds kNextComment(10);

// Until the answer has begun or is `over`.
Task<void> Comment(ClientStream& stream, Event& over, std::chrono::milliseconds quiet) {
  Deadline next = Deadline::After(quiet);
  while (!co_await over.WaitUntil(next)) {
    if (stream.answering()) co_return;
    const Status heard = co_await stream.KeepAlive();
    if (!heard) co_return;
    next = Deadline::After(kNextComment);
  }
}

}  // namespace

Status First::Accepts(const ChatRequest& request) const {
  return RefuseVerifier(request,
                        "answers of one expert stream straight through and are not checked");
}

Task<Result<ChatReply>> First::Answer(const Round& round) const {
  if (round.stream != nullptr) {
    const double quiet = NumberOption(round.policy, "stream.comment_ms");
    if (quiet > 0) return Streamed(round, std::chrono::milliseconds(static_cast<int>(quiet)));
  }
  return round.dispatcher.Dispatch(round.request, round.stream, round.scope, round.record);
}

Task<Result<ChatReply>> First::Streamed(const Round& round, std::chrono::milliseconds quiet) {
  const Executor loop = co_await ThisLoop();
  Event over(loop);
  TaskGroup comments(loop);
  comments.Start("comments", Comment(*round.stream, over, quiet));
  std::exception_ptr failure;
  Result<ChatReply> reply = Error{ErrorCode::kInternal, "nobody was asked"};
  try {
    reply =
        co_await round.dispatcher.Dispatch(round.request, round.stream, round.scope, round.record);
  } catch (...) {
    failure = std::current_exception();
  }
  over.Set();
  co_await comments.Join();
  if (failure) std::rethrow_exception(failure);
  co_return reply;
}

}  // namespace moerge
