// Errors as values. A function that can fail returns Result<T>: a T or an Error. Nothing on the
// path of a request throws for something a client, an expert or a disk can cause.
//
// `message` is written for the person who sent the request or wrote the configuration: what is
// wrong, where, what to do. `detail` is for logs only and never leaves the process in a reply.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <variant>

namespace moerge {

// What went wrong, as far as callers act on it. services/api maps each to one HTTP status.
enum class ErrorCode {
  kInvalid,       // the request or configuration is wrong: 400
  kUnauthorized,  // no key or a wrong one: 401
  kForbidden,     // the key may not do this: 403
  kNotFound,      // 404
  kConflict,      // exists already, belongs to the file, is in use: 409
  kTooLarge,      // 413
  kRateLimited,   // a queue or limit of ours is full: 429
  kNoExpert,      // nothing registered can answer this: 503
  kOverloaded,    // an expert's queue is full or waited too long: 503
  kUnavailable,   // could not connect, breaker open, shutting down: 503
  kUpstream,      // the expert answered, but not with an answer: 502
  kTimeout,       // the deadline passed: 504
  kCancelled,     // the client left: the reply is not seen
  kInternal,      // a defect or a failed disk: 500
};

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
  std::string detail = {};
  std::string param = {};               // the field at fault, for example "messages[0].role"
  std::string reason = {};              // OpenAI's `code`: "model_not_found"; empty is null
  std::string type = {};                // OpenAI's `type`; empty: what goes with `code`
  int status = 0;                       // HTTP's; 0: what goes with `code`
  std::chrono::seconds retry_after{0};  // 0: no advice
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // REQUIRES: ok().
  T& operator*() & { return std::get<0>(state_); }
  const T& operator*() const& { return std::get<0>(state_); }
  T&& operator*() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }

  // REQUIRES: !ok().
  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

struct Ok {};

// The Result of something done for its effect: `return Ok{};` or an Error.
using Status = Result<Ok>;

}  // namespace moerge
