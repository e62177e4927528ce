// router/OPTIONS.md is made from what GET /api/v1/policy-kinds says; this holds the page to it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>

#include "config/base/json.h"
#include "services/api/admin/policy_kinds.h"

namespace moerge::api {
namespace {

constexpr const char* kPage = MOERGE_SOURCE_DIR "/router/OPTIONS.md";
constexpr const char* kRenew =
    "RENEW_OPTIONS_PAGE=1 build/release/test_services --gtest_filter=OptionsPage.IsRenewed";

// Options whose prefix is no classifier, recruiter or aggregate.
const std::map<std::string_view, std::string_view> kShared = {
    {"answers", "every aggregate of several answers"},
    {"author",
     "aggregates in which one expert writes the answer: `synthesize`, `panel`, `layers`, "
     "`refine`, `consult`"},
    {"balance", "every policy: how much one expert takes of a client's requests"},
    {"batch",
     "every policy with recruiter `expected`, `task-level`, `best-single` or `top`: requests that "
     "come as many in one; `*` is an expert"},
    {"confidence", "every aggregate of several answers"},
    {"experts",
     "how many experts are asked: recruiters `expected`, `task-level`, `best-single`; "
     "`experts.abstain` for all but `top`"},
    {"judge", "aggregates with judges: `best_of`, `panel`, `debate`"},
    {"kinds", "every aggregate of several answers; `*` is a skill"},
    {"limits", "every aggregate"},
    {"session", "every policy: conversations that stay with their expert"},
    {"stream", "aggregate `first`"},
    {"tools", "every policy: symbolic experts"},
};

std::string PageText(json::Value object, std::string_view key) {
  return std::string(object.Find(key).AsString().value_or(""));
}

std::string Prefix(const std::string& name) { return name.substr(0, name.find('.')); }

// "classifier `knn`": what options of this prefix belong to. Empty: unknown.
std::string Owner(json::Value kinds, const std::string& prefix) {
  const auto shared = kShared.find(prefix);
  if (shared != kShared.end()) return std::string(shared->second);
  for (const auto& [list, word] :
       {std::pair{"classifiers", "classifier"}, std::pair{"recruiters", "recruiter"},
        std::pair{"aggregates", "aggregate"}}) {
    for (const json::Value each : kinds.Find(list).children()) {
      if (PageText(each, "name") == prefix) return std::string(word) + " `" + prefix + "`";
    }
  }
  return {};
}

std::string Range(json::Value option) {
  const std::string type = PageText(option, "type");
  if (type == "flag") return "true, false";
  if (type == "text") return "a text";
  if (type == "choice") {
    std::string choices = PageText(option, "choices");
    for (std::size_t at = 0; (at = choices.find(' ', at)) != choices.npos; at += 2) {
      choices.replace(at, 1, ", ");
    }
    return choices;
  }
  return (type == "integer" ? "integer, " : "") + std::string(option.Find("minimum").raw()) +
         " to " + std::string(option.Find("maximum").raw());
}

std::string Cell(const std::string& text) {
  std::string cell;
  for (const char c : text) cell += c == '|' ? std::string("\\|") : std::string(1, c);
  return cell;
}

std::string KindRows(json::Value kinds, const char* list, const char* field) {
  std::string rows = "| `" + std::string(field) + "` | |\n|---|---|\n";
  for (const json::Value each : kinds.Find(list).children()) {
    rows += "| `" + PageText(each, "name") + "` | " + Cell(PageText(each, "summary")) + " |\n";
  }
  return rows;
}

std::string OptionRows(json::Value kinds) {
  std::string rows;
  std::string group;
  for (const json::Value option : kinds.Find("options").children()) {
    const std::string name = PageText(option, "name");
    if (Prefix(name) != group) {
      group = Prefix(name);
      const std::string owner = Owner(kinds, group);
      EXPECT_NE(owner, "") << "say in kShared what `" << group << ".*` belongs to";
      rows += "\n### " + group + "\n" + owner + "\n\n| option | values | default | |\n" +
              "|---|---|---|---|\n";
    }
    rows += "| `" + name + "` | " + Range(option) + " | " + Cell(PageText(option, "default")) +
            " | " + Cell(PageText(option, "help")) + " |\n";
  }
  return rows;
}

std::string Page() {
  const std::string text = PolicyKindsJson();
  const auto document = json::Document::Parse(text);
  const json::Value kinds = document->root();
  return "# What policies are made of\n\n"
         "Generated from the tables that the server checks policies against and serves at\n"
         "`GET /api/v1/policy-kinds`. Do not edit; renew it with\n`" +
         std::string(kRenew) +
         "`.\n\nA policy's other fields (`experts`, `price_weight`, `max_fallbacks`, ...) are in "
         "[moerge.example.yaml](../config/moerge.example.yaml).\nOptions are set as "
         "`options: {NAME: VALUE}`.\n\n## Classifiers: which skills a request needs\n" +
         KindRows(kinds, "classifiers", "classifier") +
         "\n## Recruiters: which experts are asked\n" + KindRows(kinds, "recruiters", "recruiter") +
         "\n## Aggregates: how several answers become one\n" +
         KindRows(kinds, "aggregates", "aggregate") + "\n## Options\n" + OptionRows(kinds);
}

std::string Stored() {
  std::ifstream file(kPage, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST(OptionsPage, IsRenewed) {
  const std::string page = Page();
  if (std::getenv("RENEW_OPTIONS_PAGE") != nullptr) {
    std::ofstream(kPage, std::ios::binary | std::ios::trunc) << page;
  }
  EXPECT_TRUE(Stored() == page) << "router/OPTIONS.md is stale; renew it with: " << kRenew;
}

}  // namespace
}  // namespace moerge::api
