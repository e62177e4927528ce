// Experts that say nothing, addresses that clients and operators write in their own way.
#include <gtest/gtest.h>

#include "tests/integration/harness.h"
#include "tests/integration/scripted_model.h"

namespace moerge::test {
namespace {

std::string HoleBeside(const ScriptedModel& hole, const ScriptedModel& sound) {
  return "store: \"memory:\"\nbackends:\n  - {name: hole, base_url: \"" + hole.Url() +
         "\"}\n  - {name: sound, base_url: \"" + sound.Url() +
         "\"}\nexperts:\n  - {name: first, backend: hole, model: m, skills: {general: 0.9}}\n"
         "  - {name: second, backend: sound, model: m, skills: {general: 0.3}}\n" +
         kSmallSkills;
}

TEST(Waiting, AnExpertThatSaysNothingLeavesTimeForTheNextAndIsLeftAloneSoon) {
  const ScriptedModel hole([](const std::string&) { return std::nullopt; });
  const ScriptedModel sound([](const std::string&) { return Completion("here"); });
  const TestServer server(HoleBeside(hole, sound));
  for (int i = 0; i < 12; ++i) {
    const HttpReply reply = server.Post("/v1/chat/completions", ChatJson("auto", "Tell me."),
                                        {{"x-moerge-timeout-ms", "1500"}});
    ASSERT_EQ(reply.status, 200) << i << reply.raw;
    EXPECT_EQ(reply.At("choices.0.message.content"), "here");
  }
  EXPECT_LT(hole.asked(), 12);
  const HttpReply backend = server.Get("/api/v1/backends/hole");
  EXPECT_EQ(backend.At("condition.avoided"), "true") << backend.raw;
  EXPECT_NE(backend.At("condition.reason"), "(absent)") << backend.raw;
  EXPECT_EQ(server.Get("/api/v1/backends/sound").At("condition.avoided"), "false");
}

TEST(Waiting, AnExpertAskedByNameHasAllTheTimeThereIs) {
  const ScriptedModel hole([](const std::string&) { return std::nullopt; });
  const TestServer server(HoleBeside(hole, hole));
  const HttpReply reply = server.Post("/v1/chat/completions", ChatJson("first", "Tell me."),
                                      {{"x-moerge-timeout-ms", "300"}});
  EXPECT_EQ(reply.status, 504) << reply.raw;
  EXPECT_NE(reply.At("error.message").find("deadline"), std::string::npos) << reply.raw;
}

TEST(Waiting, WhatMayWorkLaterSaysWhenToTryAgain) {
  const ScriptedModel busy([](const std::string&) { return Failing(503); });
  const TestServer server(HoleBeside(busy, busy));
  for (int i = 0; i < 10; ++i) {
    const HttpReply reply = server.Chat("auto", "Tell me.");
    EXPECT_EQ(reply.status, 503) << reply.raw;
    EXPECT_GE(std::atoi(reply.Header("retry-after").c_str()), 1) << reply.raw;
  }
}

TEST(Addresses, OfClientsAreFoundHoweverTheyArePutTogether) {
  const ScriptedModel sound([](const std::string&) { return Completion("here"); });
  const TestServer server(HoleBeside(sound, sound));
  for (const char* path : {"/v1/chat/completions", "/v1/chat/completions/", "//v1/chat/completions",
                           "/v1//chat/completions", "/chat/completions", "//chat/completions/"}) {
    const HttpReply reply = server.Post(path, ChatJson("first", "Tell me."));
    EXPECT_EQ(reply.status, 200) << path << reply.raw;
  }
  EXPECT_EQ(server.Get("/models/first").At("id"), "first");
  EXPECT_EQ(server.Get("/models/").At("object"), "list");
  EXPECT_EQ(server.Post("/completion", "{}").status, 404);
}

TEST(Addresses, AGuardedPathIsGuardedHoweverItIsWritten) {
  const ScriptedModel sound([](const std::string&) { return Completion("here"); });
  const TestServer server(HoleBeside(sound, sound));
  for (const char* path : {"/api/v1/backends", "//api/v1/backends", "/api//v1/backends/"}) {
    const HttpReply reply = server.Post(path, R"({"name":"x","base_url":"http://h/v1"})",
                                        {{"content-type", "text/plain"}});
    EXPECT_EQ(reply.status, 415) << path << reply.raw;
  }
}

TEST(Addresses, OfBackendsHaveHeadersAndParameters) {
  std::string asked;
  const ScriptedModel azure([&asked](const std::string& request) {
    asked = request;
    return Completion("here");
  });
  const TestServer server("store: \"memory:\"\nbackends:\n  - {name: az, base_url: \"" +
                          azure.Url() +
                          "\", headers: {x-team: sea}, query: {api-version: \"2024-10-21\"}}\n"
                          "experts:\n  - {name: first, backend: az, model: m}\n" +
                          kSmallSkills);
  ASSERT_EQ(server.Chat("first", "Tell me.").status, 200);
  EXPECT_NE(asked.find("/chat/completions?api-version=2024-10-21 "), std::string::npos) << asked;
  EXPECT_NE(asked.find("x-team: sea"), std::string::npos) << asked;
}

}  // namespace
}  // namespace moerge::test
