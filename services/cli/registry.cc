// moerge registry: the whole registry of a running server as one file.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "config/base/line_reader.h"
#include "services/cli/api_client.h"
#include "services/cli/cli.h"

namespace moerge::cli {
namespace {

struct RegistryArguments {
  ServerAddress server;
  std::string file;
  bool observations = false;
  bool replace = false;
  bool dry_run = false;
};

int RunRegistryExport(const RegistryArguments& arguments) {
  std::string path = "/api/v1/registry/export";
  if (arguments.observations) path += "?observations=true";
  const Result<std::string> text = CallApi(arguments.server, "GET", path);
  if (!text) return Fail(text.error().message);
  if (arguments.file.empty()) {
    std::fwrite(text->data(), 1, text->size(), stdout);
    return kSuccess;
  }
  const Status written = WriteFileAtomically(arguments.file, *text);
  return written ? kSuccess : Fail(written.error().message);
}

int RunRegistryImport(const RegistryArguments& arguments) {
  const Result<std::string> text = ReadFile(arguments.file);
  if (!text) return Fail(text.error().message);
  std::string path = "/api/v1/registry/import?replace=";
  path += arguments.replace ? "true" : "false";
  if (arguments.dry_run) path += "&dry_run=true";
  const Result<std::string> reply =
      CallApi(arguments.server, "POST", path, *text, "application/x-ndjson");
  if (!reply) return Fail(reply.error().message);
  std::printf("%s\n", reply->c_str());
  return kSuccess;
}

CLI::App* AddOne(CLI::App* registry, const Choose& choose, const char* name, const char* help,
                 int (*run)(const RegistryArguments&),
                 const std::shared_ptr<RegistryArguments>& arguments) {
  CLI::App* command = registry->add_subcommand(name, help);
  arguments->server.AddOptions(*command);
  command->callback(
      [arguments, choose, run] { choose([arguments, run] { return run(*arguments); }); });
  return command;
}

}  // namespace

void AddRegistry(CLI::App& app, const Choose& choose) {
  const auto arguments = std::make_shared<RegistryArguments>();
  CLI::App* registry = app.add_subcommand(
      "registry",
      "The registry of a running server as one file: backends, experts, skills, "
      "policies and what is known of experts; no keys, nothing of the configuration file");
  registry->require_subcommand(1);
  CLI::App* out =
      AddOne(registry, choose, "export", "Write it as JSON Lines", RunRegistryExport, arguments);
  out->add_option("--out", arguments->file, "File to write; default: standard output");
  out->add_flag("--observations", arguments->observations,
                "With the requests that were learnt from, texts included");
  CLI::App* in = AddOne(registry, choose, "import", "Put what `export` wrote in force",
                        RunRegistryImport, arguments);
  in->add_option("FILE", arguments->file, "What `export` wrote")->required();
  in->add_flag("--replace", arguments->replace, "Also remove what the file does not hold");
  in->add_flag("--dry-run", arguments->dry_run, "Check it and say what would change");
}

}  // namespace moerge::cli
