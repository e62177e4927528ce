// moerge serve: the server.
#include <CLI/CLI.hpp>
#include <memory>

#include "config/base/log.h"
#include "services/app.h"
#include "services/cli/cli.h"
#include "services/cli/configuration.h"
#include "services/cli/process_signals.h"

namespace moerge::cli {
namespace {

struct ServeArguments {
  ConfigurationChoice configuration;
  std::string listen;
};

Status ApplyListen(const std::string& listen, Config* config) {
  if (listen.empty()) return Ok{};
  // By the rules of the file, among them: no address but loopback without a key.
  std::string yaml = "server: {listen: \"" + listen + "\"}\n";
  if (!config->keys.empty()) yaml += "keys: [{name: any, sha256: " + std::string(64, '0') + "}]\n";
  const ConfigReport report = ParseConfig(yaml, "--listen");
  if (!report.mistakes.empty()) {
    return Error{ErrorCode::kInvalid, "--listen: " + report.mistakes.front().message};
  }
  config->server.host = report.config.server.host;
  config->server.port = report.config.server.port;
  config->given["server.listen"] = ValueSource::kCommandLine;
  return Ok{};
}

int RunServe(const ServeArguments& arguments) {
  Result<Config> config = arguments.configuration.Load();
  if (!config) return Fail(config.error().message);
  if (const Status listen = ApplyListen(arguments.listen, &*config); !listen) {
    return Fail(listen.error().message);
  }
  ConfigureLog(config->server.log_level, config->server.log_format);
  ProcessSignals signals;
  const std::string host = config->server.host;
  const std::string file = config->file.empty() ? "none, the defaults" : config->file;
  const std::string store = config->store.url;
  App app(*std::move(config));
  if (const Status started = app.Start(); !started) return Fail(started.error().message);
  LogInfo("moerge " MOERGE_VERSION " listens",
          {{"address", "http://" + host + ":" + std::to_string(app.port())},
           {"configuration", file},
           {"store", store}});
  signals.WaitForStop([&app] {
    const Result<std::uint64_t> reloaded = app.Reload();
    if (reloaded) return;
    LogError("the configuration was not reloaded, the old one stays in force",
             {{"error", reloaded.error().message}});
  });
  LogInfo("stopping: requests under way are finished first");
  app.Stop();
  return kSuccess;
}

}  // namespace

void AddServe(CLI::App& app, const Choose& choose) {
  auto arguments = std::make_shared<ServeArguments>();
  CLI::App* command = app.add_subcommand("serve", "Run the server");
  arguments->configuration.AddOptions(*command);
  command->add_option("--listen", arguments->listen, "HOST:PORT, in place of the file's");
  command->callback([arguments, choose] { choose([arguments] { return RunServe(*arguments); }); });
}

}  // namespace moerge::cli
