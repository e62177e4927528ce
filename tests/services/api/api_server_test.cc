// What needs no expert behind HTTP: tools, dry runs, models, errors of requests.
#include <gtest/gtest.h>

#include "services/api/replay.h"
#include "tests/services/api/api_server_fixture.h"

namespace moerge {
namespace {

using test::BodyOf;
using test::ChatJson;
using test::HeaderOf;
using test::Post;
using test::StatusOf;

struct Api : testing::Test {
  Api() {
    api.AddTool("arithmetic");
    api.AddExpert("mathstral", 1);
    Policy policy;
    policy.name = "cheap";
    api.declared.policies = {policy};
  }
  std::string Ask(std::string_view path, std::string_view body, std::string_view headers = "") {
    return test::Exchange(api.port(), Post(path, body, headers));
  }
  std::string Get(std::string_view path, std::string_view method = "GET") {
    return test::Exchange(api.port(), std::string(method) + " " + std::string(path) +
                                          " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  test::ApiServer api;
};

// The error object of a reply, flattened: "status type param code".
std::string ErrorOf(const std::string& reply) {
  const std::string body = BodyOf(reply);
  const auto document = json::Document::Parse(body);
  if (!document) return "no JSON: " + body;
  const json::Value error = document->root().Find("error");
  EXPECT_EQ(error.size(), 4u) << body;
  std::string flat = std::to_string(StatusOf(reply));
  for (const char* key : {"type", "param", "code"}) {
    flat.append(" ").append(error.Find(key).AsString().value_or("null"));
  }
  return flat;
}

TEST_F(Api, AToolAnswersAChat) {
  api.Start();
  const std::string reply = Ask("/v1/chat/completions", ChatJson("", "What is 12 * 3?"));
  EXPECT_EQ(StatusOf(reply), 200);
  EXPECT_EQ(HeaderOf(reply, "x-moerge-expert"), "arithmetic");
  EXPECT_NE(BodyOf(reply).find("36"), std::string::npos);
}

TEST_F(Api, AToolAnswersAsAStreamToo) {
  api.Start();
  const std::string reply =
      Ask("/v1/chat/completions", ChatJson(R"(,"stream":true)", "What is 12 * 3?"));
  const std::string body = BodyOf(reply);
  EXPECT_NE(body.find(R"("role":"assistant")"), std::string::npos);
  EXPECT_NE(body.find("36"), std::string::npos);
  EXPECT_NE(body.find(R"("moerge":{"expert":"arithmetic")"), std::string::npos);
  EXPECT_TRUE(body.ends_with("data: [DONE]\n\n"));
}

TEST_F(Api, APolicyMayRatherGiveNoAnswerThanAWrongOne) {
  api.declared.experts.erase(api.declared.experts.begin());  // the tool
  api.declared.policies[0].options.Set("experts.abstain", "0.99");
  api.Start();
  const std::string body =
      R"({"model":"moerge/cheap","messages":[{"role":"user","content":"Prove it."}]})";
  const std::string reply = Ask("/v1/chat/completions", body);
  EXPECT_EQ(ErrorOf(reply), "503 server_error model abstained");
  EXPECT_NE(BodyOf(reply).find("below experts.abstain 0.99"), std::string::npos) << reply;
  EXPECT_EQ(StatusOf(Ask("/v1/route", body)), 200);
  ASSERT_EQ(api.Decisions().size(), 2u);
  EXPECT_NE(api.Decisions()[0].json.find(R"("abstained":true)"), std::string::npos);
}

TEST_F(Api, NobodyForARequestIsA503ThatNamesTheSkill) {
  api.declared.experts.pop_back();
  api.Start();
  const std::string reply = Ask("/v1/chat/completions", ChatJson("", "Prove that it is so."));
  EXPECT_EQ(ErrorOf(reply), "503 server_error model no_expert");
  EXPECT_NE(BodyOf(reply).find("`algebra`"), std::string::npos);
  EXPECT_EQ(HeaderOf(reply, "x-should-retry"), "false");
  ASSERT_EQ(api.Decisions().size(), 1u);
  EXPECT_EQ(api.Decisions()[0].outcome, "error");
}

TEST_F(Api, AnUnknownModelIsA404WithCloseNames) {
  api.Start();
  const std::string reply = Ask(
      "/v1/chat/completions", R"({"model":"mathstrl","messages":[{"role":"user","content":"x"}]})");
  EXPECT_EQ(ErrorOf(reply), "404 not_found_error model model_not_found");
  EXPECT_NE(BodyOf(reply).find("`mathstral`"), std::string::npos);
}

TEST_F(Api, ABadFieldIsNamed) {
  api.Start();
  EXPECT_EQ(ErrorOf(Ask("/v1/chat/completions", ChatJson(R"(,"n":"two")"))),
            "400 invalid_request_error n null");
  EXPECT_EQ(ErrorOf(Ask("/v1/chat/completions", "{")), "400 invalid_request_error null null");
  EXPECT_EQ(ErrorOf(Ask("/v1/chat/completions", R"({"model":"auto","messages":[]})")),
            "400 invalid_request_error messages null");
}

TEST_F(Api, UnknownPathsAndMethods) {
  api.Start();
  EXPECT_EQ(ErrorOf(Get("/nothing")), "404 not_found_error null unknown_path");
  const std::string reply = Get("/v1/chat/completions");
  EXPECT_EQ(ErrorOf(reply), "405 invalid_request_error null null");
  EXPECT_EQ(HeaderOf(reply, "allow"), "POST");
}

TEST_F(Api, ADryRunDecidesAndCallsNobody) {
  api.Start();
  const std::string reply =
      Ask("/v1/route",
          R"({"messages":[{"role":"user","content":"x"}],"moerge":{"skills":["algebra"]}})");
  ASSERT_EQ(StatusOf(reply), 200);
  const std::string body = BodyOf(reply);
  const auto document = json::Document::Parse(body);
  ASSERT_TRUE(document.ok());
  const json::Value root = document->root();
  EXPECT_EQ(root.Find("outcome").AsString(), "dry_run");
  EXPECT_EQ(root.Find("model").AsString(), "auto");
  EXPECT_EQ(root.Find("candidates").size(), 2u);
  EXPECT_EQ(root.Find("attempts").size(), 0u);
  EXPECT_EQ(root.Find("request").Find("user").AsString(), "x");
  const auto kept = api.Decisions();
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0].outcome, "dry_run");
}

TEST_F(Api, TextIsNotKeptWhenTheConfigurationForbids) {
  Config config;
  config.store.decisions_keep_text = false;
  api.Start();
  api.Configure(config);
  Ask("/v1/route", ChatJson("", "my secret question"));
  const auto kept = api.Decisions();
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0].json.find("secret"), std::string::npos);
  EXPECT_NE(kept[0].json.find(R"("user_bytes":18)"), std::string::npos);
}

