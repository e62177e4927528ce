#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "config/config.h"
#include "config/defaults/embedded.h"
#include "config/sections/sections.h"
#include "config/yaml/parse.h"

namespace moerge {
namespace {

void ReadSkillFile(const EmbeddedFile& file, ReadContext* context, std::vector<Skill>* skills) {
  FieldReader in(ParseYaml(file.text, &context->mistakes), "", context);
  UniqueNames names;
  std::string category;
  std::string description;  // for people who read the file
  in.Text("category", &category, kRequired);
  in.Text("description", &description);
  in.Each("skills", [&](const YamlPtr& item, const std::string& path) {
    Skill skill = ReadSkill(item, path, context, &names);
    if (skill.category.empty()) skill.category = category;
    skill.origin = Origin::kBuiltIn;
    skills->push_back(std::move(skill));
  });
  in.RejectUnknownKeys();
}

std::vector<Skill> ParseAll() {
  std::vector<Skill> skills;
  for (const EmbeddedFile& file : EmbeddedSkillFiles()) {
    ReadContext context;
    context.fill_variables = false;
    ReadSkillFile(file, &context, &skills);
    ConfigReport report;
    report.mistakes = std::move(context.mistakes).Take();
    if (report.mistakes.empty()) continue;
    // A binary that was built from broken files; its tests say so before anybody gets it.
    std::fprintf(stderr, "moerge: %s\n", FormatMistakes(report, file.name).c_str());
    std::abort();
  }
  return skills;
}

}  // namespace

std::vector<Skill> ShippedSkills() {
  static const std::vector<Skill> skills = ParseAll();
  return skills;
}

}  // namespace moerge
