// moerge replay: recorded models over real HTTP.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "config/base/text.h"
#include "services/cli/cli.h"
#include "services/cli/process_signals.h"
#include "services/replay/replay_server.h"

namespace moerge::cli {
namespace {

struct ReplayArguments {
  std::string table;
  std::string replies;
  std::string listen = "127.0.0.1:9100";
  std::int64_t latency_ms = 0;
  std::int64_t load_ms = 0;
  ReplayOptions options;
};

bool ParseListen(const std::string& listen, ReplayOptions* options) {
  const std::size_t colon = listen.rfind(':');
  const auto port = ParseInt(listen.substr(colon + 1));
  if (colon == listen.npos || !port || *port < 0 || *port > 65535) return false;
  options->host = listen.substr(0, colon);
  options->port = static_cast<std::uint16_t>(*port);
  return true;
}

int RunReplay(ReplayArguments& arguments) {
  ReplayOptions& options = arguments.options;
  options.latency = std::chrono::milliseconds(arguments.latency_ms);
  options.load = std::chrono::milliseconds(arguments.load_ms);
  if (!ParseListen(arguments.listen, &options)) {
    std::fprintf(stderr, "moerge: --listen must be HOST:PORT, not %s\n", arguments.listen.c_str());
    return kUsage;
  }
  const FaultRates& faults = options.faults;
  if (faults.error + faults.refuse + faults.cut + faults.stall + faults.malformed > 1) {
    std::fprintf(stderr, "moerge: the fault rates add up to more than 1\n");
    return kUsage;
  }
  Result<ReplayTable> table = ReplayTable::Load(arguments.table, arguments.replies);
  if (!table) return Fail(table.error().message);
  ProcessSignals signals;
  ReplayServer server(*std::move(table), options);
  if (const Status started = server.Start(); !started) return Fail(started.error().message);
  std::printf("replaying %zu prompts of %zu models on http://%s:%u/v1\n", server.table().prompts(),
              server.table().models().size(), options.host.c_str(), server.port());
  std::fflush(stdout);
  signals.WaitForStop();
  server.Stop();
  return kSuccess;
}

}  // namespace

void AddReplay(CLI::App& app, const Choose& choose) {
  auto arguments = std::make_shared<ReplayArguments>();
  CLI::App* command = app.add_subcommand(
      "replay", "Serve recorded answers as models over HTTP, with faults on request");
  ReplayOptions& options = arguments->options;
  command->add_option("--table", arguments->table, "Recorded results, one JSON object a line (.gz)")
      ->required();
  command->add_option("--replies", arguments->replies,
                      "Full texts of the replies, by row id (.gz)");
  command->add_option("--listen", arguments->listen, "Address; port 0 picks a free one")
      ->capture_default_str();
  command->add_option("--threads", options.threads, "Event loops")->check(CLI::Range(1, 256));
  command->add_option("--latency-ms", arguments->latency_ms, "Wait before each reply")
      ->check(CLI::Range(0, 3'600'000));
  command->add_option("--tokens-per-second", options.tokens_per_second, "Pace; 0: at once")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--slots", options.slots, "Models loaded at once; 0: all")
      ->check(CLI::Range(0, 1024));
  command->add_option("--load-ms", arguments->load_ms, "How long a load takes")
      ->check(CLI::Range(0, 3'600'000));
  const CLI::Range rate(0.0, 1.0);
  command->add_option("--error-rate", options.faults.error, "Share answered with an error")
      ->check(rate);
  command->add_option("--error-status", options.error_status, "Its HTTP status")
      ->check(CLI::Range(400, 599))
      ->capture_default_str();
  command
      ->add_option("--refuse-rate", options.faults.refuse,
                   "Share of requests whose connection is reset")
      ->check(rate);
  command->add_option("--cut-rate", options.faults.cut, "Share cut in the middle")->check(rate);
  command->add_option("--stall-rate", options.faults.stall, "Share that falls silent")->check(rate);
  command->add_option("--malformed-rate", options.faults.malformed, "Share answered with garbage")
      ->check(rate);
  command->add_option("--seed", options.seed, "Which requests suffer faults")
      ->capture_default_str();
  command->callback([arguments, choose] { choose([arguments] { return RunReplay(*arguments); }); });
}

}  // namespace moerge::cli
