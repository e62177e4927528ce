// moerge variants: which variants of experts are worth the memory of a device.
#include <CLI/CLI.hpp>
#include <cstdio>
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

struct VariantsArguments {
  ServerAddress server;
  double memory_gb = -1;  // below 0: what each backend has
  bool json = false;
};

double NumberOf(json::Value value) { return value.AsDouble().value_or(0); }

void PrintVariants(json::Value backend) {
  const auto devices = backend.Find("devices").AsInt().value_or(1);
  const std::string times =
      devices > 1 ? " on each of " + std::to_string(devices) + " devices" : "";
  std::printf("%s: %s of %s GB%s, expected score %s%s\n", TextOf(backend.Find("backend")).c_str(),
              FormatNumber(NumberOf(backend.Find("used_gb")), 4).c_str(),
              FormatNumber(NumberOf(backend.Find("memory_gb")), 4).c_str(), times.c_str(),
              FormatNumber(NumberOf(backend.Find("expected")), 3).c_str(),
              backend.Find("exact").AsBool().value_or(true) ? "" : " (another may be better)");
  TextTable table({"FAMILY", "ASKED %", "EXPERT", "GB", "EXPECTED", "LOAD TIME", "KEEP"});
  for (const json::Value family : backend.Find("families").children()) {
    for (const json::Value variant : family.Find("variants").children()) {
      const double load = NumberOf(variant.Find("load_ms"));
      table.Add({TextOf(family.Find("name")), Percent(NumberOf(family.Find("share"))),
                 TextOf(variant.Find("expert")),
                 FormatNumber(NumberOf(variant.Find("memory_gb")), 4),
                 FormatNumber(NumberOf(variant.Find("expected")), 3),
                 load > 0 ? FormatNumber(load / 1000, 3) + " s" : std::string(),
                 variant.Find("keep").AsBool().value_or(false) ? "keep" : ""});
    }
  }
  std::fputs(table.Format().c_str(), stdout);
  for (const json::Value expert : backend.Find("unknown").children()) {
    std::printf("%s: its `memory_gb` is not known, so that it is left out\n",
                TextOf(expert).c_str());
  }
}

int RunVariants(const VariantsArguments& arguments) {
  std::string path = "/api/v1/residency/variants";
  if (arguments.memory_gb >= 0) path += "?memory_gb=" + FormatNumber(arguments.memory_gb, 6);
  return PrintList(
      arguments.server, path, arguments.json, PrintVariants,
      "no backend's `residency` has a `memory_gb`; name what to choose for with --memory-gb");
}

}  // namespace

void AddVariants(CLI::App& app, const Choose& choose) {
  auto arguments = std::make_shared<VariantsArguments>();
  CLI::App* command = app.add_subcommand(
      "variants", "Show which variants of experts are worth the memory of their device");
  arguments->server.AddOptions(*command);
  command
      ->add_option("--memory-gb", arguments->memory_gb,
                   "Choose for a device with so much memory, instead of what it has")
      ->check(CLI::Range(0.0, 1e6));
  command->add_flag("--json", arguments->json, "Print the server's reply");
  command->callback(
      [arguments, choose] { choose([arguments] { return RunVariants(*arguments); }); });
}

}  // namespace moerge::cli
