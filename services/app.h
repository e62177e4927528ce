// The composition root of a server: every part, made and joined in one place.
//
// Owner: the command line or a test. Threads: Start, Stop and the destructor from the owner's
// thread; Reload from any thread but an event loop's.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "config/base/result.h"
#include "config/config.h"
#include "registry/audit.h"
#include "router/router.h"

namespace moerge {

class App {
 public:
  // `config.file` is what Reload reads again; empty: there is nothing to reload.
  explicit App(Config config);
  ~App();  // stops

  // Opens the store, fills the registry, listens. Errors say what to change.
  Status Start();
  std::uint16_t port() const;
  // "/first/TOKEN" while others can reach the server, nobody has a key and the link was not used
  // yet; empty: there is no need for one.
  std::string first_link() const;
  bool WaitTrained(Deadline deadline) const;

  // Puts a changed configuration file in force without dropping a request and gives the new
  // revision. On an error the old one stays. `server` and `store` only change on a restart; a
  // change there is said in the log.
  Result<std::uint64_t> Reload(const ChangeAuthor& by = {});

  // Lets requests under way finish for at most server.shutdown_grace.
  void Stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace moerge
