// Which configuration a command works with.
#pragma once

#include <string>

#include "config/base/result.h"
#include "config/config.h"

namespace CLI {
class App;
}

namespace moerge::cli {

// --config and --store of commands that work without a server.
struct ConfigurationChoice {
  std::string file;
  std::string store;

  void AddOptions(CLI::App& command);
  // The file named; else ./moerge.yaml if there is one; else the defaults. --store replaces the
  // file's. The error lists every mistake.
  Result<Config> Load() const;
};

}  // namespace moerge::cli
