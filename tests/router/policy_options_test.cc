// The table of options that policies may set.
#include "router/policy_options.h"

#include <gtest/gtest.h>

#include "router/router.h"

namespace moerge {
namespace {

TEST(PolicyOptions, EveryOneHasANameOfItsOwnInOrder) {
  const auto options = PolicyOptions();
  ASSERT_GT(options.size(), 10u);
  for (std::size_t i = 1; i < options.size(); ++i) {
    EXPECT_LT(options[i - 1].name, options[i].name);
  }
}

TEST(PolicyOptions, EveryDefaultIsAllowed) {
  for (const PolicyOption& option : PolicyOptions()) {
    if (option.fallback.empty()) continue;
    EXPECT_TRUE(CheckOption(option.name, option.fallback).ok()) << option.name;
  }
}

TEST(PolicyOptions, WhatIsNotAllowedSaysWhatIs) {
  const Status status = CheckOption("knn.k", "0");
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.error().message.find("a whole number from 1 to 1000"), std::string::npos)
      << status.error().message;
  EXPECT_FALSE(CheckOption("knn.k", "1.5").ok());
  EXPECT_FALSE(CheckOption("embedding.head", "forest").ok());
}

TEST(PolicyOptions, AnUnknownOneNamesItsNeighbour) {
  const Status status = CheckOption("experts.marign", "0.1");
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.error().message.find("experts.margin"), std::string::npos)
      << status.error().message;
}

TEST(PolicyOptions, OptionsNamedAfterSkillsNameKnownOnes) {
  const std::vector<std::string> skills = {"algebra", "law"};
  Policy policy;
  policy.options["kinds.algebra"] = "number";
  EXPECT_TRUE(CheckPolicy(policy, &skills).ok());
  policy.options["kinds.algebr"] = "number";
  EXPECT_TRUE(CheckPolicy(policy, nullptr).ok()) << "no skills are known here";
  const Status wrong = CheckPolicy(policy, &skills);
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().param, "options.kinds.algebr");
  EXPECT_NE(wrong.error().message.find("`algebra`"), std::string::npos) << wrong.error().message;
}

}  // namespace
}  // namespace moerge
