// Policies whose options name backends and experts.
#include <gtest/gtest.h>

#include "registry/change_check.h"
#include "registry/registry.h"

namespace moerge {
namespace {

class PolicyReferences : public ::testing::Test {
 protected:
  static Policy Naming(const std::string& option, const std::string& name) {
    Policy policy;
    policy.name = "p";
    policy.options.Set(option, name);
    return policy;
  }
  static SnapshotPtr World(std::vector<Policy> policies = {}) {
    StoredState stored;
    Backend backend;
    backend.name = "enc";
    backend.base_url = "http://127.0.0.1:1/v1";
    Expert expert;
    expert.name = "ada";
    expert.backend = "enc";
    expert.model = "m";
    stored.backends = {backend};
    stored.experts = {expert};
    stored.policies = std::move(policies);
    return *BuildSnapshot({}, stored);
  }
  static Status Check(const StoreChange& change, std::vector<Policy> policies = {}) {
    return CheckChange(change, *World(std::move(policies)), "");
  }
};

TEST_F(PolicyReferences, WhatIsNamedMustExist) {
  StoreChange change;
  change.put_policies = {Naming("embedding.backend", "enc")};
  EXPECT_TRUE(Check(change).ok());
  change.put_policies = {Naming("embedding.backend", "encc")};
  const Status refused = Check(change);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().param, "options.embedding.backend");
  EXPECT_NE(refused.error().message.find("enc"), std::string::npos);
  change.put_policies = {Naming("llm.expert", "adda")};
  EXPECT_EQ(Check(change).error().param, "options.llm.expert");
}

TEST_F(PolicyReferences, OneChangeMayBringBoth) {
  StoreChange change;
  Expert labeller;
  labeller.name = "labeller";
  labeller.backend = "enc";
  labeller.model = "m";
  change.put_experts = {labeller};
  change.put_policies = {Naming("llm.expert", "labeller")};
  EXPECT_TRUE(Check(change).ok());
}

TEST_F(PolicyReferences, WhatAPolicyNamesCannotGo) {
  StoreChange change;
  change.remove_experts = {"ada"};
  EXPECT_TRUE(Check(change).ok());
  const std::vector<Policy> naming{Naming("llm.expert", "ada")};
  EXPECT_EQ(Check(change, naming).error().code, ErrorCode::kConflict);
  change.remove_policies = {"p"};
  EXPECT_TRUE(Check(change, naming).ok());
}

}  // namespace
}  // namespace moerge
