// Policies of a file whose options name backends and experts.
#include <gtest/gtest.h>

#include "config/config.h"

namespace moerge {
namespace {

std::string OptionMistakes(const std::string& options) {
  const std::string yaml =
      "backends: [{name: enc, base_url: \"http://h/v1\"}]\n"
      "experts: [{name: ada, backend: enc, model: m}]\n"
      "policies: [{name: p, options: {" +
      options + "}}]\n";
  return FormatMistakes(ParseConfig(yaml, "f"), "f");
}

TEST(PolicyReferences, AFileHasWhatItsPoliciesName) {
  EXPECT_EQ(OptionMistakes("embedding.backend: enc, llm.expert: ada"), "");
  EXPECT_EQ(OptionMistakes("knn.experts: 0.5"), "");
  EXPECT_EQ(OptionMistakes("rules.backend: nginx"), "");
}

TEST(PolicyReferences, WhatItLacksIsSaidWithItsPlace) {
  const std::string backend = OptionMistakes("embedding.backend: encc");
  EXPECT_TRUE(backend.starts_with("f:3:")) << backend;
  EXPECT_NE(backend.find("policies[0].options.embedding.backend: this file has no backend of this "
                         "name. Did you mean `enc`?"),
            std::string::npos)
      << backend;
  const std::string expert = OptionMistakes("llm.expert: adda");
  EXPECT_NE(expert.find("this file has no expert of this name. Did you mean `ada`?"),
            std::string::npos)
      << expert;
}

}  // namespace
}  // namespace moerge
