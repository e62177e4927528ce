#include "services/cli/profile_print.h"

#include <cstdio>

#include "config/roles.h"
#include "services/cli/cli.h"
#include "services/cli/text_table.h"
#include "services/cli/texts.h"

namespace moerge::cli {
namespace {

std::string PercentText(double share) { return Percent(share) + " %"; }

void PrintList(const char* what, json::Value names) {
  if (names.size() == 0) return;
  std::string line;
  for (const json::Value name : names.children()) {
    line += (line.empty() ? "" : ", ") + TextOf(name);
  }
  std::printf("%s: %s\n", what, line.c_str());
}

// Few digits: shares of trials have many.
std::string Count(json::Value value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value.AsDouble().value_or(0));
  return text;
}

// `name`: of the skill, or of the role and its category.
void AddSources(const std::string& name, json::Value skill, TextTable* table) {
  for (const json::Value source : skill.Find("sources").children()) {
    const double trials = source.Find("trials").AsDouble().value_or(0);
    const double wins = source.Find("wins").AsDouble().value_or(0);
    table->Add({name, TextOf(source.Find("source")), Count(source.Find("wins")),
                Count(source.Find("trials")), PercentText(trials > 0 ? wins / trials : 0),
                TextOf(source.Find("updated")).substr(0, 10)});
  }
}

int Raw(const std::string& body) {
  std::printf("%s\n", body.c_str());
  return kSuccess;
}

}  // namespace

int PrintImportReport(const std::string& report, bool as_json) {
  if (as_json) return Raw(report);
  const Result<json::Document> document = json::Document::Parse(report);
  if (!document) return Fail(document.error().message);
  const json::Value root = document->root();
  for (const json::Value warning : root.Find("warnings").children()) {
    std::fprintf(stderr, "warning: %s\n", std::string(warning.AsString().value_or("")).c_str());
  }
  TextTable table({"SKILL", "ROWS", "SCORES", "MEAN", "BEST EXPERT", "ITS MEAN", ""});
  for (const json::Value skill : root.Find("skills").children()) {
    table.Add({TextOf(skill.Find("skill")), std::string(skill.Find("rows").raw()),
               std::string(skill.Find("trials").raw()),
               PercentText(skill.Find("mean").AsDouble().value_or(0)),
               TextOf(skill.Find("best_expert")),
               PercentText(skill.Find("best_mean").AsDouble().value_or(0)),
               skill.Find("created").AsBool().value_or(false) ? "new skill" : ""});
  }
  std::fputs(table.Format().c_str(), stdout);
  std::printf("%s rows learnt as %s\n", std::string(root.Find("rows").raw()).c_str(),
              std::string(root.Find("source").AsString().value_or("")).c_str());
  PrintList("experts measured", root.Find("known_experts"));
  PrintList("not registered yet, kept for when they are", root.Find("unknown_experts"));
  return kSuccess;
}

int PrintProfile(const std::string& profile, bool as_json) {
  if (as_json) return Raw(profile);
  const Result<json::Document> document = json::Document::Parse(profile);
  if (!document) return Fail(document.error().message);
  const json::Value root = document->root();
  TextTable table({"SKILL", "SOURCE", "RIGHT", "TRIALS", "MEAN", "DATE"});
  for (const json::Value skill : root.Find("measured").children()) {
    AddSources(TextOf(skill.Find("skill")), skill, &table);
  }
  for (const json::Value role : root.Find("roles").children()) {
    AddSources(RoleName(TextOf(role.Find("role")), TextOf(role.Find("category"))), role, &table);
  }
  for (const json::Value strength : root.Find("declared").children()) {
    table.Add({std::string(strength.key()), "declared (" + TextOf(root.Find("declared_by")) + ")",
               "", "", PercentText(strength.AsDouble().value_or(0)), ""});
  }
  std::fputs(table.Format().c_str(), stdout);
  if (root.Find("half_life_days").present()) {
    std::printf("counts as measured; evidence %s days old counts half\n",
                Count(root.Find("half_life_days")).c_str());
  }
  std::printf("%s trials measured%s\n", Count(root.Find("trials")).c_str(),
              root.Find("provisional").AsBool().value_or(false) ? ": provisional" : "");
  return kSuccess;
}

int PrintProfiles(const std::string& page, bool as_json) {
  if (as_json) return Raw(page);
  const Result<json::Document> document = json::Document::Parse(page);
  if (!document) return Fail(document.error().message);
  TextTable table({"EXPERT", "SKILLS MEASURED", "TRIALS", "MEAN", ""});
  for (const json::Value profile : document->root().Find("data").children()) {
    const double trials = profile.Find("trials").AsDouble().value_or(0);
    const double wins = profile.Find("wins").AsDouble().value_or(0);
    table.Add({TextOf(profile.Find("expert")), std::to_string(profile.Find("measured").size()),
               Count(profile.Find("trials")), trials > 0 ? PercentText(wins / trials) : "",
               profile.Find("provisional").AsBool().value_or(false) ? "provisional" : ""});
  }
  std::fputs(table.Format().c_str(), stdout);
  return kSuccess;
}

}  // namespace moerge::cli
