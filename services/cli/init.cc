// moerge init: looks for models on this machine and writes a commented moerge.yaml.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "config/base/line_reader.h"
#include "services/cli/cli.h"
#include "services/cli/discovery.h"

namespace moerge::cli {
namespace {

struct InitArguments {
  std::string output = "moerge.yaml";
  bool force = false;
};

void Report(const std::vector<FoundBackend>& found) {
  for (const FoundBackend& backend : found) {
    std::fprintf(stderr, "found %s (%s): %zu model%s\n", backend.title.c_str(),
                 backend.base_url.c_str(), backend.models.size(),
                 backend.models.size() == 1 ? "" : "s");
  }
  if (found.empty()) {
    std::fputs(
        "found no model server on 127.0.0.1:11434, 8000, 8080 or 1234 and neither "
        "OPENAI_API_KEY nor ANTHROPIC_API_KEY;\nthe file shows how to add one, the built-in "
        "tools work without one\n",
        stderr);
  }
}

int RunInit(const InitArguments& arguments) {
  std::error_code ignored;
  const bool to_file = arguments.output != "-";
  if (to_file && !arguments.force && std::filesystem::exists(arguments.output, ignored)) {
    return Fail(arguments.output +
                " exists already; --force overwrites it, --output names another");
  }
  const std::vector<FoundBackend> found = DiscoverBackends();
  Report(found);
  const std::string yaml = WriteConfiguration(found);
  if (!to_file) {
    std::fputs(yaml.c_str(), stdout);
    return kSuccess;
  }
  if (const Status written = WriteFileAtomically(arguments.output, yaml); !written) {
    return Fail(written.error().message);
  }
  std::fprintf(stderr, "wrote %s; next: moerge check %s && moerge serve --config %s\n",
               arguments.output.c_str(), arguments.output.c_str(), arguments.output.c_str());
  return kSuccess;
}

}  // namespace

void AddInit(CLI::App& app, const Choose& choose) {
  auto arguments = std::make_shared<InitArguments>();
  CLI::App* command = app.add_subcommand(
      "init",
      "Look for models on this machine (Ollama, vLLM, llama.cpp, LM Studio, API keys) and "
      "write moerge.yaml");
  command->add_option("-o,--output", arguments->output, "File to write; - is standard output")
      ->capture_default_str();
  command->add_flag("-f,--force", arguments->force, "Overwrite the file");
  command->callback([arguments, choose] { choose([arguments] { return RunInit(*arguments); }); });
}

}  // namespace moerge::cli
