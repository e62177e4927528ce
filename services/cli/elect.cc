// moerge elect: measures which experts write one answer of several, and judge, best.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <memory>

#include "config/base/json.h"
#include "config/base/line_reader.h"
#include "config/base/text.h"
#include "config/roles.h"
#include "registry/evidence_file.h"
#include "registry/table_reader.h"
#include "services/cli/api_client.h"
#include "services/cli/cli.h"
#include "services/cli/eval_live.h"
#include "services/cli/text_table.h"
#include "services/cli/texts.h"
#include "services/roles/role_session.h"

namespace moerge::cli {
namespace {

struct ElectArguments {
  ServerAddress server;
  std::string table;
  std::string role = "both";
  std::vector<std::string> experts;
  RoleTaskOptions tasks;
  std::size_t at_once = 4;
  std::string source;
  std::string out;
};

Result<RoleTasks> TasksOf(const ElectArguments& arguments) {
  const Result<Table> table = ReadTable(arguments.table);
  if (!table) return table.error();
  for (const std::string& message : table->report.messages) Warn(arguments.table + ": " + message);
  RoleTasks tasks = MakeRoleTasks(table->rows, arguments.tasks);
  for (const auto& [why, rows] : tasks.left_out) {
    Warn(arguments.table + ": " + std::to_string(rows) + " rows left out: " + why);
  }
  if (!tasks.tasks.empty()) return tasks;
  return Error{ErrorCode::kInvalid,
               arguments.table +
                   ": no row makes a task; one needs a `category`, a `reference`, and `answers` "
                   "some of which are wrong, or lettered options"};
}

std::vector<std::string_view> RolesOf(const std::string& role) {
  if (role == "both") return {kAuthorRole, kJudgeRole};
  return {role == kAuthorRole ? kAuthorRole : kJudgeRole};
}

Result<std::string> TextIn(Result<std::string> reply) {
  if (!reply) return reply;
  const auto document = json::Document::Parse(*reply);
  if (!document) return document.error();
  for (const json::Value choice : document->root().Find("choices").children()) {
    return std::string(choice.Find("message").Find("content").AsString().value_or(""));
  }
  return Error{ErrorCode::kUpstream, "the reply has no choices"};
}

void AskAll(const ElectArguments& arguments, RoleSession* session) {
  PostBatch batch;
  batch.path = "/v1/chat/completions";
  batch.count = session->calls();
  batch.at_once = arguments.at_once;
  batch.body = [session](std::size_t call) { return session->Body(call); };
  batch.done = [session](std::size_t call, Result<std::string> reply) {
    session->Take(call, TextIn(std::move(reply)));
  };
  PostAll(arguments.server, batch);
}

void Print(const std::vector<Evidence>& results) {
  TextTable table({"ROLE AND CATEGORY", "EXPERT", "RIGHT", "OF", "%", "95 % INTERVAL"});
  for (const Evidence& one : results) {
    const ShareInterval interval = WilsonInterval(one.wins, one.trials);
    table.Add({one.skill, one.expert, FormatNumber(one.wins), FormatNumber(one.trials),
               Percent(one.wins / one.trials),
               "[" + Percent(interval.low) + ", " + Percent(interval.high) + "]"});
  }
  std::fputs(table.Format().c_str(), stdout);
}

// On the server, as any other evidence; and in a file.
Status Keep(const ElectArguments& arguments, const std::vector<Evidence>& results) {
  std::string lines;
  for (const Evidence& one : results) lines += EvidenceLine(one);
  if (!arguments.out.empty()) {
    if (Status written = WriteFileAtomically(arguments.out, lines); !written) return written;
  }
  const auto reply = CallApi(arguments.server, "POST", "/api/v1/profiles/import?strict=true", lines,
                             "application/x-ndjson");
  return reply ? Status(Ok{}) : reply.error();
}

int RunElect(const ElectArguments& arguments) {
  const Result<RoleTasks> tasks = TasksOf(arguments);
  if (!tasks) return Fail(tasks.error().message);
  Result<std::vector<std::string>> experts = arguments.experts;
  if (experts->empty()) experts = ModelsOf(arguments.server);
  if (!experts) return Fail(experts.error().message);
  RoleSession session(tasks->tasks, *experts, RolesOf(arguments.role));
  std::fprintf(stderr, "%zu tasks, %zu experts: %zu calls\n", tasks->tasks.size(), experts->size(),
               session.calls());
  AskAll(arguments, &session);
  for (const RoleSession::Failure& failure : session.Failures()) {
    Warn("`" + failure.expert + "` left " + std::to_string(failure.calls) +
         " calls without an answer, which do not count: " + failure.first);
  }
  const auto results = session.Results(arguments.source, std::chrono::system_clock::now());
  if (results.empty()) return Fail("no expert answered: nothing was measured");
  Print(results);
  if (const Status kept = Keep(arguments, results); !kept) return Fail(kept.error().message);
  std::printf("kept as %s\n", arguments.source.c_str());
  return kSuccess;
}

std::string SourceOf(std::string_view table) {
  return "elect:" + std::string(table.substr(table.find_last_of('/') + 1));
}

}  // namespace

void AddElect(CLI::App& app, const Choose& choose) {
  auto arguments = std::make_shared<ElectArguments>();
  CLI::App* command = app.add_subcommand(
      "elect",
      "Measure on a running server which experts write one answer of several, and judge, best");
  command
      ->add_option("--table", arguments->table,
                   "Results whose questions are asked: rows {prompt, category, reference, answers}")
      ->required();
  command->add_option("--role", arguments->role, "What is measured")
      ->check(CLI::IsMember({"author", "judge", "both"}))
      ->capture_default_str();
  command
      ->add_option("--experts", arguments->experts, "Which experts; default: every enabled model")
      ->delimiter(',');
  command->add_option("--per-category", arguments->tasks.per_category, "Tasks of each category")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command->add_option("--seed", arguments->tasks.seed, "Which questions are drawn, and their order")
      ->capture_default_str();
  command->add_option("--at-once", arguments->at_once, "Calls side by side")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_option("--source", arguments->source,
                      "Name of the evidence; again under it replaces; default: elect:TABLE");
  command->add_option("--out", arguments->out, "File of evidence to write besides, JSON Lines");
  arguments->server.AddOptions(*command);
  command->callback([arguments, choose] {
    if (arguments->source.empty()) arguments->source = SourceOf(arguments->table);
    choose([arguments] { return RunElect(*arguments); });
  });
}

}  // namespace moerge::cli
