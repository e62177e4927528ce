#include "config/validate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "config/entities.h"

namespace moerge {
namespace {

Backend GoodBackend() {
  Backend backend;
  backend.name = "gpu1";
  backend.base_url = "http://127.0.0.1:8000/v1";
  return backend;
}

Expert GoodExpert() {
  Expert expert;
  expert.name = "meta-llama/Llama-3.2:3b";
  expert.backend = "gpu1";
  expert.model = "llama";
  return expert;
}

TEST(Validate, BaseUrls) {
  for (const char* url : {"http://127.0.0.1:8000/v1", "https://api.openai.com/v1",
                          "http://[::1]:80", "http://gpu_1", "http://h:65535/a/b"}) {
    EXPECT_EQ(WrongBaseUrl(url), "") << url;
  }
  for (const char* url : {"",
                          "h",
                          "ftp://h",
                          "HTTP://h",
                          "http://",
                          "http:///v1",
                          "http://h/",
                          "http://h:0",
                          "http://h:65536",
                          "http://h:/v1",
                          "http://h:8x/v1",
                          "http://u@h",
                          "http://u:p@h",
                          "http://h?x",
                          "http://h#x",
                          "http://h /v1",
                          "http://h\n",
                          "http://h\x7f",
                          "http://[::1",
                          "http://[zz]",
                          "http://h\xC3\xA9"}) {
    EXPECT_NE(WrongBaseUrl(url), "") << url;
  }
}

TEST(Validate, TheFirstMistakeNamesItsField) {
  Backend backend = GoodBackend();
  EXPECT_TRUE(Validate(backend).ok());
  backend.retries = 11;
  backend.max_concurrency = 0;
  const Status status = Validate(backend);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kInvalid);
  EXPECT_EQ(status.error().param, "max_concurrency");
  EXPECT_EQ(FindMistakes(backend).size(), 2u);
}

TEST(Validate, TimeoutsArePositiveAndBounded) {
  Backend backend = GoodBackend();
  backend.idle_timeout = std::chrono::milliseconds(0);
  EXPECT_FALSE(Validate(backend).ok());
  backend.idle_timeout = std::chrono::hours(25);
  EXPECT_FALSE(Validate(backend).ok());
}

TEST(Validate, NumbersMustBeFinite) {
  for (const double wrong : {std::nan(""), HUGE_VAL, -1.0, 1e9}) {
    Expert expert = GoodExpert();
    ASSERT_TRUE(Validate(expert).ok());
    expert.price.input = wrong;
    EXPECT_EQ(Validate(expert).error().param, "price.input");
    expert = GoodExpert();
    expert.latency_ms = wrong;
    EXPECT_EQ(Validate(expert).error().param, "latency_ms");
    expert = GoodExpert();
    expert.skills["algebra"] = wrong;
    EXPECT_EQ(Validate(expert).error().param, "skills.algebra");
  }
}

TEST(Validate, AToolHasNoBackend) {
  Expert tool;
  tool.name = "arithmetic";
  tool.kind = ExpertKind::kTool;
  tool.model = "arithmetic";
  EXPECT_TRUE(Validate(tool).ok());
  tool.backend = "gpu1";
  EXPECT_EQ(Validate(tool).error().param, "backend");
  Expert llm = GoodExpert();
  llm.backend.clear();
  EXPECT_EQ(Validate(llm).error().param, "backend");
}

TEST(Validate, NamesOfExpertsLeaveRoomForPolicies) {
  for (const std::string& name :
       {std::string("auto"), std::string("moerge/x"), std::string(), std::string(129, 'a'),
        std::string("a b"), std::string("a\n"), std::string("\xC3\xA9")}) {
    Expert expert = GoodExpert();
    expert.name = name;
    EXPECT_EQ(Validate(expert).error().param, "name") << name;
  }
}

// They stand in addresses, where clients resolve dots and drop empty parts.
TEST(Validate, NamesHaveALetterOrDigitInEachPart) {
  const auto refused = [](auto thing, const char* name) {
    thing.name = name;
    const Status status = Validate(thing);
    if (status) return false;
    EXPECT_EQ(status.error().param, "name") << name;
    return true;
  };
  Policy policy;
  for (const char* name : {".", "..", "-", "--", "_", "...", "-._", ""}) {
    EXPECT_TRUE(refused(GoodBackend(), name)) << name;
    EXPECT_TRUE(refused(GoodExpert(), name)) << name;
    EXPECT_TRUE(refused(Skill{}, name)) << name;
    EXPECT_TRUE(refused(policy, name)) << name;
  }
  EXPECT_TRUE(refused(GoodBackend(), ":"));
  EXPECT_TRUE(refused(Skill{}, " "));
  for (const char* name :
       {"../../x", "a/../b", "a/./b", "/a", "a/", "a//b", "/", "x/..", "x/-/y"}) {
    EXPECT_TRUE(refused(GoodExpert(), name)) << name;
  }
  for (const char* name :
       {"a", "7", ".a", "-a", "a.", "a..b", "_x_", "org/model:tag", "a/b.c/d-1"}) {
    EXPECT_FALSE(refused(GoodExpert(), name)) << name;
  }
  Expert expert = GoodExpert();
  expert.name = "..";
  EXPECT_NE(Validate(expert).error().message.find("must have a letter or digit"),
            std::string::npos);
}

TEST(Validate, SkillsTakeSpacesButNoEmptyExamples) {
  Skill skill;
  skill.name = "abstract algebra";
  EXPECT_TRUE(Validate(skill).ok());
  skill.examples = {"x", " \n"};
  EXPECT_EQ(Validate(skill).error().param, "examples[1]");
  skill.examples = {"\xFF"};
  EXPECT_EQ(Validate(skill).error().param, "examples[0]");
}

TEST(Validate, NoSkillMayBeCalledGeneral) {
  Skill skill;
  skill.name = "general";
  EXPECT_EQ(Validate(skill).error().param, "name");
  skill.name = "general chemistry";
  EXPECT_TRUE(Validate(skill).ok());
}

TEST(Validate, NamesOfRolesAreNoSkills) {
  Skill skill;
  for (const char* name : {"author.algebra", "judge.law"}) {
    skill.name = name;
    EXPECT_EQ(Validate(skill).error().param, "name") << name;
  }
  for (const char* name : {"author", "judges", "law.judge"}) {
    skill.name = name;
    EXPECT_TRUE(Validate(skill).ok()) << name;
  }
  Expert expert = GoodExpert();
  expert.skills = {{"judge.law", 0.9}};
  EXPECT_EQ(Validate(expert).error().param, "skills.judge.law");
}

TEST(Validate, Policies) {
  Policy policy;
  policy.name = "cheap";
  EXPECT_TRUE(Validate(policy).ok());
  policy.max_fallbacks = 65;
  EXPECT_EQ(Validate(policy).error().param, "max_fallbacks");
  policy.max_fallbacks = 0;
  policy.classifier = "";
  EXPECT_EQ(Validate(policy).error().param, "classifier");
}

TEST(Entities, NamesRoundTrip) {
  for (const auto protocol : {Protocol::kOpenAi, Protocol::kAnthropic, Protocol::kOllama}) {
    EXPECT_EQ(ParseProtocol(ProtocolName(protocol)), protocol);
  }
  for (const auto kind : {ExpertKind::kLlm, ExpertKind::kTool}) {
    EXPECT_EQ(ParseExpertKind(ExpertKindName(kind)), kind);
  }
  for (const auto role : {Role::kInference, Role::kAdmin})
    EXPECT_EQ(ParseRole(RoleName(role)), role);
  EXPECT_EQ(ParseProtocol("OpenAI"), std::nullopt);
  EXPECT_EQ(OriginName(Origin::kBuiltIn), "built-in");
}

}  // namespace
}  // namespace moerge
