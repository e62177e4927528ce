// moerge vocabulary: proposals of skills on a running server: built from labels, looked at,
// accepted.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <memory>

#include "config/base/json.h"
#include "config/base/line_reader.h"
#include "config/base/text.h"
#include "router/vocabulary/vocabulary.h"
#include "services/cli/api_client.h"
#include "services/cli/cli.h"
#include "services/cli/text_table.h"
#include "services/cli/texts.h"

namespace moerge::cli {
namespace {

constexpr const char* kPath = "/api/v1/vocabulary/proposals";

struct VocabularyArguments {
  ServerAddress server;
  bool json = false;
  std::string id;
  // Of `propose`.
  std::string file;
  bool from_decisions = false;
  std::string name;
  VocabularyOptions options;
  // Of `list`.
  std::string status;
  // Of `accept`.
  std::vector<std::string> only;
  std::vector<std::string> into;  // PROPOSED=EXISTING
};

std::string PathOf(const VocabularyArguments& arguments) {
  return std::string(kPath) + "/" + PercentEncode(arguments.id);
}

std::string JoinList(json::Value array) {
  std::vector<std::string> texts;
  for (const json::Value text : array.children()) texts.push_back(TextOf(text));
  return Join(texts, ", ");
}

std::string ProposalState(json::Value skill) {
  if (const std::string name = TextOf(skill.Find("accepted")); !name.empty()) {
    return "accepted as " + name;
  }
  const std::string into = TextOf(skill.Find("into"));
  return into.empty() ? "new" : "for " + into;
}

void PrintProposal(json::Value proposal) {
  const std::string name = TextOf(proposal.Find("name"));
  std::printf("%s%s%s: %s, %s labels\n", TextOf(proposal.Find("id")).c_str(),
              name.empty() ? "" : " ", name.c_str(), TextOf(proposal.Find("status")).c_str(),
              std::string(proposal.Find("labels").raw()).c_str());
  TextTable table({"SKILL", "COUNT", "COHESION", "EXAMPLES", "STATE", "LABELS"});
  for (const json::Value skill : proposal.Find("skills").children()) {
    const auto cohesion = skill.Find("cohesion").AsDouble();
    table.Add({TextOf(skill.Find("name")), std::string(skill.Find("count").raw()),
               cohesion ? FormatNumber(*cohesion, 2) : "-",
               std::to_string(skill.Find("examples").size()), ProposalState(skill),
               JoinList(skill.Find("labels"))});
  }
  std::fputs(table.Format().c_str(), stdout);
  const std::string left_out = JoinList(proposal.Find("left_out"));
  if (!left_out.empty()) std::printf("left out: %s\n", left_out.c_str());
}

// The reply as it came, or `print` of it.
template <class Print>
int Show(const Result<std::string>& reply, bool json, const Print& print) {
  if (!reply) return Fail(reply.error().message);
  if (json) {
    std::printf("%s\n", reply->c_str());
    return kSuccess;
  }
  const Result<json::Document> document = json::Document::Parse(*reply);
  if (!document) return Fail(document.error().message);
  print(document->root());
  return kSuccess;
}

// A label that stands on several lines is one label with a count.
class LabelFile {
 public:
  Status Read(const std::string& path) {
    Result<LineReader> reader = LineReader::Open(path);
    if (!reader) return std::move(reader).error();
    while (true) {
      const Result<std::optional<std::string>> line = reader->Next();
      if (!line) return line.error();
      if (!*line) return Ok{};
      if (const Status taken = TakeLine(Trim(**line)); !taken) {
        return Error{ErrorCode::kInvalid, path + ": line " + std::to_string(reader->line_number()) +
                                              ": " + taken.error().message};
      }
    }
  }

  void Write(json::Writer& writer) const {
    writer.Key("labels").BeginArray();
    for (const std::string& text : order_) {
      const FreeLabel& label = labels_.at(text);
      writer.BeginObject().Field("text", text).Field("count", label.count);
      writer.Key("prompts").BeginArray();
      for (const std::string& prompt : label.prompts) writer.String(prompt);
      writer.EndArray().EndObject();
    }
    writer.EndArray();
  }

 private:
  Status TakeLine(std::string_view line) {
    if (line.empty()) return Ok{};
    if (!line.starts_with('{')) {
      ++Of(std::string(line)).count;
      return Ok{};
    }
    const Result<json::Document> document = json::Document::Parse(line);
    return document ? TakeObject(document->root()) : document.error();
  }

