#include <gtest/gtest.h>

#include <set>
#include <string>

#include "config/base/text.h"
#include "config/base/utf8.h"
#include "config/config.h"
#include "config/defaults/embedded.h"
#include "config/validate.h"

namespace moerge {
namespace {

TEST(ShippedSkills, CoverEnough) {
  std::set<std::string> names;
  std::set<std::string> categories;
  for (const Skill& skill : ShippedSkills()) {
    EXPECT_TRUE(names.insert(skill.name).second) << skill.name << " is there twice";
    categories.insert(skill.category);
  }
  EXPECT_GE(names.size(), 40u);
  EXPECT_GE(categories.size(), 12u);
  for (const char* tool : {"arithmetic", "units", "dates", "text-operations"}) {
    EXPECT_TRUE(names.contains(tool)) << tool;
  }
  EXPECT_FALSE(names.contains(std::string(kGeneralSkill)));
}

TEST(ShippedSkills, AreCompleteEach) {
  for (const Skill& skill : ShippedSkills()) {
    EXPECT_GE(skill.examples.size(), 30u) << skill.name;
    EXPECT_FALSE(skill.category.empty() || skill.description.empty()) << skill.name;
    EXPECT_EQ(skill.origin, Origin::kBuiltIn);
    EXPECT_TRUE(Validate(skill).ok()) << skill.name;
  }
}

TEST(ShippedSkills, NoExampleIsRepeated) {
  std::set<std::string> seen;
  for (const Skill& skill : ShippedSkills()) {
    for (const std::string& example : skill.examples) {
      EXPECT_TRUE(seen.insert(utf8::Lower(Trim(example))).second) << skill.name << ": " << example;
    }
  }
}

TEST(ShippedSkills, AreEmbeddedByteForByte) {
  for (const EmbeddedFile& file : EmbeddedSkillFiles()) {
    EXPECT_TRUE(file.name.ends_with(".yaml"));
    EXPECT_TRUE(utf8::IsValid(file.text)) << file.name;
    EXPECT_FALSE(file.text.empty());
  }
}

}  // namespace
}  // namespace moerge
