// moerge ask: one request to a running server, the answer and the decision behind it.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "config/base/json.h"
#include "services/cli/api_client.h"
#include "services/cli/cli.h"
#include "services/cli/decision_text.h"

namespace moerge::cli {
namespace {

struct AskArguments {
  ServerAddress server;
  std::string prompt;
  std::string model = "auto";
  bool explain = false;
  bool json = false;
};

std::string Body(const AskArguments& arguments) {
  std::string body;
  json::Writer writer(&body);
  writer.BeginObject().Field("model", arguments.model).Key("messages").BeginArray();
  writer.BeginObject().Field("role", "user").Field("content", arguments.prompt).EndObject();
  writer.EndArray().Key("moerge").BeginObject().Field("explain", arguments.explain).EndObject();
  writer.EndObject();
  return body;
}

int Print(const std::string& reply, bool explain) {
  const Result<json::Document> document = json::Document::Parse(reply);
  if (!document) return Fail(document.error().message);
  json::Value content;
  for (const json::Value choice : document->root().Find("choices").children()) {
    content = choice.Find("message").Find("content");
    break;
  }
  std::printf("%s\n", std::string(content.AsString().value_or("")).c_str());
  if (!explain) return kSuccess;
  const json::Value decision = document->root().Find("moerge").Find("explanation");
  const Result<std::string> text = DescribeDecision(decision.raw());
  if (!text) return Fail(text.error().message);
  std::printf("\n%s", text->c_str());
  return kSuccess;
}

// The decision says why no expert answered; a dry run makes it again.
int FailExplained(const AskArguments& arguments, const std::string& message) {
  Fail(message);
  if (!arguments.explain || arguments.json) return kFailure;
  const auto decision = CallApi(arguments.server, "POST", "/v1/route", Body(arguments));
  if (!decision) return kFailure;
  const Result<std::string> text = DescribeDecision(*decision);
  if (text) std::printf("\n%s", text->c_str());
  return kFailure;
}

int RunAsk(const AskArguments& arguments) {
  if (arguments.explain && !arguments.json) std::printf("> %s\n", arguments.prompt.c_str());
  std::fflush(stdout);
  const auto reply = CallApi(arguments.server, "POST", "/v1/chat/completions", Body(arguments));
  if (!reply) return FailExplained(arguments, reply.error().message);
  if (!arguments.json) return Print(*reply, arguments.explain);
  std::printf("%s\n", reply->c_str());
  return kSuccess;
}

}  // namespace

void AddAsk(CLI::App& app, const Choose& choose) {
  auto arguments = std::make_shared<AskArguments>();
  CLI::App* command = app.add_subcommand("ask", "Ask a running server one thing");
  command->add_option("PROMPT", arguments->prompt, "What to ask")->required();
  command->add_option("--model", arguments->model, "auto, moerge/POLICY or an expert's name")
      ->capture_default_str();
  command->add_flag("--explain", arguments->explain, "Show the decision behind the answer");
  command->add_flag("--json", arguments->json, "The reply as the API gives it");
  arguments->server.AddOptions(*command);
  command->callback([arguments, choose] { choose([arguments] { return RunAsk(*arguments); }); });
}

}  // namespace moerge::cli
