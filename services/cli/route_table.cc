#include "services/cli/route_table.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "config/base/text.h"
#include "config/config.h"
#include "registry/table_reader.h"
#include "router/classify/catalogue.h"
#include "router/offline/table_router.h"
#include "services/cli/cli.h"
#include "services/cli/prompt_file.h"
#include "services/policy_check.h"

namespace moerge::cli {
namespace {

bool Knows(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Result<Policy> FromFile(const std::string& file) {
  Result<std::vector<Policy>> policies = LoadPolicies(file, CheckTablePolicy);
  if (!policies) return std::move(policies).error();
  if (policies->size() == 1) return std::move(policies->front());
  return Error{ErrorCode::kInvalid,
               file + ": one policy is wanted, there are " + std::to_string(policies->size())};
}

Result<Policy> Named(const std::string& name) {
  Policy policy;
  policy.name = name;
  if (name == "auto") return policy;
  if (Knows(RuleNames(), name)) {
    policy.recruiter = name;
  } else if (Knows(ClassifierNames(), name)) {
    policy.classifier = name;
  } else if (name.find_first_of("./") != std::string::npos) {
    return FromFile(name);
  } else {
    return Error{ErrorCode::kInvalid,
                 "there is no policy `" + name + "`; known: auto, the recruiters " +
                     Join(RuleNames(), ", ") + ", the classifiers " +
                     Join(ClassifierNames(), ", ") + ", and files with a policy (NAME.yaml)"};
  }
  return policy;
}

Result<Policy> MakePolicy(const TableRouteArguments& arguments, const std::string& name) {
  const double weight = arguments.price_weight.value_or(0);
  if (!std::isfinite(weight) || weight < 0) {
    return Error{ErrorCode::kInvalid, "--price-weight must be a number of at least 0"};
  }
  Result<Policy> policy = Named(name);
  if (!policy) return policy;
  if (arguments.experts) policy->experts = *arguments.experts;
  if (arguments.price_weight) policy->price_weight = weight;
  if (arguments.max_experts) {
    policy->options.Set("experts.max", std::to_string(*arguments.max_experts));
  }
  if (arguments.confidence) {
    policy->options.Set("experts.confidence", std::to_string(*arguments.confidence));
  }
  if (Status known = CheckPolicyNames(*policy); !known) return std::move(known).error();
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
  if (Status budget = router->CheckBudget(policy); !budget) return std::move(budget).error();
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
  CLI::Option* max_experts =
      command
          .add_option("--max-experts", this->max_experts,
                      "At most this many experts per prompt, as many as it needs")
          ->group(group)
          ->needs(table)
          ->check(CLI::Range(1, 64));
  command
      .add_option("--confidence", confidence,
                  "With --max-experts: no more than it takes for the combined answer to be right "
                  "with this probability, a decision's `confidence`")
      ->group(group)
      ->needs(max_experts)
      ->check(CLI::Range(0.0, 1.0));
  command.add_option("--price-weight", price_weight, "Score that one USD per million tokens costs")
      ->group(group)
      ->needs(table);
  command.add_option("--seed", seed, "For recruiters that draw at random")
      ->group(group)
      ->needs(table);
  command.add_flag("--strict", strict, "Fail at the first bad row")->group(group)->needs(table);
}

int RunTableRoute(const TableRouteArguments& arguments, const std::string& name) {
  if (arguments.in.empty()) {
    std::fprintf(stderr, "moerge: --train needs --in PROMPTS\n");
    return kUsage;
  }
  const Result<Policy> policy = MakePolicy(arguments, name);
  if (!policy) {
    Fail(policy.error().message);
    return kUsage;
  }
  const Result<std::string> lines = RouteAll(arguments, *policy);
  if (!lines) return Fail(lines.error().message);
  if (const Status written = WriteLines(arguments.out, *lines); !written) {
    return Fail(written.error().message);
  }
  return kSuccess;
}

}  // namespace moerge::cli
