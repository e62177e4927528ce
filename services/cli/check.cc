// moerge check: every mistake of a configuration file.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "config/backend_notes.h"
#include "config/base/line_reader.h"
#include "config/config.h"
#include "services/cli/cli.h"
#include "services/policy_check.h"

namespace moerge::cli {
namespace {

int RunCheck(const std::string& file) {
  const Result<std::string> text = ReadFile(file);
  if (!text) return Fail(text.error().message);
  const ConfigReport report = ParseConfig(*text, file, CheckDeclaredPolicy);
  if (!report.mistakes.empty()) {
    std::fprintf(stderr, "%s\n%zu mistake%s in %s\n", FormatMistakes(report, file).c_str(),
                 report.mistakes.size(), report.mistakes.size() == 1 ? "" : "s", file.c_str());
    return kFailure;
  }
  const Config& config = report.config;
  if (const auto keys = ResolveKeys(config); !keys) {
    std::fprintf(stderr, "note, about this environment: %s\n", keys.error().message.c_str());
  }
  for (const std::string& note : NotesOf(config.backends)) {
    std::fprintf(stderr, "note: %s\n", note.c_str());
  }
  std::printf(
      "%s is fine: %zu backends, %zu experts, %zu skills of its own, %zu policies, %zu keys\n",
      file.c_str(), config.backends.size(), config.experts.size(), config.skills.size(),
      config.policies.size(), config.keys.size());
  return kSuccess;
}

}  // namespace

void AddCheck(CLI::App& app, const Choose& choose) {
  auto file = std::make_shared<std::string>();
  CLI::App* command =
      app.add_subcommand("check", "Validate a configuration file, naming every mistake");
  command->add_option("FILE", *file, "The file")->required();
  command->callback([file, choose] { choose([file] { return RunCheck(*file); }); });
}

}  // namespace moerge::cli