  Status TakeObject(json::Value object) {
    const auto text = object.Find("text").AsString();
    if (!text) return Error{ErrorCode::kInvalid, "`text` must be given: the label"};
    FreeLabel& label = Of(std::string(*text));
    std::size_t count = 1;
    for (const json::Value member : object.children()) {
      const std::string key(member.key());
      if (key == "count") {
        const auto number = member.AsInt();
        if (!number || *number < 1) {
          return Error{ErrorCode::kInvalid, "`count` must be a whole number of at least 1"};
        }
        count = static_cast<std::size_t>(*number);
      } else if (key == "prompt") {
        if (Status taken = TakePrompt(member, &label); !taken) return taken;
      } else if (key == "prompts") {
        if (!member.is_array()) return Error{ErrorCode::kInvalid, "`prompts` must be a list"};
        for (const json::Value prompt : member.children()) {
          if (Status taken = TakePrompt(prompt, &label); !taken) return taken;
        }
      } else if (key != "text") {
        return Error{ErrorCode::kInvalid,
                     "`" + key + "` is not a field here." +
                         DidYouMean(key, {"text", "count", "prompt", "prompts"})};
      }
    }
    label.count += count;
    return Ok{};
  }

  static Status TakePrompt(json::Value value, FreeLabel* label) {
    const auto prompt = value.AsString();
    if (!prompt) return Error{ErrorCode::kInvalid, "a prompt must be a text"};
    if (label->prompts.size() < kMaxLabelPrompts) label->prompts.emplace_back(*prompt);
    return Ok{};
  }

  FreeLabel& Of(const std::string& text) {
    const auto [at, fresh] = labels_.try_emplace(text, FreeLabel{text, 0, {}});
    if (fresh) order_.push_back(text);
    return at->second;
  }

