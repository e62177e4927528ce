// moerge profile import: what a table of results teaches about experts.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "config/base/json.h"
#include "config/base/line_reader.h"
#include "registry/profile_import.h"
#include "registry/registry.h"
#include "registry/table_reader.h"
#include "services/cli/api_client.h"
#include "services/cli/cli.h"
#include "services/cli/configuration.h"
#include "services/cli/text_table.h"
#include "services/declared.h"
#include "services/profile_report_json.h"

namespace moerge::cli {
namespace {

struct ImportArguments {
  std::string table;
  std::string source;
  ServerAddress server;
  bool to_server = false;
  ConfigurationChoice configuration;
  bool strict = false;
  bool json = false;
};

std::string Percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%", 100 * share);
  return text;
}

void PrintList(const char* what, json::Value names) {
  if (names.size() == 0) return;
  std::string line;
  for (const json::Value name : names.children()) {
    line += (line.empty() ? "" : ", ") + std::string(name.AsString().value_or(""));
  }
  std::printf("%s: %s\n", what, line.c_str());
}

// The report as the API gives it, for people.
int PrintReport(const std::string& report, bool as_json) {
  if (as_json) {
    std::printf("%s\n", report.c_str());
    return kFine;
  }
  const Result<json::Document> document = json::Document::Parse(report);
  if (!document) return Fail(document.error().message);
  const json::Value root = document->root();
  for (const json::Value warning : root.Find("warnings").children()) {
    std::fprintf(stderr, "warning: %s\n", std::string(warning.AsString().value_or("")).c_str());
  }
  TextTable table({"SKILL", "ROWS", "SCORES", "MEAN", "BEST EXPERT", "ITS MEAN", ""});
  for (const json::Value skill : root.Find("skills").children()) {
    table.Add({std::string(skill.Find("skill").AsString().value_or("")),
               std::string(skill.Find("rows").raw()), std::string(skill.Find("trials").raw()),
               Percent(skill.Find("mean").AsDouble().value_or(0)),
               std::string(skill.Find("best_expert").AsString().value_or("")),
               Percent(skill.Find("best_mean").AsDouble().value_or(0)),
               skill.Find("created").AsBool().value_or(false) ? "new skill" : ""});
  }
  std::fputs(table.Format().c_str(), stdout);
  std::printf("%s rows learnt as %s\n", std::string(root.Find("rows").raw()).c_str(),
              std::string(root.Find("source").AsString().value_or("")).c_str());
  PrintList("experts measured", root.Find("known_experts"));
  PrintList("not registered yet, kept for when they are", root.Find("unknown_experts"));
  return kFine;
}

int ImportToServer(const ImportArguments& arguments) {
  Result<LineReader> reader = LineReader::Open(arguments.table);
  if (!reader) return Fail(reader.error().message);
  std::string body;
  while (true) {
    Result<std::optional<std::string>> line = reader->Next();
    if (!line) return Fail(line.error().message);
    if (!*line) break;
    body.append(**line).push_back('\n');
  }
  const std::string path = "/api/v1/profiles/import?source=" + PercentEncode(arguments.source) +
                           (arguments.strict ? "&strict=true" : "");
  const auto reply = CallApi(arguments.server, "POST", path, body, "application/x-ndjson");
  if (!reply) return Fail(reply.error().message);
  return PrintReport(*reply, arguments.json);
}

int ImportToStore(const ImportArguments& arguments) {
  const Result<Config> config = arguments.configuration.Load();
  if (!config) return Fail(config.error().message);
  Result<Table> table = ReadTable(arguments.table, TableOptions{arguments.strict});
  if (!table) return Fail(table.error().message);
  Result<std::unique_ptr<Store>> store = OpenStore(config->store.url);
  if (!store) return Fail(store.error().message);
  const Result<StoredState> stored = (*store)->Load();
  if (!stored) return Fail(stored.error().message);
  const ToolSet tools(BuiltInTools());
  const Result<DeclaredState> declared = Declare(*config, tools);
  if (!declared) return Fail(declared.error().message);
  const Result<SnapshotPtr> snapshot = BuildSnapshot(*declared, *stored);
  if (!snapshot) return Fail(snapshot.error().message);
  const ProfileImport import = ImportProfile(table->rows, **snapshot, arguments.source,
                                             std::chrono::system_clock::now());
  const auto revision = (*store)->Apply(import.change);
  if (!revision) return Fail(revision.error().message);
  return PrintReport(ProfileReportJson(import.report, table->report), arguments.json);
}

}  // namespace

void AddProfile(CLI::App& app, const Choose& choose) {
  auto arguments = std::make_shared<ImportArguments>();
  CLI::App* profile = app.add_subcommand("profile", "What is known about experts' strengths");
  profile->require_subcommand(1);
  CLI::App* command = profile->add_subcommand(
      "import", "Learn from a table of results: rows {id, prompt, category, scores {expert: 0..1}}");
  command->add_option("TABLE", arguments->table, ".jsonl or .jsonl.gz")->required();
  command->add_option("--source", arguments->source,
                      "Name of this evidence; importing again under it replaces it; default: the file's");
  command->add_flag("--strict", arguments->strict, "Refuse the table if a row is bad");
  command->add_flag("--json", arguments->json, "The report as JSON");
  arguments->server.AddOptions(*command);
  arguments->configuration.AddOptions(*command);
  command->get_option("--store")->excludes(command->get_option("--server"));
  command->callback([arguments, command, choose] {
    if (arguments->source.empty()) arguments->source = ImportSource(arguments->table);
    arguments->to_server = command->count("--store") == 0 && command->count("--config") == 0;
    choose([arguments] {
      return arguments->to_server ? ImportToServer(*arguments) : ImportToStore(*arguments);
    });
  });
}

}  // namespace moerge::cli
