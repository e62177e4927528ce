// What a policy may be made of, beyond the range of each option.
#include <gtest/gtest.h>

#include "router/router.h"

namespace moerge {
namespace {

TEST(CheckPolicy, OptionsNamedAfterSkillsNameKnownOnes) {
  const std::vector<std::string> skills = {"algebra", "law"};
  Policy policy;
  policy.options.Set("kinds.algebra", "number");
  EXPECT_TRUE(CheckPolicy(policy, &skills).ok());
  policy.options.Set("kinds.algebr", "number");
  EXPECT_TRUE(CheckPolicy(policy, nullptr).ok()) << "nobody knows the skills";
  const Status wrong = CheckPolicy(policy, &skills);
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().param, "options.kinds.algebr");
  EXPECT_NE(wrong.error().message.find("`algebra`"), std::string::npos) << wrong.error().message;
}

}  // namespace
}  // namespace moerge