  std::map<std::string, FreeLabel> labels_;
  std::vector<std::string> order_;
};

Result<std::string> ProposalBody(const VocabularyArguments& arguments) {
  std::string body;
  json::Writer writer(&body);
  const VocabularyOptions& options = arguments.options;
  writer.BeginObject().Field("name", arguments.name).Field("merge_at", options.merge_at);
  writer.Field("prompts_weight", options.prompts_weight);
  writer.Field("least_count", options.least_count).Field("max_skills", options.max_skills);
  if (arguments.from_decisions) {
    writer.Field("from", "decisions");
  } else {
    LabelFile labels;
    if (Status read = labels.Read(arguments.file); !read) return std::move(read).error();
    labels.Write(writer);
  }
  writer.EndObject();
  return body;
}

int RunPropose(const VocabularyArguments& arguments) {
  if (arguments.file.empty() != arguments.from_decisions) {
    Fail("`propose` takes a FILE of labels, or --from-decisions");
    return kUsage;
  }
  const Result<std::string> body = ProposalBody(arguments);
  if (!body) return Fail(body.error().message);
  return Show(CallApi(arguments.server, "POST", kPath, *body), arguments.json, PrintProposal);
}

int RunList(const VocabularyArguments& arguments) {
  std::string path = kPath;
  if (!arguments.status.empty()) path += "?status=" + PercentEncode(arguments.status);
  return Show(CallApi(arguments.server, "GET", path), arguments.json, [](json::Value list) {
    TextTable table({"ID", "STATUS", "CREATED", "SKILLS", "LABELS", "NAME"});
    for (const json::Value one : list.Find("data").children()) {
      table.Add({TextOf(one.Find("id")), TextOf(one.Find("status")), TextOf(one.Find("created")),
                 std::string(one.Find("skills").raw()), std::string(one.Find("labels").raw()),
                 TextOf(one.Find("name"))});
    }
    std::fputs(table.Format().c_str(), stdout);
  });
}

int RunShow(const VocabularyArguments& arguments) {
  return Show(CallApi(arguments.server, "GET", PathOf(arguments)), arguments.json, PrintProposal);
}

// By proposed skill: the existing one that it is to go into.
Result<std::map<std::string, std::string>> Targets(const VocabularyArguments& arguments) {
  std::map<std::string, std::string> targets;
  for (const std::string& pair : arguments.into) {
    const std::size_t equals = pair.find('=');
    if (equals == pair.npos || equals == 0 || equals + 1 == pair.size()) {
      return Error{ErrorCode::kInvalid, "--into takes PROPOSED=EXISTING, not " + pair};
    }
    targets[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  return targets;
}

std::string AcceptanceBody(const std::vector<std::string>& names,
                           const std::map<std::string, std::string>& targets) {
  std::string body;
  json::Writer writer(&body);
  writer.BeginObject().Key("skills").BeginArray();
  for (const std::string& name : names) {
    writer.BeginObject().Field("skill", name);
    if (const auto at = targets.find(name); at != targets.end()) writer.Field("into", at->second);
    writer.EndObject();
  }
  writer.EndArray().EndObject();
  return body;
}

// Where targets are named without --only, the names of all come from the proposal.
Result<std::vector<std::string>> AllNames(const VocabularyArguments& arguments) {
  const Result<std::string> reply = CallApi(arguments.server, "GET", PathOf(arguments));
  if (!reply) return reply.error();
  const Result<json::Document> document = json::Document::Parse(*reply);
  if (!document) return document.error();
  std::vector<std::string> names;
  for (const json::Value skill : document->root().Find("skills").children()) {
    if (skill.Find("accepted").is_null()) names.push_back(TextOf(skill.Find("name")));
  }
  return names;
}

int RunAccept(const VocabularyArguments& arguments) {
  const auto targets = Targets(arguments);
  if (!targets) {
    Fail(targets.error().message);
    return kUsage;
  }
  Result<std::vector<std::string>> names = arguments.only;
  if (arguments.only.empty() && !targets->empty()) names = AllNames(arguments);
  if (!names) return Fail(names.error().message);
  for (const auto& [name, into] : *targets) {
    if (std::find(names->begin(), names->end(), name) == names->end()) names->push_back(name);
  }
  const std::string body = names->empty() ? "{}" : AcceptanceBody(*names, *targets);
  const auto reply = CallApi(arguments.server, "POST", PathOf(arguments) + "/accept", body);
  return Show(reply, arguments.json, PrintProposal);
}

int RunReject(const VocabularyArguments& arguments) {
  const auto reply = CallApi(arguments.server, "POST", PathOf(arguments) + "/reject", "{}");
  return Show(reply, arguments.json, PrintProposal);
}

int RunRemove(const VocabularyArguments& arguments) {
  const auto reply = CallApi(arguments.server, "DELETE", PathOf(arguments));
  return Show(reply, arguments.json,
              [&](json::Value) { std::printf("removed %s\n", arguments.id.c_str()); });
}

CLI::App* AddOne(CLI::App* vocabulary, const std::shared_ptr<VocabularyArguments>& arguments,
                 const Choose& choose, const char* name, const char* help,
                 int (*run)(const VocabularyArguments&)) {
  CLI::App* command = vocabulary->add_subcommand(name, help);
  command->add_flag("--json", arguments->json, "As the API gives it");
  arguments->server.AddOptions(*command);
  command->callback(
      [arguments, choose, run] { choose([arguments, run] { return run(*arguments); }); });
  return command;
}

void AddProposeOptions(CLI::App* propose, VocabularyArguments* arguments) {
  VocabularyOptions& options = arguments->options;
  propose->add_option("FILE", arguments->file,
                      "Labels, one a line: plain, or {text, count?, prompt?, prompts?} (.gz)");
  propose->add_flag("--from-decisions", arguments->from_decisions,
                    "Keywords in kept decisions that name no known skill");
  propose->add_option("--name", arguments->name, "For people");
  propose->add_option("--merge-at", options.merge_at, "Labels this similar become one skill")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  propose
      ->add_option("--prompts-weight", options.prompts_weight,
                   "Similarity of prompts against that of the labels' words")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  propose
      ->add_option("--least-count", options.least_count,
                   "Labels given less often join the nearest skill, or none")
      ->check(CLI::Range(1, 1'000'000'000))
      ->capture_default_str();
  propose->add_option("--max-skills", options.max_skills, "At most so many skills")
      ->check(CLI::Range(1, 2000))
      ->capture_default_str();
}

}  // namespace

void AddVocabulary(CLI::App& app, const Choose& choose) {
  auto arguments = std::make_shared<VocabularyArguments>();
  CLI::App* vocabulary = app.add_subcommand(
      "vocabulary", "Build skills from free-form labels; see and accept a server's proposals");
  vocabulary->require_subcommand(1);
  AddProposeOptions(AddOne(vocabulary, arguments, choose, "propose",
                           "Merge labels into proposed skills", RunPropose),
                    arguments.get());
  AddOne(vocabulary, arguments, choose, "list", "All proposals", RunList)
      ->add_option("--status", arguments->status, "open, accepted or rejected");
  struct Named {
    const char* name;
    const char* help;
    int (*run)(const VocabularyArguments&);
  };
  for (const Named& named :
       {Named{"show", "The skills of a proposal", RunShow},
        Named{"accept", "Make proposed skills skills", RunAccept},
        Named{"reject", "Close a proposal", RunReject},
        Named{"remove", "Remove a proposal; accepted skills stay", RunRemove}}) {
    CLI::App* command = AddOne(vocabulary, arguments, choose, named.name, named.help, named.run);
    command->add_option("ID", arguments->id, "The proposal")->required();
    if (named.run != RunAccept) continue;
    command->add_option("--only", arguments->only, "These proposed skills: a,b")->delimiter(',');
    command->add_option("--into", arguments->into,
                        "PROPOSED=EXISTING: add its examples to a skill; may be repeated");
  }
}

}  // namespace moerge::cli
