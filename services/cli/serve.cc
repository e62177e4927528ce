// moerge serve: the server.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "config/base/log.h"
#include "services/app.h"
#include "services/cli/cli.h"
#include "services/cli/configuration.h"
#include "services/cli/process_signals.h"
#include "services/memory_trimmer.h"

namespace moerge::cli {
namespace {

struct ServeArguments {
  ConfigurationChoice configuration;
  std::string listen;
};

Status ApplyListen(const std::string& listen, Config* config) {
  if (listen.empty()) return Ok{};
  // By the rules of the file.
  const std::string yaml = "server: {listen: \"" + listen + "\"}\n";
  const ConfigReport report = ParseConfig(yaml, "--listen");
  if (!report.mistakes.empty()) {
    return Error{ErrorCode::kInvalid, "--listen: " + report.mistakes.front().message};
  }
  config->server.host = report.config.server.host;
  config->server.port = report.config.server.port;
  config->given["server.listen"] = ValueSource::kCommandLine;
  return Ok{};
}

// For whoever started it, and not for the log: it gives the first key.
void PrintFirstLink(const App& app, const std::string& host) {
  const std::string path = app.first_link();
  if (path.empty()) return;
  char name[256] = "THIS-MACHINE";
  const bool any = host == "0.0.0.0" || host == "::";
  if (any) (void)gethostname(name, sizeof name - 1);
  std::string where = any ? std::string(name) : host;
  if (where.find(':') != where.npos) where = "[" + where + "]";
  std::fprintf(stderr,
               "\nThis server has no key, and others can reach it: it answers nobody yet.\n"
               "This link gives the first key, which administers it. It is good once:\n\n"
               "  http://%s:%u%s\n\n",
               where.c_str(), static_cast<unsigned>(app.port()), path.c_str());
}

int RunServe(const ServeArguments& arguments) {
  BoundFreeMemory();
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
  PrintFirstLink(app, host);
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