struct Replay : Api {
  Result<std::string> Run(std::string_view kept) {
    boost::asio::io_context loop(1);
    Engine engine(api.EngineParts(), loop.get_executor());
    const auto context = std::make_unique<api::ApiContext>(api.shared(), engine);
    return api::ReplayDecision(*context, kept);
  }
};

TEST_F(Replay, DecidesTheSameOnTheSameRegistry) {
  api.Start();
  Ask("/v1/route", ChatJson("", "2x = 4"));
  const auto kept = api.Decisions();
  ASSERT_EQ(kept.size(), 1u);
  const auto replayed = Run(kept[0].json);
  ASSERT_TRUE(replayed.ok()) << replayed.error().message;
  const auto document = json::Document::Parse(*replayed);
  ASSERT_TRUE(document.ok()) << *replayed;
  EXPECT_EQ(document->root().Find("same_expert").AsBool(), true);
  EXPECT_EQ(document->root().Find("decision").AsString(), kept[0].id);
  const json::Value now = document->root().Find("now");
  EXPECT_EQ(now.Find("request").raw(), document->root().Find("then").Find("request").raw());
}

TEST_F(Replay, NeedsTheText) {
  Config config;
  config.store.decisions_keep_text = false;
  api.Start();
  api.Configure(config);
  Ask("/v1/route", ChatJson());
  const auto replayed = Run(api.Decisions()[0].json);
  ASSERT_FALSE(replayed.ok());
  EXPECT_EQ(replayed.error().code, ErrorCode::kConflict);
}

TEST_F(Replay, OfADamagedRecordIsAnError) {
  api.Start();
  EXPECT_FALSE(Run("{").ok());
  EXPECT_FALSE(Run("[]").ok());
}

TEST_F(Api, ModelsArePoliciesAndEnabledExperts) {
  api.declared.experts.back().enabled = false;
  api.AddExpert("meta/llama", 1);
  api.Start();
  const std::string body = BodyOf(Get("/v1/models"));
  const auto document = json::Document::Parse(body);
  ASSERT_TRUE(document.ok()) << body;
  std::vector<std::string> ids;
  for (const json::Value model : document->root().Find("data").children()) {
    EXPECT_EQ(model.Find("object").AsString(), "model");
    ids.emplace_back(*model.Find("id").AsString());
  }
  EXPECT_EQ(ids, (std::vector<std::string>{"auto", "moerge/cheap", "arithmetic", "meta/llama"}));
}

TEST_F(Api, OneModelByIdSlashesIncluded) {
  api.AddExpert("meta/llama", 1);
  api.Start();
  EXPECT_NE(BodyOf(Get("/v1/models/meta/llama")).find(R"("id":"meta/llama")"), std::string::npos);
  EXPECT_NE(BodyOf(Get("/v1/models/moerge/cheap")).find(R"("kind":"policy")"), std::string::npos);
  EXPECT_EQ(ErrorOf(Get("/v1/models/nobody")), "404 not_found_error model model_not_found");
}

TEST_F(Api, KeysAreAskedForOnceTheyAreConfigured) {
  api.declared.keys = {
      ApiKey{"app", Role::kInference, Sha256Hex("key-0123456789abcdef"), Origin::kFile}};
  api.Start();
  const std::string reply = Get("/v1/models");
  EXPECT_EQ(ErrorOf(reply), "401 authentication_error null invalid_api_key");
  EXPECT_EQ(HeaderOf(reply, "www-authenticate"), "Bearer");
  EXPECT_EQ(
      StatusOf(Ask("/v1/route", ChatJson(), "Authorization: Bearer key-0123456789abcdef\r\n")),
      200);
}

}  // namespace
}  // namespace moerge
