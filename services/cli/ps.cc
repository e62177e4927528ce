// moerge ps: which models are loaded where, and what waits for them.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <memory>
#include <string>

#include "config/base/json.h"
#include "config/base/text.h"
#include "services/cli/api_client.h"
#include "services/cli/cli.h"
#include "services/cli/printed_list.h"
#include "services/cli/text_table.h"
#include "services/cli/texts.h"

namespace moerge::cli {
namespace {

struct PsArguments {
  ServerAddress server;
  bool json = false;
  std::string log;  // of this expert's server
};

// "12.3 s", or "" where there is nothing.
std::string SecondsText(json::Value milliseconds) {
  const auto ms = milliseconds.AsDouble();
  return ms ? FormatNumber(*ms / 1000, 3) + " s" : std::string();
}

// The same of what is 0 until it is measured.
std::string MeasuredText(json::Value milliseconds) {
  return milliseconds.AsInt().value_or(0) > 0 ? SecondsText(milliseconds) : std::string();
}

std::string CountText(json::Value count) { return std::string(count.raw()); }

std::string LastLoad(json::Value load) {
  if (!load.is_object()) return {};
  std::string evicted;
  for (const json::Value model : load.Find("evicted").children()) {
    evicted += (evicted.empty() ? " in place of " : ", ") + TextOf(model);
  }
  return "loaded last: " + TextOf(load.Find("model")) + evicted + ", " +
         SecondsText(load.Find("ago_ms")) + " ago, for " + CountText(load.Find("waiting")) +
         " calls, the oldest after " + SecondsText(load.Find("oldest_wait_ms"));
}

// Experts that the choice of variants keeps, and those that it does not.
using Keeps = std::map<std::string, bool>;

Keeps KeepsOf(const ServerAddress& server) {
  Keeps keeps;
  const Result<std::string> body = CallApi(server, "GET", "/api/v1/residency/variants");
  if (!body) return keeps;
  const Result<json::Document> document = json::Document::Parse(*body);
  if (!document) return keeps;
  for (const json::Value backend : document->root().Find("data").children()) {
    for (const json::Value family : backend.Find("families").children()) {
      if (family.Find("variants").size() < 2) continue;
      for (const json::Value variant : family.Find("variants").children()) {
        keeps[TextOf(variant.Find("expert"))] = variant.Find("keep").AsBool().value_or(false);
      }
    }
  }
  return keeps;
}

std::string KeepText(const Keeps& keeps, const std::string& expert) {
  const auto found = keeps.find(expert);
  if (found == keeps.end()) return {};
  return found->second ? "keep" : "leave";
}

void Print(json::Value device, const Keeps& keeps) {
  const std::string backend = TextOf(device.Find("backend"));
  const std::string on = TextOf(device.Find("device"));
  std::printf("%s (%s, %s at once), %s swaps\n",
              (on == backend ? backend : backend + " on " + on).c_str(),
              TextOf(device.Find("kind")).c_str(), CountText(device.Find("slots")).c_str(),
              CountText(device.Find("swaps")).c_str());
  TextTable table({"EXPERT", "MODEL", "STATE", "TIER", "FOR", "IDLE", "RUNNING", "WAITING", "LOADS",
                   "LOAD TIME", "WAKE TIME", "GB", "VARIANT"});
  for (const json::Value model : device.Find("models").children()) {
    table.Add({TextOf(model.Find("expert")), TextOf(model.Find("model")),
               TextOf(model.Find("state")), TextOf(model.Find("tier")),
               SecondsText(model.Find("for_ms")), SecondsText(model.Find("idle_ms")),
               CountText(model.Find("running")), CountText(model.Find("waiting")),
               CountText(model.Find("loads")), MeasuredText(model.Find("load_ms")),
               MeasuredText(model.Find("wake_ms")),
               FormatNumber(model.Find("memory_gb").AsDouble().value_or(0), 1),
               KeepText(keeps, TextOf(model.Find("expert")))});
  }
  std::fputs(table.Format().c_str(), stdout);
  for (const json::Value model : device.Find("models").children()) {
    if (model.Find("error").is_null()) continue;
    std::printf("%s: %s\n", TextOf(model.Find("expert")).c_str(),
                TextOf(model.Find("error")).c_str());
  }
  if (const std::string load = LastLoad(device.Find("last_load")); !load.empty()) {
    std::printf("%s\n", load.c_str());
  }
}

int PrintLog(const PsArguments& arguments) {
  const Result<std::string> body =
      CallApi(arguments.server, "GET", "/api/v1/residency/log/" + PercentEncode(arguments.log));
  if (!body) return Fail(body.error().message);
  const Result<json::Document> document = json::Document::Parse(*body);
  if (!document) return Fail(document.error().message);
  for (const json::Value line : document->root().Find("lines").children()) {
    std::printf("%s\n", TextOf(line).c_str());
  }
  return kSuccess;
}

int RunPs(const PsArguments& arguments) {
  if (!arguments.log.empty()) return PrintLog(arguments);
  Keeps keeps;
  if (!arguments.json) keeps = KeepsOf(arguments.server);
  return PrintList(
      arguments.server, "/api/v1/residency", arguments.json,
      [&keeps](json::Value device) { Print(device, keeps); },
      "no backend has `residency`, so that all models are taken to be loaded; give one "
      "`residency: {kind: llama_swap}` where its server swaps models");
}

}  // namespace

void AddPs(CLI::App& app, const Choose& choose) {
  auto arguments = std::make_shared<PsArguments>();
  CLI::App* command =
      app.add_subcommand("ps", "Show which models are loaded where, and what waits for them");
  arguments->server.AddOptions(*command);
  command->add_flag("--json", arguments->json, "Print the server's reply");
  command->add_option("--log", arguments->log,
                      "Print the last lines of this expert's server, where moerge runs it");
  command->callback([arguments, choose] { choose([arguments] { return RunPs(*arguments); }); });
}

}  // namespace moerge::cli
