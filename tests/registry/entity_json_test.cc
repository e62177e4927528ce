#include "registry/entity_json.h"

#include <gtest/gtest.h>

#include "tests/registry/support.h"

namespace moerge {
namespace {

// Everything but the name and the origin, which the store keeps separately.
template <class T>
void ExpectRoundTrip(const T& entity) {
  T back;
  back.name = entity.name;
  back.origin = entity.origin;
  const Status read = FromJson(ToJson(entity), &back);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(back, entity) << ToJson(entity);
}

TEST(EntityJson, EveryFieldOfABackendComesBack) {
  Backend backend = testing::MakeBackend("gpu");
  backend.protocol = Protocol::kAnthropic;
  backend.api_key_env = "KEY";
  backend.headers = {{"x-team", "a\"b"}, {"api-key", "${KEY}"}};
  backend.query = {{"api-version", "2024-10-21"}};
  backend.max_concurrency = 3;
  backend.max_queue = 4;
  backend.queue_timeout = std::chrono::milliseconds(5);
  backend.connect_timeout = std::chrono::milliseconds(6);
  backend.first_byte_timeout = std::chrono::milliseconds(7);
  backend.idle_timeout = std::chrono::milliseconds(8);
  backend.retries = 9;
  backend.verify_tls = false;
  backend.residency = {.kind = ResidencyKind::kVllm,
                       .device = "gpu0",
                       .devices = {"gpu0", "gpu1"},
                       .slots = 2,
                       .memory_gb = 22.5,
                       .max_wait = std::chrono::milliseconds(10),
                       .load_timeout = std::chrono::milliseconds(20),
                       .sleep_level = 2,
                       .host_memory_gb = 64.5,
                       .adapters = {{"sql", "/adapters/sql"}},
                       .command = {"serve", "{model}"},
                       .environment = {{"GPU", "0"}},
                       .health = "/ready",
                       .stop_timeout = std::chrono::milliseconds(30)};
  ExpectRoundTrip(backend);
}

TEST(EntityJson, EveryFieldOfAnExpertComesBack) {
  Expert expert = testing::MakeExpert("one");
  expert.kind = ExpertKind::kTool;
  expert.description = "line\n\"quoted\" \u00e9";
  expert.context = 32768;
  expert.max_output = 4097;
  expert.price = {0.1, 0.25, 0.01, 0.0, 0.5};
  expert.memory_gb = 16.5;
  expert.active_params = 7.25;
  expert.latency_ms = 812.5;
  expert.vision = true;
  expert.function_calling = false;
  expert.skills = {{"algebra", 0.9}, {"general", 1.0 / 3}};
  expert.tags = {"a", "b"};
  expert.licence = "MIT";
  expert.enabled = false;
  ExpectRoundTrip(expert);
}

TEST(EntityJson, PricesThatAreNotSaidStayUnsaid) {
  Expert expert = testing::MakeExpert("one");
  expert.price = {0.1, 0.25};
  expert.price.reasoning = 0;
  ExpectRoundTrip(expert);
  ASSERT_TRUE(FromJson(R"({"price":{"input":1,"output":2,"cached_input":null}})", &expert).ok());
  EXPECT_EQ(expert.price.cached_input, std::nullopt);
  EXPECT_EQ(expert.price.reasoning, 0);
}

TEST(EntityJson, EveryFieldOfSkillsPoliciesAndKeysComesBack) {
  Skill skill = testing::MakeSkill("law");
  skill.description = "about law";
  ExpectRoundTrip(skill);
  Policy policy = testing::MakePolicy("cheap");
  policy.description = "d";
  policy.classifier = "c";
  policy.recruiter = "r";
  policy.experts = 5;
  policy.aggregate = "vote";
  policy.price_weight = 0.5;
  policy.latency_weight = 0.75;
  policy.min_score = 0.25;
  policy.max_fallbacks = 2;
  policy.options = {{"a.b", "c"}};
  ExpectRoundTrip(policy);
  ExpectRoundTrip(testing::MakeKey("admin"));
}

TEST(EntityJson, AMissingMemberKeepsItsDefault) {
  Policy policy;
  policy.experts = 7;
  ASSERT_TRUE(FromJson("{\"unknown\":1}", &policy).ok());
  EXPECT_EQ(policy.experts, 7);
}

TEST(EntityJson, WrongTypesAndDamageAreErrors) {
  Expert expert;
  for (const char* text : {"", "[]", "{", "{\"context\":\"x\"}", "{\"kind\":\"alien\"}",
                           "{\"tags\":{}}", "{\"tags\":[1]}", "{\"skills\":{\"a\":true}}",
                           "{\"price\":{\"input\":\"x\"}}", "{\"enabled\":1}"}) {
    const Status read = FromJson(text, &expert);
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_EQ(read.error().code, ErrorCode::kInternal);
  }
}

TEST(EntityJson, ACandidateComesBackWithItsTrial) {
  Policy policy;
  policy.name = "cheap@candidate";
  policy.trial = PolicyTrial{"cheap", 0.25, WallTime(std::chrono::seconds(1'800'000'000))};
  ExpectRoundTrip(policy);
  policy.trial->since.reset();
  ExpectRoundTrip(policy);
}

}  // namespace
}  // namespace moerge
