// The body of a request as its handler reads it. Threads: the call's event loop.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "config/base/result.h"
#include "services/api/context.h"
#include "services/api/routes.h"
#include "services/work_pool.h"

namespace moerge::api {

// A body as it was sent.
struct SentBody {
  std::string bytes;
  std::string coding;  // Content-Encoding; empty: none
  std::size_t most = 0;
  http::Exchange* exchange = nullptr;

  // Whether to read it would hold a loop for more than some milliseconds.
  bool IsLarge() const;
};
SentBody TakeSentBody(const ApiContext& context, ApiCall& call);

// Decompresses it if the client has compressed it (gzip or deflate), which may not make it longer
// than `server.max_body`. Errors: kInvalid with status 415 for another coding, which it names;
// kInvalid for a damaged body; kTooLarge; kOverloaded if there is no room for it beside the bodies
// of other requests. Any thread, while its handler waits.
Result<std::string> DecodeBody(SentBody body);

// What `parse` makes of the decoded body; also its Errors. A large body is read on another thread.
template <class T>
Task<Result<T>> ReadBody(const ApiContext& context, ApiCall& call,
                         Result<T> (*parse)(std::string)) {
  const auto body = std::make_shared<SentBody>(TakeSentBody(context, call));
  std::function<Result<T>()> read = [body, parse]() -> Result<T> {
    Result<std::string> text = DecodeBody(std::move(*body));
    if (!text) return std::move(text).error();
    return parse(*std::move(text));
  };
  if (!body->IsLarge()) co_return read();
  Result<T> parsed = co_await context.shared().pool.Run(std::move(read));
  co_return parsed;
}

}  // namespace moerge::api
