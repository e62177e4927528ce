#include "config/config.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <string>

#include "config/base/hash.h"
#include "config/base/line_reader.h"

namespace moerge {
namespace {

using namespace std::chrono_literals;

// The configuration of a text without mistakes.
Config Good(const std::string& yaml) {
  ConfigReport report = ParseConfig(yaml, "test.yaml");
  EXPECT_EQ(FormatMistakes(report, "test.yaml"), "") << yaml;
  return report.config;
}

TEST(Config, NothingIsTheDefaults) {
  for (const char* yaml :
       {"", "\n", "# only a comment\n", "---\n", "---\n...\n", "{}", "\xEF\xBB\xBF",
        "server:\nbackends:\nexperts:\nskills:\npolicies:\nkeys:\nstore:\n"}) {
    const Config config = Good(yaml);
    EXPECT_EQ(config.server.host, "127.0.0.1");
    EXPECT_EQ(config.server.port, 8080);
    EXPECT_EQ(config.store.url, "sqlite:moerge.db");
    EXPECT_TRUE(config.tools && config.shipped_skills && config.experts.empty());
  }
}

TEST(Config, TheServerSection) {
  const ServerConfig server =
      Good(
          "server: {listen: '[::1]:0', threads: 3, max_body: 1MB, max_pending_bodies: 2MB, "
          "max_file: 3GB, max_header: 64KiB, "
          "max_connections: 10,\n"
          "  header_timeout: 250ms, body_timeout: 1m, idle_timeout: 2h, request_timeout: 90s,\n"
          "  shutdown_grace: 0s, log: {level: debug, format: json}}")
          .server;
  EXPECT_EQ(server.host, "::1");
  EXPECT_EQ(server.port, 0);
  EXPECT_EQ(server.threads, 3);
  EXPECT_EQ(server.max_body_bytes, 1'000'000u);
  EXPECT_EQ(server.max_pending_body_bytes, 2'000'000u);
  EXPECT_EQ(server.max_file_bytes, 3'000'000'000u);
  EXPECT_EQ(server.max_header_bytes, 65'536u);
  EXPECT_EQ(server.header_timeout, 250ms);
  EXPECT_EQ(server.idle_timeout, 2h);
  EXPECT_EQ(server.request_timeout, 90s);
  EXPECT_EQ(server.shutdown_grace, 0s);
  EXPECT_EQ(server.log_level, LogLevel::kDebug);
  EXPECT_EQ(server.log_format, LogFormat::kJson);
}

TEST(Config, TheStoreIsAUrlOrAMap) {
  EXPECT_EQ(Good("store: memory").store.url, "memory:");
  EXPECT_EQ(Good("store: sqlite:/var/lib/m.db").store.url, "sqlite:/var/lib/m.db");
  EXPECT_EQ(Good("store: 'memory:'").store.url, "memory:");
  const StoreConfig store =
      Good("store: {url: 'sqlite:x.db', decisions: {max_age: 2h, max_count: 5}}").store;
  EXPECT_EQ(store.url, "sqlite:x.db");
  EXPECT_EQ(store.decisions_max_age, 2h);
  EXPECT_EQ(store.decisions_max_count, 5);
}

TEST(Config, BackendsHaveHeadersAndParameters) {
  const Config config = Good(
      "backends:\n  - {name: az, base_url: 'https://r.example/openai/deployments/d', "
      "first_byte_timeout: 3m,\n"
      "     headers: {api-key: '${SOME_KEY}', x-team: a}, query: {api-version: "
      "'${SOME_VERSION}', n: 5}}\n"
      "  - {name: b, base_url: 'http://h/v1'}\n"
      "experts: [{name: e, backend: b, model: m, price: {input: 1, output: 2, cached_input: 0.1, "
      "reasoning: 3, image: 0, audio: 40, audio_output: 80}}, {name: f, backend: b, model: m, "
      "price: {input: 1}}]");
  const Backend& azure = config.backends.at(0);
  using Texts = std::map<std::string, std::string>;
  EXPECT_EQ(azure.headers, (Texts{{"api-key", "${SOME_KEY}"}, {"x-team", "a"}}));
  // Read when it is sent, like a header: it may be a key.
  EXPECT_EQ(azure.query, (Texts{{"api-version", "${SOME_VERSION}"}, {"n", "5"}}));
  EXPECT_EQ(azure.first_byte_timeout, 3min);
  EXPECT_EQ(config.backends.at(1).first_byte_timeout, 0ms);
  EXPECT_EQ(config.experts.at(0).price, (Price{1, 2, 0.1, 3.0, 0.0, 40.0, 80.0}));
  EXPECT_EQ(config.experts.at(1).price, (Price{1, 0}));
}

TEST(Config, CodeIsRunOnlyWhereTheHostSaysSo) {
  EXPECT_FALSE(Good("").sandbox.enabled);
  const SandboxConfig sandbox =
      Good("sandbox: {enabled: true, parallel: 3, queue: 9, max_timeout: 2s, memory: 256MiB}")
          .sandbox;
  EXPECT_TRUE(sandbox.enabled);
  EXPECT_EQ(sandbox.parallel, 3);
  EXPECT_EQ(sandbox.queue, 9);
  EXPECT_EQ(sandbox.max_timeout, 2s);
  EXPECT_EQ(sandbox.memory_bytes, std::size_t{256} << 20);
}

TEST(Config, TelemetryIsOffUnlessAReceiverIsNamed) {
  EXPECT_EQ(Good("").telemetry.otlp, "");
  const TelemetryConfig telemetry =
      Good(
          "telemetry: {otlp: \"https://otel.example:4318/\", service: gateway, traces: false, "
          "sample: 0.1, metrics_interval: 5s, headers: {authorization: \"Bearer ${NO_SUCH}\"}}")
          .telemetry;
  EXPECT_EQ(telemetry.otlp, "https://otel.example:4318");
  EXPECT_EQ(telemetry.service, "gateway");
  EXPECT_FALSE(telemetry.traces);
  EXPECT_TRUE(telemetry.metrics);
  EXPECT_EQ(telemetry.sample, 0.1);
  EXPECT_EQ(telemetry.metrics_interval, 5s);
  EXPECT_EQ(telemetry.headers.at("authorization"), "Bearer ${NO_SUCH}");  // read when it is sent
}

TEST(Config, EvidenceAgesOnlyWhenAsked) {
  EXPECT_EQ(Good("").profiles.half_life, 0s);
  EXPECT_EQ(Good("profiles: {half_life: off}").profiles.half_life, 0s);
  EXPECT_EQ(Good("profiles: {half_life: 30d}").profiles.half_life, 24h * 30);
}

TEST(Config, ToolsAreSwitched) {
  EXPECT_FALSE(Good("tools: off").tools);
  EXPECT_FALSE(Good("tools: false").tools);
  EXPECT_TRUE(Good("tools: on").tools);
}

TEST(Config, BackendsAndExperts) {
  const Config config = Good(R"(
backends:
  - {name: gpu1, protocol: openai, base_url: http://127.0.0.1:8000/v1/, api_key_env: GPU1_KEY, max_concurrency: 32}
experts:
  - {name: mathstral, backend: gpu1, model: mathstral-7B-v0.1, context: 32768, price: {input: 0.1, output: 0.2},
     skills: {algebra: 0.9, general: 0.4}, tags: [a, b], vision: yes}
)");
  ASSERT_EQ(config.backends.size(), 1u);
  EXPECT_EQ(config.backends[0].base_url, "http://127.0.0.1:8000/v1");
  EXPECT_EQ(config.backends[0].max_concurrency, 32);
  EXPECT_EQ(config.backends[0].origin, Origin::kFile);
  ASSERT_EQ(config.experts.size(), 1u);
  const Expert& expert = config.experts[0];
  EXPECT_EQ(expert.price.output, 0.2);
  EXPECT_EQ(expert.skills.at("algebra"), 0.9);
  EXPECT_EQ(expert.tags, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(expert.vision);
  EXPECT_EQ(expert.origin, Origin::kFile);
}

TEST(Config, SkillsAreAddedOrReplaceTheShippedOnes) {
  const Config added = Good("skills: [{name: x y, examples: [a, b]}]");
  EXPECT_TRUE(added.shipped_skills);
  EXPECT_EQ(added.skills.at(0).examples.size(), 2u);
  const Config replaced = Good("skills: {replace: true, list: [{name: x}]}");
  EXPECT_FALSE(replaced.shipped_skills);
  EXPECT_EQ(replaced.skills.size(), 1u);
}

TEST(Config, PoliciesTakeOptionsByDottedName) {
  const Policy policy = Good(
                            "policies: [{name: p, experts: 3, price_weight: .5, options: "
                            "{lexical.window: 4000, beta: {prior: x}}}]")
                            .policies.at(0);
  EXPECT_EQ(policy.experts, 3);
  EXPECT_EQ(policy.price_weight, 0.5);
  EXPECT_EQ(policy.options.words().at("lexical.window"), "4000");
  EXPECT_EQ(policy.options.words().at("beta.prior"), "x");
}

TEST(Config, BlockTextsEndWithTheFile) {
  for (const char* end : {"", "\n"}) {
    const Config config =
        Good(std::string("skills:\n- name: x\n  description: |\n    one\n    two") + end);
    EXPECT_TRUE(config.skills.at(0).description.starts_with("one\ntwo"));
    EXPECT_EQ(Good(std::string("skills:\n- name: x\n  description: plain\n    words # note") + end)
                  .skills.at(0)
                  .description,
              "plain words");
  }
}

TEST(Config, MarksAndMergesShareValues) {
  const Config config = Good(R"(
backends: [{name: b, base_url: "http://h/v1"}]
experts:
  - &base {name: one, backend: b, model: m, context: 10}
  - {<<: *base, name: two}
  - {<<: [*base, {licence: MIT, context: 99}], name: three, tags: &tags [x]}
  - {<<: *base, name: four, tags: *tags}
)");
  ASSERT_EQ(config.experts.size(), 4u);
  EXPECT_EQ(config.experts[1].name, "two");
  EXPECT_EQ(config.experts[1].context, 10);
  EXPECT_EQ(config.experts[2].context, 10);
  EXPECT_EQ(config.experts[2].licence, "MIT");
  EXPECT_EQ(config.experts[3].tags, std::vector<std::string>{"x"});
}

TEST(Config, VariablesAreFilledIn) {
  ::setenv("MOERGE_TEST_PORT", "9001", 1);
  ::setenv("MOERGE_TEST_EMPTY", "", 1);
  ::setenv("MOERGE_TEST_NESTED", "${MOERGE_TEST_PORT}", 1);
  ::unsetenv("MOERGE_TEST_NONE");
  EXPECT_EQ(Good("server: {listen: '127.0.0.1:${MOERGE_TEST_PORT}'}").server.port, 9001);
  EXPECT_EQ(Good("server: {threads: '${MOERGE_TEST_NONE:-4}'}").server.threads, 4);
  EXPECT_EQ(Good("server: {threads: '${MOERGE_TEST_EMPTY:-5}'}").server.threads, 5);
  const auto description = [](const std::string& text) {
    return Good("policies: [{name: p, description: '" + text + "'}]").policies.at(0).description;
  };
  EXPECT_EQ(description("a $${X} b ${MOERGE_TEST_PORT}${MOERGE_TEST_EMPTY}$"), "a ${X} b 9001$");
  EXPECT_EQ(description("${MOERGE_TEST_NESTED}"), "${MOERGE_TEST_PORT}");
  EXPECT_EQ(description("${MOERGE_TEST_NONE:-}"), "");
}

TEST(Config, AKeyMakesOtherAddressesFine) {
  const std::string key = "keys: [{name: k, role: admin, sha256: " + std::string(64, 'A') + "}]\n";
  const Config config = Good(key + "server: {listen: 0.0.0.0:80}");
  EXPECT_EQ(config.keys.at(0).role, Role::kAdmin);
  EXPECT_EQ(config.keys.at(0).sha256, std::string(64, 'a'));
}

TEST(Config, LoopbackIsKnown) {
  for (const char* host : {"127.0.0.1", "127.255.0.1", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(IsLoopback(host)) << host;
  }
  for (const char* host : {"0.0.0.0", "::", "10.0.0.1", "127.x", "::ffff:10.0.0.1", ""}) {
    EXPECT_FALSE(IsLoopback(host)) << host;
  }
}

TEST(Config, TheReferenceConfigurationLoads) {
  const auto config = LoadConfig(MOERGE_SOURCE_DIR "/config/moerge.example.yaml");
  ASSERT_TRUE(config.ok()) << config.error().message;
  EXPECT_EQ(config->experts.size(), 3u);
  EXPECT_EQ(config->keys.size(), 2u);
}

TEST(Config, TheReferenceConfigurationSaysTheDefaults) {
  const auto config = LoadConfig(MOERGE_SOURCE_DIR "/config/moerge.example.yaml");
  ASSERT_TRUE(config.ok());
  const ServerConfig defaults;
  EXPECT_EQ(config->server.max_body_bytes, defaults.max_body_bytes);
  EXPECT_EQ(config->server.max_pending_body_bytes, defaults.max_pending_body_bytes);
  EXPECT_EQ(config->server.max_file_bytes, defaults.max_file_bytes);
  EXPECT_EQ(config->server.max_header_bytes, defaults.max_header_bytes);
  EXPECT_EQ(config->server.max_connections, defaults.max_connections);
  EXPECT_EQ(config->server.idle_timeout, defaults.idle_timeout);
  EXPECT_EQ(config->server.request_timeout, defaults.request_timeout);
  EXPECT_EQ(config->server.shutdown_grace, defaults.shutdown_grace);
  EXPECT_EQ(config->store.decisions_max_age, StoreConfig().decisions_max_age);
  EXPECT_EQ(config->profiles.half_life, ProfilesConfig().half_life);
  Policy policy = config->policies.at(0);
  policy.description.clear();
  Policy expected;
  expected.name = "auto";
  expected.origin = Origin::kFile;
  EXPECT_EQ(policy, expected);
  Backend backend = config->backends.at(1);
  EXPECT_EQ(backend.max_queue, config->backends.at(0).max_queue);
  EXPECT_EQ(backend.first_byte_timeout, config->backends.at(0).first_byte_timeout);
}

TEST(Config, AMissingFileIsSaid) {
  const auto config = LoadConfig("/nonexistent/moerge.yaml");
  ASSERT_FALSE(config.ok());
  EXPECT_EQ(config.error().code, ErrorCode::kNotFound);
}

class KeysTest : public testing::Test {
 protected:
  static Result<std::vector<ApiKey>> Resolve(KeyConfig key) {
    Config config;
    key.name = "k";
    config.keys = {std::move(key)};
    return ResolveKeys(config);
  }
};

TEST_F(KeysTest, ComeFromVariablesFilesAndHashes) {
  const std::string text = "a-key-of-some-length";
  ::setenv("MOERGE_TEST_KEY", text.c_str(), 1);
  const std::string path = testing::TempDir() + "moerge_test_key";
  ASSERT_TRUE(WriteFileAtomically(path, text + "\n").ok());
  KeyConfig variable;
  variable.key_env = "MOERGE_TEST_KEY";
  KeyConfig file;
  file.key_file = path;
  KeyConfig hash;
  hash.sha256 = Sha256Hex(text);
  for (const KeyConfig& key : {variable, file, hash}) {
    const auto keys = Resolve(key);
    ASSERT_TRUE(keys.ok()) << keys.error().message;
    EXPECT_EQ(keys->at(0).sha256, Sha256Hex(text));
  }
  ::unlink(path.c_str());
}

TEST_F(KeysTest, ThatAreAbsentOrShortAreRefusedUnseen) {
  ::setenv("MOERGE_TEST_SHORT", "hunter2", 1);
  ::unsetenv("MOERGE_TEST_NONE");
  KeyConfig key;
  key.key_env = "MOERGE_TEST_SHORT";
  const auto short_key = Resolve(key);
  ASSERT_FALSE(short_key.ok());
  EXPECT_EQ(short_key.error().message.find("hunter2"), std::string::npos);
  key.key_env = "MOERGE_TEST_NONE";
  EXPECT_FALSE(Resolve(key).ok());
  key.key_env.clear();
  key.key_file = "/nonexistent/key";
  EXPECT_FALSE(Resolve(key).ok());
}

}  // namespace
}  // namespace moerge
