// The exchange of work that no client waits for: an empty request, and nowhere to reply to.
// Owner: whoever does the work. Threads: its event loop.
#pragma once

#include <string>

#include "services/http/exchange.h"

namespace moerge::api {

class NoClient final : public http::Exchange {
 public:
  // `cancellation` outlives the object.
  NoClient(const Executor& loop, Cancellation& cancellation)
      : executor_(loop), cancellation_(cancellation) {}

  const http::Request& request() const override { return request_; }
  std::string TakeBody() override { return {}; }
  const Executor& executor() const override { return executor_; }
  Cancellation& cancellation() override { return cancellation_; }
  void SetHeader(std::string_view, std::string) override {}
  Task<Status> Send(http::Reply) override { return Nobody(); }
  Task<Status> BeginStream(int, std::string_view) override { return Nobody(); }
  Task<Status> Write(std::string_view) override { return Nobody(); }
  Task<Status> EndStream() override { return Nobody(); }
  Task<Status> WriteUnframed(std::string_view) override { return Nobody(); }
  void Abort(bool) override {}
  bool replied() const override { return false; }
  int status() const override { return 0; }
  std::size_t bytes_sent() const override { return 0; }

 private:
  static Task<Status> Nobody() { co_return Error{ErrorCode::kCancelled, "there is no client"}; }

  http::Request request_;
  Executor executor_;
  Cancellation& cancellation_;
};

}  // namespace moerge::api
