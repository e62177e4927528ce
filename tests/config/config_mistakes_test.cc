// What a wrong configuration is told: a table of files and the lines that `moerge check` prints.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "config/base/text.h"
#include "config/config.h"

namespace moerge {
namespace {

using Strings = std::vector<std::string>;

Strings Mistakes(const std::string& yaml) {
  const ConfigReport report = ParseConfig(yaml, "f");
  const std::string text = FormatMistakes(report, "f");
  Strings lines;
  for (const std::string_view line : Split(text, '\n')) {
    if (!line.empty()) lines.emplace_back(line);
  }
  EXPECT_EQ(lines.size(), report.mistakes.size());
  return lines;
}

struct Case {
  std::string yaml;
  Strings beginnings;  // of the lines, in their order
};

void Check(const std::vector<Case>& cases) {
  for (const Case& item : cases) {
    const Strings lines = Mistakes(item.yaml);
    EXPECT_EQ(lines.size(), item.beginnings.size()) << item.yaml << "\n" << Join(lines, "\n");
    for (std::size_t i = 0; i < std::min(lines.size(), item.beginnings.size()); ++i) {
      EXPECT_TRUE(lines[i].starts_with(item.beginnings[i]))
          << item.yaml << "\n"
          << lines[i] << "\nwanted " << item.beginnings[i];
    }
  }
}

TEST(ConfigMistakes, Telemetry) {
  Check({
      {"telemetry: {otlp: \"localhost:4318\"}",
       {"f:1:19: telemetry.otlp: must be the base URL of an OTLP/HTTP receiver"}},
      {"telemetry: {otlp: \"http://x:4318/v1/traces\"}",
       {"f:1:19: telemetry.otlp: must be the base URL of an OTLP/HTTP receiver"}},
      {"telemetry: {sample: 1.5}", {"f:1:21: telemetry.sample: must be a number from 0 to 1"}},
      {"telemetry: {metrics_interval: 10ms}", {"f:1:31: telemetry.metrics_interval: must be"}},
      {"telemetry: {headers: {host: x}}", {"f:1:29: telemetry.headers.host: is moerge's own"}},
      {"telemetry: {endpoint: x}", {"f:1:13: telemetry.endpoint: is not a known key."}},
  });
}

TEST(ConfigMistakes, UnknownKeysGetCloseNames) {
  Check({
      {"sever: {}",
       {"f:1:1: sever: is not a known key. Did you mean `server`? Allowed here: server, store, "
        "profiles, sandbox, telemetry, tools,"}},
      {"profiles: {halflife: 3d}",
       {"f:1:12: profiles.halflife: is not a known key. Did you mean `half_life`"}},
      {"profiles: {half_life: 3h}", {"f:1:23: profiles.half_life: must be off, or a duration"}},
      {"server:\n  treads: 1",
       {"f:2:3: server.treads: is not a known key. Did you mean `threads`"}},
      {"server: {log: {Level: info}}",
       {"f:1:16: server.log.Level: is not a known key. Did you mean `level`"}},
      {"zzz: 1", {"f:1:1: zzz: is not a known key. Allowed here:"}},
      {"policies: [{name: p, weights: 1}]", {"f:1:22: policies[0].weights: is not a known key."}},
  });
}

TEST(ConfigMistakes, OriginsAndVariablesAreNamedAsTheyAre) {
  const std::string origin = " must be an origin as browsers send it: scheme://host";
  const std::string variable = " must be the name of an environment variable, or the beginning";
  Check({
      {"server: {allow_origins: [\"http://localhost:3000\", \"https://chat.example\", "
       "\"http://[::1]:5173\", \"chrome-extension://abc\", \"http://10.0.0.5\"]}",
       {}},
      {"server:\n  allow_origins: [\"https://a.example\", \"https://a.example/\"]",
       {"f:2:40: server.allow_origins[1]:" + origin}},
      {"server: {allow_origins: [\"http://a.example:80\", a.example, \"null\", "
       "\"https://A.example\", "
       "\"http://a:b@c\", \"http://a.example:0\", \"https://*.example\", \"http://\"]}",
       {"f:1:26: server.allow_origins[0]:" + origin, "f:1:49: server.allow_origins[1]:" + origin,
        "f:1:60: server.allow_origins[2]:" + origin, "f:1:68: server.allow_origins[3]:" + origin,
        "f:1:89: server.allow_origins[4]:" + origin, "f:1:105: server.allow_origins[5]:" + origin,
        "f:1:127: server.allow_origins[6]:" + origin,
        "f:1:148: server.allow_origins[7]:" + origin}},
      {"server: {allow_origins: [\"*\"]}",
       {"f:1:26: server.allow_origins[0]: `*` lets every web page call this server"}},
      {"server: {allow_origins: [\"*\"]}\nkeys: [{name: k, key_env: K}]", {}},
      {"server: {allow_origin: []}",
       {"f:1:10: server.allow_origin: is not a known key. Did you mean `allow_origins`"}},
      {"server: {allowed_env: [OPENAI_API_KEY, \"TEAM_*\"]}", {}},
      {"server: {allowed_env: [\"A B\", \"*_KEY\", \"*\"]}",
       {"f:1:24: server.allowed_env[0]:" + variable, "f:1:31: server.allowed_env[1]:" + variable,
        "f:1:40: server.allowed_env[2]:" + variable}},
  });
}

TEST(ConfigMistakes, DevicesOfABackend) {
  const auto backend = [](const std::string& url, const std::string& command,
                          const std::string& rest) {
    return "backends:\n  - name: b\n    base_url: 'http://127.0.0.1" + url +
           "/v1'\n    residency:\n      kind: command\n      command: [run, " + command +
           "]\n      devices: " + rest;
  };
  const std::string both = "'{port}', '{device}'";
  const std::string at = "f:7:16: backends[0].residency.devices: ";
  Check({
      {backend(":{port}", both, "[gpu0, gpu1]"), {}},
      {backend(":{port}", "'{port}'", "[a, b]\n      environment: {GPU: 'n{device}'}"), {}},
      {backend(":{port}", "'{port}'", "[a]"), {}},
      {backend(":{port}", "'{port}'", "[a, b]"), {at + "needs {device} in the command or"}},
      {backend(":9", "'{device}'", "[a, b]"), {at + "needs {port} in the command and"}},
      {backend(":{port}", both, "[a, b, a]"), {at + "names `a` twice"}},
      {backend(":{port}", both, "[a, 'b c']"), {at + "must each be 1 to 128 characters"}},
      {backend(":{port}", both, "[a, b]\n      device: c"),
       {"f:8:15: backends[0].residency.device: must not be there beside `devices`"}},
      {"backends:\n  - {name: b, base_url: 'http://h/v1', residency: {kind: ollama, devices: [a]}}",
       {"f:2:75: backends[0].residency.devices: needs `kind: command`"}},
  });
}

TEST(ConfigMistakes, TheHostsMemoryIsOfServersThatSleepInIt) {
  const std::string b = "backends: [{name: b, base_url: 'http://h/v1', residency: {";
  const std::string at = "f:1:75: backends[0].residency.host_memory_gb: ";
  Check({
      {b + "host_memory_gb: 64, kind: vllm}}]", {}},
      {b + "host_memory_gb: 64, kind: ollama}}]", {at + "needs `kind: vllm` without adapters"}},
      {b + "host_memory_gb: 64, kind: vllm, sleep_level: 2}}]", {at + "needs `kind: vllm`"}},
      {b + "host_memory_gb: 64, kind: vllm, adapters: {a: /a}}}]", {at + "needs `kind: vllm`"}},
      {b + "host_memory_gb: -1, kind: vllm}}]", {at}},
  });
}

TEST(ConfigMistakes, HeadersAndParametersOfBackends) {
  const std::string b = "backends: [{name: b, base_url: 'http://h/v1', ";
  const std::string at = "f:1:";
  Check({
      {b + "headers: {host: x}}]", {at + "63: backends[0].headers.host: is moerge's own to set"}},
      {b + "headers: {Content-Length: 1}}]",
       {at + "73: backends[0].headers.Content-Length: is moerge's own to set"}},
      {b + "headers: {'a b': x}}]",
       {at + "64: backends[0].headers.a b: a header's name must be 1 to 128 characters"}},
      {b + "headers: {x: \"a\\nb\"}}]",
       {at + "60: backends[0].headers.x: must be one line of at most 8192 bytes"}},
      {b + "headers: {X-A: 1, x-a: 2}}]",
       {at + "70: backends[0].headers.x-a: stands there already"}},
      {b + "headers: {x: [1]}}]", {at + "60: backends[0].headers.x: must be a text, not a list"}},
      {b + "headers: x}]", {at + "56: backends[0].headers: must be a map of texts, not `x`"}},
      {b + "query: {x: [1]}}]", {at + "58: backends[0].query.x: must be a text, not a list"}},
      {"backends: [{name: b, base_url: 'http://h/v1?api-version=1'}]",
       {at + "32: backends[0].base_url: must end with the path, without ? or #; what stands behind "
             "? goes under `query`"}},
  });
}

TEST(ConfigMistakes, EveryOneIsReportedInTheOrderOfTheFile) {
  Check(
      {{R"(tools: maybe
server:
  listen: nowhere
  threads: -1
  idle_timeout: 10
backends:
  - name: b
    base_url: ftp://x
    retries: 11
    protocl: openai
experts:
  - name: auto
    backend: c
    model: m
    price: {input: -1, output: .nan}
    skills: {algebra: 2}
)",
        {"f:1:8: tools: must be true or false, not `maybe`",
         "f:3:11: server.listen: must be an IP address and a port",
         "f:4:12: server.threads: must be a whole number from 0 to 1024, not `-1`",
         "f:5:17: server.idle_timeout: must be a duration such as 250ms",
         "f:8:15: backends[0].base_url: must look like http://host:port/path",
         "f:9:14: backends[0].retries: must be a whole number from 0 to 10",
         "f:10:5: backends[0].protocl: is not a known key. Did you mean `protocol`?",
         "f:12:11: experts[0].name: `auto` and names that begin with `moerge/` stand for policies",
         "f:13:14: experts[0].backend: there is no backend of this name. Backends here: b.",
         "f:15:20: experts[0].price.input: must be a number from 0",
         "f:15:32: experts[0].price.output: must be a number, not `.nan`",
         "f:16:23: experts[0].skills.algebra: a declared strength must be a number from 0 to 1"}}});
}

TEST(ConfigMistakes, WrongTypes) {
  Check({
      {"[]", {"f:1:1: must be a map (key: value), not a list"}},
      {"text", {"f:1:1: must be a map (key: value), not `text`"}},
      {"server: 5", {"f:1:9: server: must be a map (key: value), not `5`"}},
      {"server: []", {"f:1:9: server: must be a map (key: value), not a list"}},
      {"server: {listen: [1]}", {"f:1:18: server.listen: must be an IP address"}},
      {"server: {threads: }",
       {"f:1:19: server.threads: must be a whole number from 0 to 1024, not nothing"}},
      {"server: {threads: 1.5}", {"f:1:19: server.threads: must be a whole number"}},
      {"backends: {}", {"f:1:11: backends: must be a list, not a map"}},
      {"backends: [5]", {"f:1:12: backends[0]: must be a map (key: value), not `5`"}},
      {"backends: [~]",
       {"f:1:12: backends[0].name: is missing", "f:1:12: backends[0].base_url: is missing"}},
      {"skills: 5", {"f:1:9: skills: must be a map"}},
      {"skills: [{name: x, examples: a}]", {"f:1:30: skills[0].examples: must be a list, not `a`"}},
      {"skills: [{name: x, examples: [[a]]}]",
       {"f:1:31: skills[0].examples[0]: must be a text, not a list"}},
      {"store: []", {"f:1:8: store: must be a map"}},
      {"tools: []", {"f:1:8: tools: must be true or false, not a list"}},
      {"policies: [{name: p, options: [a]}]",
       {"f:1:31: policies[0].options: must be a map of options, not a list"}},
      {"policies: [{name: p, options: {a: [1]}}]",
       {"f:1:35: policies[0].options.a: must be a number, word or text"}},
  });
}

TEST(ConfigMistakes, NumbersOutOfRange) {
  Check({
      {"policies: [{name: p, min_score: 1.1}]",
       {"f:1:33: policies[0].min_score: must be a number from 0 to 1"}},
      {"policies: [{name: p, price_weight: .inf}]",
       {"f:1:36: policies[0].price_weight: must be a number, not `.inf`"}},
      {"policies: [{name: p, latency_weight: -1}]",
       {"f:1:38: policies[0].latency_weight: must be a number from 0 to 1000000"}},
      {"policies: [{name: p, latency_weight: soon}]",
       {"f:1:38: policies[0].latency_weight: must be a number, not `soon`"}},
      {"experts: [{name: calculator, kind: tool, model: units, latency_ms: -5}]",
       {"f:1:68: experts[0].latency_ms: must be a number from 0 to 86400000"}},
      {"experts: [{name: calculator, kind: tool, model: units, latency_ms: .nan}]",
       {"f:1:68: experts[0].latency_ms: must be a number, not `.nan`"}},
      {"experts: [{name: calculator, kind: tool, model: units, latency_ms: 1e9}]",
       {"f:1:68: experts[0].latency_ms: must be a number from 0 to 86400000"}},
      {"experts: [{name: calculator, kind: tool, model: units, latency_ms: [5]}]",
       {"f:1:68: experts[0].latency_ms: must be a number, not a list"}},
      {"policies: [{name: p, price_weight: 1e999}]",
       {"f:1:36: policies[0].price_weight: must be a number"}},
      {"policies: [{name: p, experts: 0}]",
       {"f:1:31: policies[0].experts: must be a whole number from 1 to 64"}},
      {"policies: [{name: p, experts: 99999999999999999999}]",
       {"f:1:31: policies[0].experts: must be a whole number"}},
      {"server: {max_body: 1}", {"f:1:20: server.max_body: must be a size such as"}},
      {"server: {listen: '127.0.0.1:65536'}", {"f:1:18: server.listen: must be an IP address"}},
      {"server: {request_timeout: 2d}",
       {"f:1:27: server.request_timeout: must be a duration such as 250ms, 10s, 5m, 2h or 7d, from "
        "10ms to 1d"}},
      {"store: {decisions: {max_count: -1}}",
       {"f:1:32: store.decisions.max_count: must be a whole number from 0"}},
  });
}

TEST(ConfigMistakes, NamesAreRequiredUniqueAndWellFormed) {
  Check({
      {"policies: [{}]", {"f:1:12: policies[0].name: is missing"}},
      {"policies: [{name: ''}]", {"f:1:19: policies[0].name: must be 1 to 128 characters"}},
      {"policies: [{name: 'a b'}]", {"f:1:19: policies[0].name: must be 1 to 128 characters"}},
      {"policies:\n- {name: p}\n- {name: q}\n- {name: p}",
       {"f:4:10: policies[2].name: `p` is taken by the entry in line 2"}},
      {"skills:\n- {name: p}\n- {name: p}", {"f:3:10: skills[1].name: `p` is taken"}},
      {"backends: [{base_url: 'http://h'}]", {"f:1:12: backends[0].name: is missing"}},
      {"experts: [{name: e, kind: tool}]",
       {"f:1:11: experts[0].model: must name the built-in tool"}},
      {"backends: [{name: gpu1, base_url: 'http://h'}]\nexperts: [{name: e, backend: gup1, model: "
       "m}]",
       {"f:2:30: experts[0].backend: there is no backend of this name. Did you mean `gpu1`? "
        "Backends here: gpu1."}},
      {"experts: [{name: e, backend: b, model: m}]",
       {"f:1:30: experts[0].backend: there is no backend of this name. This file has no"}},
      {"experts: [{name: moerge/x, kind: tool, model: m}]",
       {"f:1:18: experts[0].name: `auto` and names"}},
  });
}

TEST(ConfigMistakes, SecretsInTheFileAreRefusedUnseen) {
  const Strings files = {
      "backends: [{name: b, base_url: 'http://h', api_key: sk-secret}]",
      "backends: [{name: b, base_url: 'http://h', api_key_env: sk-secret}]",
      "backends: [{name: b, base_url: 'http://u:sk-secret@h'}]",
      "keys: [{name: k, key: sk-secret}]",
      "keys: [{name: k, sha256: sk-secret}]",
      "keys: [{name: k, key_env: sk-secret}]",
      "keys: [{name: k, role: sk-secret, key_env: A}]",
      "server: {threads: '${MOERGE_TEST_SECRET}'}",
      "server: {listen: '${MOERGE_TEST_SECRET}'}",
  };
  ::setenv("MOERGE_TEST_SECRET", "sk-secret", 1);
  for (const std::string& yaml : files) {
    const Strings lines = Mistakes(yaml);
    EXPECT_FALSE(lines.empty()) << yaml;
    EXPECT_EQ(Join(lines, "\n").find("sk-secret"), std::string::npos) << Join(lines, "\n");
  }
  Check({{files[0],
          {"f:1:44: backends[0].api_key: a key does not belong into this file: put it into an "
           "environment variable and name that with api_key_env"}}});
}

TEST(ConfigMistakes, AKeyHasExactlyOneSource) {
  Check({
      {"keys: [{name: k}]",
       {"f:1:8: keys[0]: must have exactly one of key_env, key_file and sha256"}},
      {"keys: [{name: k, key_env: A, key_file: b}]", {"f:1:8: keys[0]: must have exactly one of"}},
      {"keys: [{name: k, key_env: A, role: root}]",
       {"f:1:36: keys[0].role: must be inference, read or admin"}},
      {"keys: [5]", {"f:1:8: keys[0]: must be a map"}},
  });
}

TEST(ConfigMistakes, Variables) {
  ::unsetenv("MOERGE_TEST_NONE");
  Check({
      {"server: {threads: '${MOERGE_TEST_NONE}'}",
       {"f:1:19: server.threads: the environment variable MOERGE_TEST_NONE is not set; set it, or "
        "write ${MOERGE_TEST_NONE:-default}"}},
      {"server: {threads: '${'}", {"f:1:19: server.threads: `${` without `}`"}},
      {"server: {threads: '${}'}", {"f:1:19: server.threads: `${...}` must hold the name"}},
      {"server: {threads: '${A B}'}", {"f:1:19: server.threads: `${...}` must hold the name"}},
      {"server: {threads: '${1A:-2}'}", {"f:1:19: server.threads: `${...}` must hold the name"}},
  });
}

TEST(ConfigMistakes, WhatYamlItselfRefuses) {
  Check({
      {"a: [1, 2\nb: 3\n", {"f:2:2: not YAML:"}},
      {"server: {\n", {"f:2:1: not YAML:"}},
      {"a: *x\n", {"f:1:4: not YAML:"}},
      {"\tserver: 1\n", {"f:1:"}},
      {"tools: 'on\n", {"f:1:8: the quote that begins here is never closed"}},
      {"skills:\n- {name: \"x, examples: [a]}\n",
       {"f:2:10: the quote that begins here is never closed"}},
      {"tools: \"on", {"f:1:8: the quote that begins here is never closed"}},
      {"server: {threads: 1}\nserver: {threads: 2}\n",
       {"f:2:1: server: the key `server` is here for the second time; the first is in line 1"}},
      {"server:\n  threads: 1\n  threads: 1\n",
       {"f:3:3: server.threads: the key `threads` is here for the second time"}},
      {"tools: on\n---\ntools: off\n",
       {"f:2:1: the configuration ends before this; a file holds one YAML document"}},
      {"tools: !bool on\n", {"f:1:8: tools: YAML tags such as !this mean nothing here"}},
      {"? [a]\n: b\n", {"f:1:3: a key must be a word, not a list"}},
      {"server: {<<: 5}\n", {"f:1:14: server: `<<` merges a map"}},
      {"tools: \xFF\n", {"f:1:8: not UTF-8"}},
      {std::string("tools: on\n\0", 11), {"f:2:1: a control character"}},
      {"tools: on\n\x04junk", {"f:2:1: a control character"}},
  });
}

}  // namespace
}  // namespace moerge
