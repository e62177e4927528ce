// The command line. Exit codes: 0 success, 1 failure, 2 wrong usage.
#pragma once

#include <functional>
#include <memory>
#include <string>

namespace CLI {
class App;
}

namespace moerge::cli {

constexpr int kSuccess = 0;
constexpr int kFailure = 1;
constexpr int kUsage = 2;

// Parses and runs; prints results to standard output, everything else to standard error.
int Run(int argc, const char* const* argv);

// What a command does once its arguments are parsed; returns the exit code.
using Action = std::function<int()>;
// Called by a command's callback: keeps the action to run after parsing.
using Choose = std::function<void(Action)>;

// One function per command, each in its own file: adds the command to `app`.
void AddServe(CLI::App& app, const Choose& choose);
void AddCheck(CLI::App& app, const Choose& choose);
void AddInit(CLI::App& app, const Choose& choose);
void AddRoute(CLI::App& app, const Choose& choose);
void AddAsk(CLI::App& app, const Choose& choose);
void AddExperts(CLI::App& app, const Choose& choose);
void AddProfile(CLI::App& app, const Choose& choose);
void AddBatch(CLI::App& app, const Choose& choose);
void AddElect(CLI::App& app, const Choose& choose);
void AddEval(CLI::App& app, const Choose& choose);
void AddPs(CLI::App& app, const Choose& choose);
void AddVariants(CLI::App& app, const Choose& choose);
void AddRegistry(CLI::App& app, const Choose& choose);
void AddRecord(CLI::App& app, const Choose& choose);
void AddReplay(CLI::App& app, const Choose& choose);
void AddVocabulary(CLI::App& app, const Choose& choose);
void AddVersion(CLI::App& app, const Choose& choose);

// Prints `message` to standard error as "moerge: ..." and returns kFailure.
int Fail(const std::string& message);

}  // namespace moerge::cli
