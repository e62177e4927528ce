#include "services/pipeline/comments.h"

#include <exception>
#include <utility>

#include "config/base/task_group.h"

namespace moerge {
namespace {

constexpr std::chrono::seconds kNext(10);

// Until the answer has begun or is `over`.
Task<void> Comment(ClientStream& stream, Event& over, std::chrono::milliseconds quiet) {
  Deadline next = Deadline::After(quiet);
  while (!co_await over.WaitUntil(next)) {
    if (stream.answering()) co_return;
    const Status sent = co_await stream.KeepAlive();
    if (!sent) co_return;
    next = Deadline::After(kNext);
  }
}

}  // namespace

template <class Reply>
Task<Result<Reply>> WithComments(ClientStream& stream, std::chrono::milliseconds quiet,
                                 Task<Result<Reply>> work) {
  const Executor loop = co_await ThisLoop();
  Event over(loop);
  TaskGroup comments(loop);
  comments.Start("comments", Comment(stream, over, quiet));
  std::exception_ptr failure;
  Result<Reply> reply = Error{ErrorCode::kInternal, "no expert was asked"};
  try {
    reply = co_await std::move(work);
  } catch (...) {
    failure = std::current_exception();
  }
  over.Set();
  co_await comments.Join();
  if (failure) std::rethrow_exception(failure);
  co_return reply;
}

template Task<Result<ChatReply>> WithComments(ClientStream&, std::chrono::milliseconds,
                                              Task<Result<ChatReply>>);
template Task<Result<StreamSummary>> WithComments(ClientStream&, std::chrono::milliseconds,
                                                  Task<Result<StreamSummary>>);

}  // namespace moerge
