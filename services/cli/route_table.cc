#include "services/cli/route_table.h"

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>

#include "config/base/json.h"
#include "config/base/line_reader.h"
#include "config/base/text.h"
#include "registry/table_reader.h"
#include "router/offline/table_router.h"
#include "services/cli/cli.h"
#include "services/policy_check.h"

namespace moerge::cli {
namespace {

struct Prompt {
  std::string id;
  std::string text;
};

Result<Prompt> ReadPrompt(const std::string& file, std::size_t number, const std::string& line) {
  const auto fail = [&](std::string_view what) {
    return Error{ErrorCode::kInvalid,
                 file + ": line " + std::to_string(number) + ": " + std::string(what)};
  };
  const Result<json::Document> document = json::Document::Parse(line);
  if (!document) return fail(document.error().message);
  const auto id = document->root().Find("id").AsString();
  const auto text = document->root().Find("prompt").AsString();
  if (!id || !text) return fail("expected {\"id\": \"...\", \"prompt\": \"...\"}");
  return Prompt{std::string(*id), std::string(*text)};
}

Result<std::vector<Prompt>> ReadPrompts(const std::string& file, bool strict) {
  Result<LineReader> reader = LineReader::Open(file);
  if (!reader) return std::move(reader).error();
  std::vector<Prompt> prompts;
  std::size_t bad = 0;
  while (true) {
    Result<std::optional<std::string>> line = reader->Next();
    if (!line) return std::move(line).error();
    if (!*line) break;
    if (Trim(**line).empty()) continue;
    Result<Prompt> prompt = ReadPrompt(file, reader->line_number(), **line);
    if (prompt) {
      prompts.push_back(*std::move(prompt));
    } else if (strict) {
      return std::move(prompt).error();
    } else {
      ++bad;
      std::fprintf(stderr, "warning: %s\n", prompt.error().message.c_str());
    }
  }
  if (bad > 0) std::fprintf(stderr, "warning: %zu prompts left out\n", bad);
  return prompts;
}

Status Write(const std::string& file, const std::string& lines) {
  if (file != "-") return WriteFileAtomically(file, lines);
  std::fwrite(lines.data(), 1, lines.size(), stdout);
  return Ok{};
}

Result<Policy> MakePolicy(const TableRouteArguments& arguments, const std::string& recruiter) {
  if (!std::isfinite(arguments.price_weight) || arguments.price_weight < 0) {
    return Error{ErrorCode::kInvalid, "--price-weight must be a number of at least 0"};
  }
  Policy policy;
  policy.name = "train";
  if (recruiter != "auto") policy.recruiter = recruiter;
  policy.experts = arguments.experts;
  policy.price_weight = arguments.price_weight;
  if (Status known = CheckPolicyNames(policy); !known) return std::move(known).error();
  return policy;
}

Result<std::string> RouteAll(const TableRouteArguments& arguments, const Policy& policy) {
  Result<Table> table = ReadTable(arguments.train, TableOptions{.strict = arguments.strict});
  if (!table) return std::move(table).error();
  for (const std::string& warning : table->report.Warnings()) {
    std::fprintf(stderr, "warning: %s\n", warning.c_str());
  }
  const Result<std::vector<Prompt>> prompts = ReadPrompts(arguments.in, arguments.strict);
  if (!prompts) return prompts.error();
  Result<TableRouter> router = TableRouter::Learn(table->rows, arguments.pool);
  if (!router) return router.error();
  if (Status known = CheckPolicyIn(*router->snapshot(), policy); !known) {
    return std::move(known).error();
  }
  router->Prepare(policy);
  std::string lines;
  for (std::size_t i = 0; i < prompts->size(); ++i) {
    const Prompt& prompt = (*prompts)[i];
    lines += DecisionLine(prompt.id, router->Route(prompt.text, policy, arguments.seed + i));
  }
  return lines;
}

}  // namespace

void TableRouteArguments::AddOptions(CLI::App& command) {
  const char* group = "Many prompts, learnt from a table";
  CLI::Option* table =
      command
          .add_option("--train", train, "Results table (.jsonl, .gz): categories are the skills")
          ->group(group);
  command.add_option("--in", in, "Prompts, rows {\"id\", \"prompt\"} (.gz); - is standard input")
      ->group(group)
      ->needs(table);
  command.add_option("--out", out, "Decisions, one JSON object a line; - is standard output")
      ->group(group)
      ->needs(table)
      ->capture_default_str();
  command.add_option("--pool", pool, "Only these experts, separated by commas")
      ->group(group)
      ->needs(table)
      ->delimiter(',');
  command.add_option("--experts", experts, "How many to recruit for each prompt")
      ->group(group)
      ->needs(table)
      ->check(CLI::Range(1, 64));
  command.add_option("--price-weight", price_weight, "Score that one USD per million tokens costs")
      ->group(group)
      ->needs(table);
  command.add_option("--seed", seed, "For recruiters that draw by lot")->group(group)->needs(table);
  command.add_flag("--strict", strict, "Fail at the first bad row")->group(group)->needs(table);
}

int RunTableRoute(const TableRouteArguments& arguments, const std::string& recruiter) {
  if (arguments.in.empty()) {
    std::fprintf(stderr, "moerge: --train wants --in PROMPTS\n");
    return kUsage;
  }
  const Result<Policy> policy = MakePolicy(arguments, recruiter);
  if (!policy) {
    Fail(policy.error().message);
    return kUsage;
  }
  const Result<std::string> lines = RouteAll(arguments, *policy);
  if (!lines) return Fail(lines.error().message);
  if (const Status written = Write(arguments.out, *lines); !written) {
    return Fail(written.error().message);
  }
  return kFine;
}

}  // namespace moerge::cli
