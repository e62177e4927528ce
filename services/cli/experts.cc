// moerge experts: the experts of a running server.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "config/base/json.h"
#include "config/base/line_reader.h"
#include "config/base/text.h"
#include "services/cli/api_client.h"
#include "services/cli/cli.h"
#include "services/cli/text_table.h"
#include "services/cli/texts.h"

namespace moerge::cli {
namespace {

struct ExpertArguments {
  ServerAddress server;
  bool json = false;
  std::string name;
  // Of `add`.
  std::string backend;
  std::string model;
  std::string description;
  std::vector<std::string> skills;  // NAME=STRENGTH
  std::string samples;              // a file
  std::vector<std::string> tags;
  double price_input = 0;
  double price_output = 0;
  int context = 0;
  int max_output = 0;
  double active_params = 0;
  double latency_ms = 0;
  bool vision = false;
};

std::string PathOf(const std::string& name) { return "/api/v1/experts/" + PercentEncode(name); }

int PrintRaw(const Result<std::string>& body) {
  if (!body) return Fail(body.error().message);
  std::printf("%s\n", body->c_str());
  return kSuccess;
}

std::string SkillList(json::Value skills) {
  std::string out;
  for (const json::Value strength : skills.children()) {
    if (!out.empty()) out += ", ";
    out += std::string(strength.key()) + " " + std::string(strength.raw());
  }
  return out;
}

std::string ExpertState(json::Value expert) {
  std::string state = expert.Find("enabled").AsBool().value_or(true) ? "enabled" : "disabled";
  if (expert.Find("provisional").AsBool().value_or(false)) state += ", provisional";
  return state;
}

// "312", "900 declared" or "".
std::string Typical(json::Value expert) {
  const json::Value latency = expert.Find("latency");
  const auto typical = latency.Find("typical_ms").AsDouble();
  const bool declared = TextOf(latency.Find("source")) == "declared";
  if (!typical || *typical <= 0) return {};
  return FormatNumber(*typical, 6) + (declared ? " declared" : "");
}

int RunList(const ExpertArguments& arguments) {
  const Result<std::string> body = CallApi(arguments.server, "GET", "/api/v1/experts?limit=1000");
  if (arguments.json || !body) return PrintRaw(body);
  const Result<json::Document> document = json::Document::Parse(*body);
  if (!document) return Fail(document.error().message);
  TextTable table({"NAME", "KIND", "BACKEND", "MODEL", "STATE", "FROM", "MS", "DECLARED SKILLS"});
  for (const json::Value expert : document->root().Find("data").children()) {
    table.Add({TextOf(expert.Find("name")), TextOf(expert.Find("kind")),
               TextOf(expert.Find("backend")), TextOf(expert.Find("model")), ExpertState(expert),
               TextOf(expert.Find("origin")), Typical(expert), SkillList(expert.Find("skills"))});
  }
  std::fputs(table.Format().c_str(), stdout);
  return kSuccess;
}

// {"algebra": 0.9} from algebra=0.9; the server checks names and ranges. Nothing without any, so
// that the server reads the description instead.
Status WriteSkills(const std::vector<std::string>& skills, json::Writer* writer) {
  if (skills.empty()) return Ok{};
  writer->Key("skills").BeginObject();
  for (const std::string& skill : skills) {
    const std::size_t equals = skill.rfind('=');
    const auto strength = equals == skill.npos
                              ? std::nullopt
                              : ParseDouble(std::string_view(skill).substr(equals + 1));
    if (!strength) {
      return Error{ErrorCode::kInvalid,
                   "--skill takes NAME=STRENGTH, for example algebra=0.9, not " + skill};
    }
    writer->Field(std::string_view(skill).substr(0, equals), *strength);
  }
  writer->EndObject();
  return Ok{};
}

// A file of samples, one JSON object a line, as an array.
Status WriteSamples(const std::string& path, json::Writer* writer) {
  if (path.empty()) return Ok{};
  Result<LineReader> reader = LineReader::Open(path);
  if (!reader) return std::move(reader).error();
  writer->Key("samples").BeginArray();
  while (true) {
    const Result<std::optional<std::string>> line = reader->Next();
    if (!line) return line.error();
    if (!*line) break;
    if (Trim(**line).empty()) continue;
    if (const auto document = json::Document::Parse(**line); !document) {
      return Error{ErrorCode::kInvalid, path + ": line " + std::to_string(reader->line_number()) +
                                            ": " + document.error().message};
    }
    writer->Raw(**line);
  }
  writer->EndArray();
  return Ok{};
}

Result<std::string> ExpertJson(const ExpertArguments& arguments) {
  std::string body;
  json::Writer writer(&body);
  writer.BeginObject().Field("name", arguments.name).Field("backend", arguments.backend);
  writer.Field("model", arguments.model.empty() ? arguments.name : arguments.model);
  writer.Field("description", arguments.description).Field("context", arguments.context);
  writer.Field("max_output", arguments.max_output);
  writer.Field("vision", arguments.vision).Field("active_params", arguments.active_params);
  writer.Field("latency_ms", arguments.latency_ms);
  writer.Key("price").BeginObject().Field("input", arguments.price_input);
  writer.Field("output", arguments.price_output).EndObject();
  writer.Key("tags").BeginArray();
  for (const std::string& tag : arguments.tags) writer.String(tag);
  writer.EndArray();
  if (Status skills = WriteSkills(arguments.skills, &writer); !skills) {
    return std::move(skills).error();
  }
  if (Status samples = WriteSamples(arguments.samples, &writer); !samples) {
    return std::move(samples).error();
  }
  writer.EndObject();
  return body;
}

int RunAdd(const ExpertArguments& arguments) {
  const Result<std::string> body = ExpertJson(arguments);
  if (!body) {
    Fail(body.error().message);
    return kUsage;
  }
  const auto reply = CallApi(arguments.server, "POST", "/api/v1/experts", *body);
  if (!reply) return Fail(reply.error().message);
  const Result<json::Document> document = json::Document::Parse(*reply);
  const bool provisional =
      document && document->root().Find("provisional").AsBool().value_or(false);
  std::printf("added %s%s\n", arguments.name.c_str(),
              provisional ? " (provisional until more of it is measured)" : "");
  return kSuccess;
}

int RunSimple(const ExpertArguments& arguments, const char* method, const char* body,
              const char* done) {
  const auto reply = CallApi(arguments.server, method, PathOf(arguments.name), body);
  if (!reply) return Fail(reply.error().message);
  std::printf("%s %s\n", done, arguments.name.c_str());
  return kSuccess;
}

CLI::App* AddNamed(CLI::App* experts, const std::shared_ptr<ExpertArguments>& arguments,
                   const char* name, const char* help) {
  CLI::App* command = experts->add_subcommand(name, help);
  command->add_option("NAME", arguments->name, "The expert")->required();
  arguments->server.AddOptions(*command);
  return command;
}

void AddAdd(CLI::App* experts, const std::shared_ptr<ExpertArguments>& arguments,
            const Choose& choose) {
  CLI::App* add = AddNamed(experts, arguments, "add", "Add an expert");
  add->add_option("--backend", arguments->backend, "Backend that hosts it")->required();
  add->add_option("--model", arguments->model, "What the backend calls it; default: its name");
  add->add_option("--skill", arguments->skills, "NAME=STRENGTH, 0..1; may be repeated");
  add->add_option("--description", arguments->description,
                  "For people; without --skill it also declares the skills that it mentions");
  add->add_option(
      "--samples", arguments->samples,
      "File of {prompt, score | answer and reference, skill?}, one a line: what it did");
  add->add_option("--tag", arguments->tags, "May be repeated");
  add->add_option("--price-input", arguments->price_input, "USD per million tokens");
  add->add_option("--price-output", arguments->price_output, "USD per million tokens");
  add->add_option("--context", arguments->context, "Tokens; 0: unknown");
  add->add_option("--max-output", arguments->max_output, "Tokens of one answer; 0: unknown");
  add->add_option("--active-params", arguments->active_params, "Billions; 0: unknown");
  add->add_option("--latency-ms", arguments->latency_ms,
                  "Usual ms of an answer, until its answers are measured; 0: unknown");
  add->add_flag("--vision", arguments->vision, "Accepts images");
  add->callback([arguments, choose] { choose([arguments] { return RunAdd(*arguments); }); });
}

}  // namespace

void AddExperts(CLI::App& app, const Choose& choose) {
  auto arguments = std::make_shared<ExpertArguments>();
  CLI::App* experts = app.add_subcommand("experts", "See and change a running server's experts");
  experts->require_subcommand(1);

  CLI::App* list = experts->add_subcommand("list", "All experts");
  list->add_flag("--json", arguments->json, "As the API gives them");
  arguments->server.AddOptions(*list);
  list->callback([arguments, choose] { choose([arguments] { return RunList(*arguments); }); });

  CLI::App* show = AddNamed(experts, arguments, "show", "One expert, as JSON");
  show->callback([arguments, choose] {
    choose([arguments] {
      return PrintRaw(CallApi(arguments->server, "GET", PathOf(arguments->name)));
    });
  });

  AddAdd(experts, arguments, choose);
  struct Simple {
    const char* name;
    const char* help;
    const char* method;
    const char* body;
    const char* done;
  };
  for (const Simple& simple :
       {Simple{"remove", "Remove an expert", "DELETE", "", "removed"},
        Simple{"enable", "Let requests go to an expert", "PATCH", R"({"enabled":true})", "enabled"},
        Simple{"disable", "Keep requests from an expert", "PATCH", R"({"enabled":false})",
               "disabled"}}) {
    CLI::App* command = AddNamed(experts, arguments, simple.name, simple.help);
    command->callback([arguments, choose, simple] {
      choose([arguments, simple] {
        return RunSimple(*arguments, simple.method, simple.body, simple.done);
      });
    });
  }
}

}  // namespace moerge::cli
