#include "services/cli/cli.h"

#include <CLI/CLI.hpp>
#include <cstdio>

#include "config/base/log.h"

namespace moerge::cli {
namespace {

constexpr const char* kFooter =
    "Start with:\n"
    "  moerge serve                   the server, with its built-in experts\n"
    "  moerge init                    look for models on this machine, write moerge.yaml\n"
    "  moerge route \"What is 2+2?\"    which experts a request would go to, and why\n"
    "\n"
    "Exit codes: 0 success, 1 failure, 2 wrong usage.";

}  // namespace

int Fail(const std::string& message) {
  std::fprintf(stderr, "moerge: %s\n", message.c_str());
  return kFailure;
}

int Run(int argc, const char* const* argv) {
  CLI::App app(
      "moerge composes several language models into one, behind one OpenAI-compatible address.",
      "moerge");
  app.require_subcommand(1);
  app.footer(kFooter);
  Action action;
  const Choose choose = [&action](Action chosen) { action = std::move(chosen); };
  for (const auto add : {AddServe, AddCheck, AddInit, AddRoute, AddAsk, AddExperts, AddProfile,
                         AddVocabulary, AddElect, AddEval, AddBatch, AddPs, AddVariants, AddRecord,
                         AddRegistry, AddReplay, AddVersion}) {
    add(app, choose);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kSuccess : kUsage;
  }
  // Commands talk to people; only the server logs what it does.
  ConfigureLog(LogLevel::kWarning, LogFormat::kText);
  return action ? action() : kUsage;
}

}  // namespace moerge::cli
