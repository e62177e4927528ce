// moerge route: the decision for a request, without calling an expert.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "config/base/json.h"
#include "config/base/text.h"
#include "services/api/decision_json.h"
#include "services/cli/api_client.h"
#include "services/cli/cli.h"
#include "services/cli/configuration.h"
#include "services/cli/decision_text.h"
#include "services/cli/route_table.h"
#include "services/local_router.h"

namespace moerge::cli {
namespace {

struct RouteArguments {
  ConfigurationChoice configuration;
  ServerAddress server;
  bool ask_server = false;
  std::string prompt;
  bool has_prompt = false;  // an empty one is a request too
  std::string policy = "auto";
  bool json = false;
  TableRouteArguments table;
};

Result<std::string> RouteOnServer(const RouteArguments& arguments) {
  std::string body;
  json::Writer writer(&body);
  const bool is_auto = arguments.policy == "auto";
  writer.BeginObject().Field("model", is_auto ? "auto" : "moerge/" + arguments.policy);
  writer.Key("messages").BeginArray().BeginObject().Field("role", "user");
  writer.Field("content", arguments.prompt).EndObject().EndArray().EndObject();
  return CallApi(arguments.server, "POST", "/v1/route", body);
}

Error NoSuchPolicy(const Snapshot& snapshot, const std::string& name) {
  std::vector<std::string> names;
  for (const Policy& policy : snapshot.policies) names.push_back(policy.name);
  return Error{ErrorCode::kNotFound,
               "there is no policy `" + name + "`; there are: " + Join(names, ", ")};
}

Result<std::string> RouteHere(const RouteArguments& arguments) {
  const Result<Config> config = arguments.configuration.Load();
  if (!config) return config.error();
  const auto local = LocalRouter::Open(*config);
  if (!local) return local.error();
  ChatRecord record;
  record.router = (*local)->router();
  const Snapshot& snapshot = *record.router->snapshot();
  const Policy* policy = snapshot.FindPolicy(arguments.policy);
  if (policy == nullptr) return NoSuchPolicy(snapshot, arguments.policy);
  RouteRequest request;
  request.text.user = arguments.prompt;
  request.prompt_tokens = static_cast<std::int64_t>(arguments.prompt.size() / 4);
  record.begin = ChatRecord::Clock::now();
  record.decision = record.router->Route(request, *policy, nullptr);
  std::string out;
  const api::DecisionView view{.record = record,
                               .route = request,
                               .model = arguments.policy,
                               .request_id = "",
                               .outcome = api::Outcome::kDryRun};
  api::AppendDecision(view, &out);
  return out;
}

int RunRoute(const RouteArguments& arguments) {
  if (!arguments.table.train.empty()) return RunTableRoute(arguments.table, arguments.policy);
  if (!arguments.has_prompt) {
    std::fprintf(stderr, "moerge: route wants a PROMPT, or --train TABLE --in PROMPTS\n");
    return kUsage;
  }
  const Result<std::string> decision =
      arguments.ask_server ? RouteOnServer(arguments) : RouteHere(arguments);
  if (!decision) return Fail(decision.error().message);
  if (arguments.json) {
    std::printf("%s\n", decision->c_str());
    return kSuccess;
  }
  const Result<std::string> text = DescribeDecision(*decision);
  if (!text) return Fail(text.error().message);
  std::fputs(text->c_str(), stdout);
  return kSuccess;
}

}  // namespace

void AddRoute(CLI::App& app, const Choose& choose) {
  auto arguments = std::make_shared<RouteArguments>();
  CLI::App* command = app.add_subcommand(
      "route", "Show which experts a request would go to, and why; no expert is called");
  command->add_option("PROMPT", arguments->prompt, "The request");
  command
      ->add_option("--policy", arguments->policy,
                   "Name of the policy; with --train auto, the name of a recruiter or classifier, "
                   "or a file with a policy")
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "The whole decision as JSON");
  arguments->configuration.AddOptions(*command);
  arguments->server.AddOptions(*command);
  arguments->table.AddOptions(*command);
  command->get_option("--server")
      ->description("Ask a running moerge instead of the configuration here")
      ->excludes(command->get_option("--config"))
      ->excludes(command->get_option("--store"));
  command->callback([arguments, command, choose] {
    arguments->ask_server = command->count("--server") > 0;
    arguments->has_prompt = command->count("PROMPT") > 0;
    choose([arguments] { return RunRoute(*arguments); });
  });
}

}  // namespace moerge::cli
