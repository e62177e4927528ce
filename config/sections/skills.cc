#include "config/sections/sections.h"
#include "config/validate.h"

namespace moerge {
namespace {

void ReadList(FieldReader& in, std::string_view key, Config* config, ReadContext* context) {
  UniqueNames names;
  in.Each(key, [&](const YamlPtr& item, const std::string& path) {
    config->skills.push_back(ReadSkill(item, path, context, &names));
  });
}

}  // namespace

Skill ReadSkill(const YamlPtr& node, const std::string& path, ReadContext* context,
                UniqueNames* names) {
  Skill skill;
  skill.origin = Origin::kFile;
  FieldReader in(node, path, context);
  in.Text("name", &skill.name, kRequired);
  in.Text("category", &skill.category);
  in.Text("description", &skill.description);
  in.Texts("examples", &skill.examples);
  in.Check(FindMistakes(skill));
  names->Add(skill.name, &in);
  in.RejectUnknownKeys();
  return skill;
}

// Either a list, which is added to the shipped skills, or a map that can replace them.
void ReadSkills(FieldReader& top, Config* config, ReadContext* context) {
  if (const YamlPtr node = top.Take("skills"); node != nullptr && node->is_list()) {
    return ReadList(top, "skills", config, context);
  }
  FieldReader in = top.Section("skills");
  bool replace = false;
  in.Flag("replace", &replace);
  config->shipped_skills = !replace;
  ReadList(in, "list", config, context);
  in.RejectUnknownKeys();
}

}  // namespace moerge
