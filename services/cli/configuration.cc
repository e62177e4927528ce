#include "services/cli/configuration.h"

#include <CLI/CLI.hpp>
#include <filesystem>

#include "services/policy_check.h"

namespace moerge::cli {
namespace {
constexpr const char* kDefaultFile = "moerge.yaml";
}

void ConfigurationChoice::AddOptions(CLI::App& command) {
  command.add_option("-c,--config", file,
                     "Configuration file; without it ./moerge.yaml if there is one, else defaults");
  command.add_option("--store", store, "sqlite:FILE or memory:, in place of the file's");
}

Result<Config> ConfigurationChoice::Load() const {
  std::string chosen = file;
  std::error_code ignored;
  if (chosen.empty() && std::filesystem::exists(kDefaultFile, ignored)) chosen = kDefaultFile;
  Config config;
  if (!chosen.empty()) {
    Result<Config> loaded = LoadConfig(chosen, CheckDeclaredPolicy);
    if (!loaded) return loaded;
    config = *std::move(loaded);
  }
  if (!store.empty()) {
    config.store.url = store;
    config.given["store.url"] = config.given["store"] = ValueSource::kCommandLine;
  }
  return config;
}

}  // namespace moerge::cli
