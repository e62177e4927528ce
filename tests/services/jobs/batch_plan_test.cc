#include "services/jobs/batch_plan.h"

#include <gtest/gtest.h>

#include <string>

namespace moerge {
namespace {

TEST(BatchPlan, LinesOfTheSameExpertsAreTogether) {
  BatchPlan plan;
  const std::vector<std::vector<std::string_view>> experts = {
      {"clio"}, {"ada"}, {"clio"}, {"remy", "ada"}, {}, {"ada"}, {"ada", "remy"}};
  for (std::uint32_t i = 0; i < experts.size(); ++i) {
    plan.Add({.offset = 100 * i, .size = 10, .number = i + 1}, experts[i]);
  }
  plan.Sort();
  std::string order;
  for (std::size_t i = 0; i < plan.size(); ++i) order += std::to_string(plan[i].number);
  EXPECT_EQ(order, "5264713") << "none, ada, ada and remy, clio; in each as in the file";
  EXPECT_EQ(plan[1].offset, 100u);
  EXPECT_EQ(plan.calls(),
            (std::map<std::string_view, std::int64_t>{{"ada", 4}, {"clio", 2}, {"remy", 2}}));
}

TEST(BatchPlan, TheExpertWithMostCallsIsFirst) {
  BatchPlan plan;
  const std::vector<std::vector<std::string_view>> experts = {
      {"ada"}, {"remy"}, {"ada", "remy"}, {"remy"}, {"clio", "remy"}};
  for (std::uint32_t i = 0; i < experts.size(); ++i) plan.Add({.number = i + 1}, experts[i]);
  plan.Sort();
  EXPECT_EQ(plan.Order(), (std::vector<std::string_view>{"remy", "ada", "clio"}));
  std::string order;
  for (std::size_t i = 0; i < plan.size(); ++i) order += std::to_string(plan[i].number);
  EXPECT_EQ(order, "24351") << "remy, remy and ada, remy and clio, ada";
}

}  // namespace
}  // namespace moerge
