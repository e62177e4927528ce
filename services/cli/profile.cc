// moerge profile: what is known of experts' strengths: shown, imported, exported, corrected.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "config/base/json.h"
#include "config/base/line_reader.h"
#include "config/base/text.h"
#include "registry/hygiene.h"
#include "registry/registry.h"
#include "services/cli/api_client.h"
#include "services/cli/cli.h"
#include "services/cli/configuration.h"
#include "services/cli/profile_print.h"
#include "services/declared.h"
#include "services/profile_file.h"
#include "services/profile_json.h"

namespace moerge::cli {
namespace {

struct ProfileArguments {
  std::string name;  // of an expert, a file or a source
  std::string source;
  std::string ids;
  std::string out;
  ServerAddress server;
  bool to_server = false;
  ConfigurationChoice configuration;
  bool strict = false;
  bool observations = false;
  bool json = false;
};

// The store of the configuration, opened without a server, and what is in it.
struct LocalStore {
  std::unique_ptr<Store> store;
  StoredState state;
  SnapshotPtr snapshot;
};

Result<LocalStore> OpenLocal(const ProfileArguments& arguments) {
  const Result<Config> config = arguments.configuration.Load();
  if (!config) return config.error();
  Result<std::unique_ptr<Store>> store = OpenStore(config->store.url);
  if (!store) return std::move(store).error();
  Result<StoredState> stored = (*store)->registry().Load();
  if (!stored) return std::move(stored).error();
  const ToolSet tools(BuiltInTools());
  const Result<DeclaredState> declared = Declare(*config, tools);
  if (!declared) return declared.error();
  const Result<SnapshotPtr> snapshot = BuildSnapshot(*declared, *stored);
  if (!snapshot) return snapshot.error();
  return LocalStore{*std::move(store), *std::move(stored), *snapshot};
}

// Works a change out on what is there and applies it; again when a server changed the store
// meanwhile.
Status ChangeLocally(const ProfileArguments& arguments,
                     const std::function<Result<StoreChange>(const LocalStore&)>& make) {
  constexpr int kTries = 16;
  Result<std::uint64_t> applied = std::uint64_t{0};
  for (int i = 0; i < kTries; ++i) {
    const Result<LocalStore> local = OpenLocal(arguments);
    if (!local) return local.error();
    const Result<StoreChange> change = make(*local);
    if (!change) return change.error();
    applied = local->store->registry().Apply(*change, local->state.revision);
    if (applied) return Ok{};
    if (applied.error().code != ErrorCode::kConflict) break;
  }
  return std::move(applied).error();
}

// The lines of a file, unpacked.
Result<std::string> ReadLines(const std::string& path) {
  Result<LineReader> reader = LineReader::Open(path);
  if (!reader) return std::move(reader).error();
  std::string text;
  while (true) {
    Result<std::optional<std::string>> line = reader->Next();
    if (!line) return std::move(line).error();
    if (!*line) return text;
    text.append(**line).push_back('\n');
  }
}

int ImportToServer(const ProfileArguments& arguments, const std::string& text,
                   const std::set<std::string>& exclude) {
  std::string path = "/api/v1/profiles/import?source=" + PercentEncode(arguments.source) +
                     (arguments.strict ? "&strict=true" : "");
  if (!exclude.empty()) {
    const std::vector<std::string> ids(exclude.begin(), exclude.end());
    path += "&exclude=" + PercentEncode(Join(ids, ","));
  }
  const auto reply = CallApi(arguments.server, "POST", path, text, "application/x-ndjson");
  if (!reply) return Fail(reply.error().message);
  return PrintImportReport(*reply, arguments.json);
}

int RunImport(const ProfileArguments& arguments) {
  const auto exclude = ReadIds(arguments.ids);
  if (!exclude) return Fail(exclude.error().message);
  const Result<std::string> text = ReadLines(arguments.name);
  if (!text) return Fail(text.error().message);
  if (arguments.to_server) return ImportToServer(arguments, *text, *exclude);
  const ImportOptions options{arguments.source, {arguments.strict, *exclude}};
  std::string report;
  const Status changed = ChangeLocally(arguments, [&](const LocalStore& local) {
    auto file = ImportFile(*text, options, *local.snapshot, std::chrono::system_clock::now());
    if (!file) {
      return Result<StoreChange>(
          Error{file.error().code, arguments.name + ": " + file.error().message});
    }
    report = std::move(file->report);
    return Result<StoreChange>(std::move(file->change));
  });
  if (!changed) return Fail(changed.error().message);
  return PrintImportReport(report, arguments.json);
}

Result<std::string> Exported(const ProfileArguments& arguments) {
  if (arguments.to_server) {
    return CallApi(arguments.server, "GET",
                   std::string("/api/v1/profiles/export") +
                       (arguments.observations ? "?observations=true" : ""));
  }
  const auto local = OpenLocal(arguments);
  if (!local) return local.error();
  return ExportText(*local->store, arguments.observations, SIZE_MAX);
}

int RunExport(const ProfileArguments& arguments) {
  const Result<std::string> text = Exported(arguments);
  if (!text) return Fail(text.error().message);
  if (arguments.out.empty()) {
    std::fputs(text->c_str(), stdout);
    return kSuccess;
  }
  const Status written = WriteFileAtomically(arguments.out, *text);
  return written ? kSuccess : Fail(written.error().message);
}

int RunShow(const ProfileArguments& arguments) {
  if (arguments.to_server) {
    const auto reply =
        CallApi(arguments.server, "GET", "/api/v1/profiles/" + PercentEncode(arguments.name));
    return reply ? PrintProfile(*reply, arguments.json) : Fail(reply.error().message);
  }
  const auto local = OpenLocal(arguments);
  if (!local) return Fail(local.error().message);
  const ExpertEntry* expert = local->snapshot->FindExpert(arguments.name);
  if (expert == nullptr) return Fail("there is no expert `" + arguments.name + "`");
  std::string out;
  json::Writer writer(&out);
  WriteProfile(*local->snapshot, *expert, writer);
  return PrintProfile(out, arguments.json);
}

int RunList(const ProfileArguments& arguments) {
  const auto reply = CallApi(arguments.server, "GET", "/api/v1/profiles?limit=1000");
  return reply ? PrintProfiles(*reply, arguments.json) : Fail(reply.error().message);
}

std::string ItemsJson(const ProfileArguments& arguments, const std::set<std::string>& ids) {
  std::string body;
  json::Writer writer(&body);
  writer.BeginObject().Field("source", arguments.name).Key("ids").BeginArray();
  for (const std::string& id : ids) writer.String(id);
  writer.EndArray().EndObject();
  return body;
}

int ForgetLocally(const ProfileArguments& arguments, const std::set<std::string>& ids) {
  Forgotten items;
  const Status changed = ChangeLocally(arguments, [&](const LocalStore& local) {
    StoreChange whole;
    whole.forget_sources = {arguments.name};
    if (ids.empty()) return Result<StoreChange>(std::move(whole));
    auto some = ForgetItems(*local.store, local.state, arguments.name, ids);
    if (!some) return Result<StoreChange>(std::move(some).error());
    items = *std::move(some);
    return Result<StoreChange>(items.change);
  });
  if (!changed) return Fail(changed.error().message);
  if (!ids.empty()) {
    std::printf("forgot %zu items of %s, %zu stay\n", items.ids.size(), arguments.name.c_str(),
                items.left);
  }
  return kSuccess;
}

int RunForget(const ProfileArguments& arguments) {
  const auto ids = ReadIds(arguments.ids);
  if (!ids) return Fail(ids.error().message);
  if (!arguments.to_server) return ForgetLocally(arguments, *ids);
  const auto reply = ids->empty()
                         ? CallApi(arguments.server, "DELETE",
                                   "/api/v1/profile-sources/" + PercentEncode(arguments.name))
                         : CallApi(arguments.server, "POST", "/api/v1/profiles/forget",
                                   ItemsJson(arguments, *ids));
  if (!reply) return Fail(reply.error().message);
  std::printf("%s\n", reply->c_str());
  return kSuccess;
}

using Run = int (*)(const ProfileArguments&);

// A subcommand on a server, or on the store of --config or --store.
CLI::App* Add(CLI::App* profile, const Choose& choose, const char* name, const char* help, Run run,
              const std::shared_ptr<ProfileArguments>& arguments) {
  CLI::App* command = profile->add_subcommand(name, help);
  arguments->server.AddOptions(*command);
  arguments->configuration.AddOptions(*command);
  command->get_option("--store")->excludes(command->get_option("--server"));
  command->callback([arguments, command, choose, run] {
    if (arguments->source.empty()) arguments->source = ImportSource(arguments->name);
    arguments->to_server = command->count("--store") == 0 && command->count("--config") == 0;
    choose([arguments, run] { return run(*arguments); });
  });
  return command;
}

void AddImport(CLI::App* profile, const Choose& choose,
               const std::shared_ptr<ProfileArguments>& arguments) {
  CLI::App* command =
      Add(profile, choose, "import",
          "Learn from a table of results, rows {id, prompt, category, scores {expert: 0..1}}, or "
          "from what `export` wrote",
          RunImport, arguments);
  command->add_option("FILE", arguments->name, ".jsonl or .jsonl.gz")->required();
  command->add_option("--source", arguments->source,
                      "Name of a table's evidence; importing again under it replaces it; default: "
                      "the file's");
  command->add_option("--exclude", arguments->ids,
                      "Rows of a table to leave out: ids with commas between, or a file of them");
  command->add_flag("--strict", arguments->strict, "Refuse the file if a row is bad");
  command->add_flag("--json", arguments->json, "The report as JSON");
}

}  // namespace

void AddProfile(CLI::App& app, const Choose& choose) {
  auto arguments = std::make_shared<ProfileArguments>();
  CLI::App* profile = app.add_subcommand("profile", "What is known about experts' strengths");
  profile->require_subcommand(1);
  AddImport(profile, choose, arguments);

  CLI::App* out =
      Add(profile, choose, "export", "All evidence as JSON Lines", RunExport, arguments);
  out->add_option("--out", arguments->out, "File to write; default: standard output");
  out->add_flag("--observations", arguments->observations,
                "With the requests that were learnt from, texts included");

  CLI::App* show = Add(profile, choose, "show", "Every number of an expert, with source and date",
                       RunShow, arguments);
  show->add_option("EXPERT", arguments->name, "Its name")->required();
  show->add_flag("--json", arguments->json, "As the API gives it");

  CLI::App* forget = Add(profile, choose, "forget", "Forget a source, or single items of it",
                         RunForget, arguments);
  forget->add_option("SOURCE", arguments->name, "Its name, for example import:t.jsonl")->required();
  forget->add_option("--ids", arguments->ids,
                     "Only these items: ids with commas between, or a file of them");

  CLI::App* list = profile->add_subcommand("list", "All experts of a running server");
  list->add_flag("--json", arguments->json, "As the API gives them");
  arguments->server.AddOptions(*list);
  list->callback([arguments, choose] { choose([arguments] { return RunList(*arguments); }); });
}

}  // namespace moerge::cli
