#include <gtest/gtest.h>

#include "router/category_demand.h"
#include "tests/router/router_fixture.h"

namespace moerge {
namespace {

Skill In(std::string category, std::string name) {
  Skill skill = MakeSkill(std::move(name));
  skill.category = std::move(category);
  return skill;
}

TEST(ByCategory, SkillsOfOneCategoryAreSummed) {
  const World world({}, {In("maths", "algebra"), In("maths", "geometry"), In("law", "contracts"),
                         In("", "chess")});
  Demand demand;
  const std::pair<const char*, float> parts[] = {{"contracts", 0.4f},
                                                 {"algebra", 0.3f},
                                                 {"geometry", 0.2f},
                                                 {"chess", 0.05f},
                                                 {"gone", 0.05f}};
  for (const auto& [name, probability] : parts) {
    demand.skills.push_back({InternSkill(name), probability});
  }
  const SnapshotPtr snapshot = world.MakeSnapshot();
  const auto categories = ByCategory(demand, *snapshot);
  ASSERT_EQ(categories.size(), 3u);
  EXPECT_EQ(categories[0].category, "maths");
  EXPECT_FLOAT_EQ(categories[0].probability, 0.5f);
  EXPECT_EQ(categories[1].category, "law");
  EXPECT_EQ(categories[2].category, "chess");
}

TEST(ByCategory, NothingInDemandGivesNothing) {
  EXPECT_TRUE(ByCategory({}, *World().MakeSnapshot()).empty());
}

TEST(ByCategory, ReasonsNameWhatRelatedSkillsShare) {
  World world({MakeExpert("any", {{"general", 0.5}})},
              {In("maths", "algebra"), In("maths", "geometry"), In("law", "contracts")});
  const PolicyRouter router = world.MakeRouter();
  const std::string both = AllReasons(router.Route(Needs({"algebra", "geometry"}), {}, nullptr));
  EXPECT_NE(both.find("; maths 1.00 in all (client)"), std::string::npos) << both;
  const std::string one = AllReasons(router.Route(Needs({"contracts"}), {}, nullptr));
  EXPECT_EQ(one.find(" in all"), std::string::npos) << one;
}

}  // namespace
}  // namespace moerge
