#include "services/api/progress_stream.h"

#include <chrono>
#include <utility>

#include "config/base/event.h"
#include "services/api/jobs.h"

namespace moerge::api {
namespace {

constexpr std::chrono::milliseconds kLookEvery{500};
constexpr int kLooksQuiet = 20;  // then a comment keeps the connection alive

// Until something is to be said, or the client leaves. False: it has left, or the server stops.
Task<bool> WaitToLook(ApiContext& context, ApiCall& call) {
  Event left(call.exchange.executor());
  const auto registration = call.exchange.cancellation().OnCancel([&left] { left.Set(); });
  const Deadline next = Deadline::After(kLookEvery);
  const bool gone = co_await left.WaitUntil(next);
  co_return !gone && !context.shared().jobs.stopping;
}

}  // namespace

Task<void> StreamProgress(ApiContext& context, ApiCall& call, ProgressState state,
                          LookAtProgress look) {
  Status sent = co_await call.exchange.BeginStream(200, "text/event-stream");
  std::string last;
  for (int quiet = 0; sent; ++quiet) {
    std::string text;
    if (state.json != last) text = "event: progress\ndata: " + state.json + "\n\n";
    if (text.empty() && quiet >= kLooksQuiet) text = ": waiting\n\n";
    if (state.over) text += "data: [DONE]\n\n";
    if (!text.empty()) {
      quiet = 0;
      sent = co_await call.exchange.Write(text);
    }
    last = std::move(state.json);
    if (!sent || state.over || call.deadline.Passed()) break;
    const bool more = co_await WaitToLook(context, call);
    if (!more) break;
    Result<ProgressState> next = co_await look();
    if (!next) break;
    state = *std::move(next);
  }
  if (sent) (void)co_await call.exchange.EndStream();
}

}  // namespace moerge::api
