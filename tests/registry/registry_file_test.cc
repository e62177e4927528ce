#include "registry/registry_file.h"

#include <gtest/gtest.h>

#include "registry/stored_state.h"
#include "tests/registry/support.h"

namespace moerge {
namespace {

using testing::MakeBackend;
using testing::MakeExpert;
using testing::MakeKey;
using testing::MakePolicy;
using testing::MakeSkill;

StoredState SomeState() {
  StoreChange change;
  change.put_backends = {MakeBackend("gpu")};
  change.put_experts = {MakeExpert("a"), MakeExpert("b/c")};
  change.put_skills = {MakeSkill("law")};
  change.put_policies = {MakePolicy("thrifty")};
  change.put_keys = {MakeKey("k")};
  StoredState state;
  ApplyChange(change, &state);
  return state;
}

TEST(RegistryFile, WhatIsWrittenIsReadAndWrittenAgainByteForByte) {
  const std::string text = RegistryFileHead(SomeState());
  const auto file = ReadRegistryFile(text);
  ASSERT_TRUE(file.ok()) << file.error().message;
  EXPECT_EQ(file->profiles, "");
  StoredState other;
  ApplyChange(file->change, &other);
  EXPECT_EQ(RegistryFileHead(other), text);
  EXPECT_TRUE(other.keys.empty());
  EXPECT_EQ(text.find(std::string(64, 'a')), std::string::npos);
}

TEST(RegistryFile, EvidenceBeginsAtTheFirstLineThatIsNoEntry) {
  const std::string evidence = "{\"expert\":\"a\",\"skill\":\"law\",\"source\":\"s\"}\n";
  const std::string text = RegistryFileHead(SomeState()) + "\n" + evidence + evidence;
  const auto file = ReadRegistryFile(text);
  ASSERT_TRUE(file.ok()) << file.error().message;
  EXPECT_EQ(file->change.put_experts.size(), 2u);
  EXPECT_EQ(file->profiles, evidence + evidence);
}

TEST(RegistryFile, MistakesAreNamedWithTheirLine) {
  const std::string head = "{\"moerge\":\"registry\",\"version\":1}\n";
  struct Case {
    std::string text;
    const char* error;
  };
  for (const Case& item :
       {Case{"", "first line"}, Case{"{\"expert\":\"a\",\"spec\":{}}\n", "first line"},
        Case{"{\"moerge\":\"registry\",\"version\":2}\n", "version is 2"},
        Case{head + "{\"expert\":\"a\",\"spec\":{\"context\":\"x\"}}\n", "line 2: expert `a`"},
        Case{head + "\nnot json\n", "line 3: "}}) {
    const auto file = ReadRegistryFile(item.text);
    ASSERT_FALSE(file.ok()) << item.text;
    EXPECT_NE(file.error().message.find(item.error), std::string::npos) << file.error().message;
  }
}

TEST(RegistryFile, AMirrorRemovesWhatTheFileDoesNotHold) {
  const StoredState state = SomeState();
  StoreChange change;
  change.put_experts = {MakeExpert("a")};
  RemoveOthers(state, &change);
  EXPECT_EQ(change.remove_experts, std::vector<std::string>{"b/c"});
  EXPECT_EQ(change.remove_backends, std::vector<std::string>{"gpu"});
  EXPECT_TRUE(change.remove_keys.empty());
}

}  // namespace
}  // namespace moerge
