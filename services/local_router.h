// Routing without a server: the registry and router of a configuration, for the command line.
// Owner: the command. Threads: its own; training runs on another.
#pragma once

#include <memory>

#include "config/base/result.h"
#include "config/config.h"
#include "router/router.h"

namespace moerge {

class LocalRouter {
 public:
  // Reads the store if there is one, creates none, and waits until the classifiers are trained
  // (seconds; kept in the store, if there is one). Blocking. Errors: of the store and the registry.
  static Result<std::unique_ptr<LocalRouter>> Open(const Config& config);
  ~LocalRouter();

  RouterPtr router() const;

 private:
  LocalRouter();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace moerge
