// moerge version.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "services/cli/cli.h"

namespace moerge::cli {

void AddVersion(CLI::App& app, const Choose& choose) {
  CLI::App* command = app.add_subcommand("version", "Print the version");
  command->callback([choose] {
    choose([] {
      std::puts("moerge " MOERGE_VERSION);
      return kSuccess;
    });
  });
}

}  // namespace moerge::cli
