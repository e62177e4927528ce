// Models that moerge loads and unloads itself: servers that behave as the real ones do, and real
// processes.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/integration/harness.h"
#include "tests/integration/process.h"
#include "tests/support/model_servers.h"

namespace moerge::test {
namespace {

constexpr const char* kHosted[] = {"ada", "clio", "remy"};
constexpr const char* kHostedPrompt = "What is a group?";

std::string HostedExperts(const std::string& backend) {
  std::string yaml;
  for (const char* model : kHosted) {
    yaml += std::string("  - {name: ") + model + ", backend: " + backend + ", model: " + model +
            ", skills: {general: 0.5}}\n";
  }
  return yaml;
}

// Each expert in turn, `rounds` times, all at once.
void AskHosted(const TestServer& server, int rounds) {
  std::vector<std::thread> clients;
  for (int i = 0; i < rounds; ++i) {
    for (const char* model : kHosted) {
      clients.emplace_back([&server, model] {
        const HttpReply reply = server.Chat(model, kHostedPrompt);
        EXPECT_EQ(reply.status, 200) << reply.body;
        EXPECT_TRUE(reply.At("choices.0.message.content").find(model) != std::string::npos)
            << reply.body;
      });
    }
  }
  for (std::thread& client : clients) client.join();
}

struct ServerKind {
  const char* name;
  const char* residency;
  std::function<std::unique_ptr<ModelServer>()> make;
};

class ToldServers : public ::testing::TestWithParam<ServerKind> {};

INSTANTIATE_TEST_SUITE_P(
    Kinds, ToldServers,
    ::testing::Values(
        ServerKind{"ollama", "{kind: ollama, slots: 1}",
                   [] {
                     return std::make_unique<OllamaServer>(
                         std::vector<std::string>(std::begin(kHosted), std::end(kHosted)));
                   }},
        ServerKind{"router", "{kind: llama_router, slots: 1}",
                   [] {
                     return std::make_unique<LlamaRouterServer>(
                         std::vector<std::string>(std::begin(kHosted), std::end(kHosted)));
                   }},
        ServerKind{"adapters",
                   "{kind: vllm, slots: 1, adapters: {ada: /a/ada, clio: /a/clio, remy: /a/remy}}",
                   [] {
                     return std::make_unique<VllmAdapterServer>(
                         std::vector<std::string>(std::begin(kHosted), std::end(kHosted)));
                   }}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_P(ToldServers, LoadWhatIsAskedForAndNothingThatGeneratesIsUnloaded) {
  const auto models = GetParam().make();
  const TestServer server("backends:\n  - {name: gpu, base_url: \"" + models->Url() +
                          "\", residency: " + GetParam().residency + "}\nexperts:\n" +
                          HostedExperts("gpu") + kSmallSkills);
  models->HoldChats();
  std::thread clients([&] { AskHosted(server, 8); });
  const auto there = [&] {
    const HttpReply state = server.Get("/api/v1/residency");
    int calls = 0;
    for (const char* model : {"data.0.models.0", "data.0.models.1", "data.0.models.2"}) {
      calls += std::stoi(state.At(std::string(model) + ".running")) +
               std::stoi(state.At(std::string(model) + ".waiting"));
    }
    return calls == 24;
  };
  EXPECT_TRUE(Eventually(there));
  models->Resume();
  clients.join();
  int loads = 0;
  for (const std::string& event : models->events()) {
    EXPECT_EQ(event.find("not loaded"), std::string::npos) << event;
    EXPECT_EQ(event.find("under"), std::string::npos) << event;
    loads += event.starts_with("load ");
  }
  EXPECT_EQ(loads, 3) << "calls are grouped";
  EXPECT_EQ(models->loaded().size(), 1u);
}

TEST_P(ToldServers, AFailedLoadIsShownAndAnotherExpertAnswers) {
  const auto models = GetParam().make();
  models->Break("ada");
  const TestServer server("backends:\n  - {name: gpu, base_url: \"" + models->Url() +
                          "\", residency: " + GetParam().residency + "}\nexperts:\n" +
                          "  - {name: ada, backend: gpu, model: ada, skills: {general: 0.9}}\n"
                          "  - {name: clio, backend: gpu, model: clio, skills: {general: 0.3}}\n" +
                          kSmallSkills);
  const HttpReply reply = server.Chat("auto", kHostedPrompt);
  EXPECT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.Header("x-moerge-expert"), "clio");
  const HttpReply state = server.Get("/api/v1/residency");
  EXPECT_EQ(state.At("data.0.models.0.failed_loads"), "1") << state.body;
  EXPECT_NE(state.At("data.0.models.0.error"), "null");
  EXPECT_EQ(state.At("data.0.models.1.state"), "loaded");
}

// Of an expert over the REST API, and then of its backend.
TEST_P(ToldServers, WhatIsDeletedIsUnloadedOnceItsLastCallHasEnded) {
  const auto models = GetParam().make();
  const TestServer server("store: \"memory:\"\nbackends:\n  - {name: gpu, base_url: \"" +
                          models->Url() + "\", residency: " + GetParam().residency + "}\n" +
                          kSmallSkills);
  const auto change = [&](const char* method, const char* path, const char* body) {
    const HttpReply reply = Call(server.port(), method, path, body);
    EXPECT_LT(reply.status, 300) << reply.body;
  };
  change("POST", "/api/v1/experts",
         R"({"name":"ada","backend":"gpu","model":"ada","skills":{"general":0.5}})");
  models->HoldChats();
  HttpReply last;
  std::thread client([&] { last = server.Chat("ada", kHostedPrompt); });
  EXPECT_TRUE(Eventually([&] { return std::ranges::count(models->events(), "chat ada") == 1; }));
  change("DELETE", "/api/v1/experts/ada", "");
  EXPECT_EQ(models->loaded(), std::vector<std::string>{"ada"}) << "a call runs on it";
  models->Resume();
  client.join();
  EXPECT_EQ(last.status, 200) << last.body;
  EXPECT_TRUE(Eventually([&] { return models->loaded().empty(); }));
  EXPECT_EQ(models->events(), (std::vector<std::string>{"load ada", "chat ada", "unload ada"}));
}

TEST(SharedDevice, OneServerSleepsWhileTheOtherIsAwake) {
  VllmServer ada("ada"), clio("clio");
  const std::string residency = ", residency: {kind: vllm, device: gpu0, slots: 1}}\n";
  const TestServer server(
      "backends:\n  - {name: one, base_url: \"" + ada.Url() + "\"" + residency +
      "  - {name: two, base_url: \"" + clio.Url() + "\"" + residency +
      "experts:\n  - {name: ada, backend: one, model: ada, skills: {general: 0.5}}\n"
      "  - {name: clio, backend: two, model: clio, skills: {general: 0.5}}\n" +
      kSmallSkills);
  // Both were awake when moerge came.
  EXPECT_TRUE(Eventually([&] { return ada.loaded().size() + clio.loaded().size() == 1; }));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(server.Chat("ada", kHostedPrompt).status, 200);
    EXPECT_TRUE(clio.loaded().empty());
    EXPECT_EQ(server.Chat("clio", kHostedPrompt).status, 200);
    EXPECT_TRUE(ada.loaded().empty());
  }
  for (const VllmServer* each : {&ada, &clio}) {
    for (const std::string& event : each->events()) {
      EXPECT_EQ(event.find("not loaded"), std::string::npos) << event;
    }
  }
  const HttpReply state = server.Get("/api/v1/residency");
  EXPECT_EQ(state.At("data.0.device"), "gpu0");
  EXPECT_EQ(state.At("data.1.models.0.state"), "loaded") << state.body;
}

// The host's memory has room for one of two that sleep: which of them is there, and that what it
// has not is read again, is seen at servers that answer nothing of use without their weights.
TEST(SharedDevice, WeightsSleepInTheHostsMemoryWhileItHasRoom) {
  VllmServer ada("ada"), clio("clio"), remy("remy");
  const std::string residency =
      ", residency: {kind: vllm, device: gpu0, slots: 1, host_memory_gb: 10}}\n";
  std::string yaml = "backends:\n";
  std::string experts = "experts:\n";
  const std::vector<std::pair<std::string, VllmServer*>> all = {
      {"ada", &ada}, {"clio", &clio}, {"remy", &remy}};
  for (const auto& [name, of] : all) {
    yaml += "  - {name: at-" + name + ", base_url: \"" + of->Url() + "\"" + residency;
    experts += "  - {name: " + name + ", backend: at-" + name + ", model: " + name +
               ", memory_gb: 10, skills: {general: 0.5}}\n";
  }
  const TestServer server(yaml + experts + kSmallSkills);
  const auto ask = [&](const std::string& name, int times = 1) {
    for (int i = 0; i < times; ++i) EXPECT_EQ(server.Chat(name, kHostedPrompt).status, 200);
  };
  const auto tier_of = [&](int place) {
    return server.Get("/api/v1/residency").At("data." + std::to_string(place) + ".models.0.tier");
  };
  ask("ada", 6);
  ask("clio", 1);
  EXPECT_TRUE(ada.SleepsInHost());
  EXPECT_EQ(tier_of(0), "host");
  EXPECT_EQ(tier_of(1), "device");
  ask("remy", 1);
  EXPECT_TRUE(ada.SleepsInHost()) << "it is asked for more often";
  EXPECT_FALSE(clio.SleepsInHost());
  EXPECT_EQ(tier_of(1), "disk");
  ask("clio", 12);  // read again
  ask("ada");       // woken, while the other takes its place
  EXPECT_TRUE(clio.SleepsInHost());
  ask("remy");
  EXPECT_FALSE(ada.SleepsInHost() && clio.SleepsInHost()) << "one has room";
  for (const auto& [name, of] : all) ask(name);
  for (const auto& [name, of] : all) {
    for (const std::string& event : of->events()) {
      EXPECT_EQ(event.find('('), std::string::npos) << name << ": " << event;
    }
  }
  const HttpReply state = server.Get("/api/v1/residency");
  EXPECT_EQ(state.At("data.0.host_memory_gb"), "10");
  EXPECT_EQ(state.At("data.0.host_used_gb"), "10") << state.body;
  EXPECT_NE(state.At("data.0.models.0.wake_ms"), "0") << "measured apart";
  EXPECT_NE(state.At("data.1.models.0.load_ms"), "0") << state.body;
  const std::string url = "http://127.0.0.1:" + std::to_string(server.port());
  const Finished shown = Process({"ps", "--server", url}, TempFolder().File("")).Wait();
  EXPECT_NE(shown.out.find("WAKE TIME"), std::string::npos) << shown.out << shown.err;
  for (const char* tier : {" host ", " device ", " disk "}) {
    EXPECT_NE(shown.out.find(tier), std::string::npos) << shown.out;
  }
  const std::string metrics = server.Get("/metrics").body;
  for (const char* line : {"moerge_residency_models{backend=\"gpu0\",tier=\"host\"} 1",
                           "moerge_residency_models{backend=\"gpu0\",tier=\"device\"} 1",
                           "moerge_residency_host_bytes{backend=\"gpu0\"} 10000000000",
                           "moerge_residency_load_seconds_count{backend=\"gpu0\",from=\"host\"}"}) {
    EXPECT_NE(metrics.find(line), std::string::npos) << line;
  }
}

class OwnProcesses : public ::testing::Test {
 protected:
  static std::string BackendOf(const std::string& name) {
    return "  - name: " + name +
           "\n    base_url: \"http://127.0.0.1:{port}/v1\"\n    retries: 0\n"
           "    residency: {kind: command, environment: {PLACE: here},\n"
           "      command: [python3, \"" MOERGE_SOURCE_DIR
           "/tests/support/model_process.py\", \"{port}\", \"{model}\"]}\n";
  }
  static std::string Config(const std::string& experts) {
    return "backends:\n" + BackendOf("local") + BackendOf("other") + "experts:\n" + experts +
           kSmallSkills;
  }
  // The process of an expert's model that runs, or ran last; 0: none yet.
  static pid_t PidOf(const TestServer& server, const std::string& expert) {
    const std::string log = server.Get("/api/v1/residency/log/" + expert).body;
    const std::size_t at = log.rfind("as process ");
    pid_t pid = 0;
    if (at != log.npos) std::from_chars(log.data() + at + 11, log.data() + log.size(), pid);
    return pid;
  }
  static bool IsGone(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    std::getline(file, line);
    return kill(pid, 0) != 0 || line.find(") Z") != std::string::npos;
  }
};

TEST_F(OwnProcesses, AnswerOneAfterTheOther) {
  pid_t last = 0;
  {
    const TestServer server(Config(HostedExperts("local")));
    AskHosted(server, 3);
    const HttpReply reply = server.Chat("ada", kHostedPrompt);
    EXPECT_EQ(reply.At("choices.0.message.content"), "ada at here");
    const HttpReply state = server.Get("/api/v1/residency");
    EXPECT_EQ(state.At("data.0.models.0.state"), "loaded");
    EXPECT_EQ(state.At("data.0.models.1.state"), "out");
    last = PidOf(server, "ada");
    ASSERT_GT(last, 0);
    EXPECT_FALSE(IsGone(last));
    EXPECT_TRUE(IsGone(PidOf(server, "clio")));
  }
  EXPECT_TRUE(IsGone(last)) << "none is left when moerge ends";
}

TEST_F(OwnProcesses, AreSpreadOverTheDevicesOfTheirBackend) {
  const std::string yaml =
      "backends:\n  - name: local\n    base_url: \"http://127.0.0.1:{port}/v1\"\n"
      "    residency: {kind: command, devices: [gpu0, gpu1], environment: {PLACE: \"{device}\"},\n"
      "      command: [python3, \"" MOERGE_SOURCE_DIR
      "/tests/support/model_process.py\", \"{port}\", \"{model}\"]}\nexperts:\n"
      "  - {name: ada, backend: local, model: ada}\n"
      "  - {name: clio, backend: local, model: clio}\n";
  const TestServer server(yaml + kSmallSkills);
  std::vector<std::string> places;
  for (const char* expert : {"ada", "clio", "ada", "clio"}) {
    const HttpReply reply = server.Chat(expert, kHostedPrompt);
    ASSERT_EQ(reply.status, 200) << reply.body;
    places.push_back(reply.At("choices.0.message.content"));
  }
  EXPECT_EQ(places, (std::vector<std::string>{"ada at gpu0", "clio at gpu1", "ada at gpu0",
                                              "clio at gpu1"}));
  const HttpReply state = server.Get("/api/v1/residency");
  for (const std::string device : {"0", "1"}) {
    const std::string of = "data." + device;
    EXPECT_EQ(state.At(of + ".backend"), "local");
    EXPECT_EQ(state.At(of + ".device"), "gpu" + device);
    EXPECT_EQ(state.At(of + ".swaps"), "0");
    EXPECT_EQ(state.At(of + ".models." + device + ".state"), "loaded") << state.body;
  }
  const std::string url = "http://127.0.0.1:" + std::to_string(server.port());
  const Finished shown = Process({"ps", "--server", url}, TempFolder().File("")).Wait();
  EXPECT_TRUE(Has(shown.out, "local on gpu1 (command, 1 at once), 0 swaps")) << shown.out;
}

TEST_F(OwnProcesses, OneThatDiesMidCallIsSeenAndAnotherExpertAnswers) {
  const TestServer server(
      Config("  - {name: ada, backend: local, model: ada, skills: {general: 0.9}}\n"
             "  - {name: clio, backend: other, model: clio, skills: {general: 0.3}}\n"));
  HttpReply reply;
  std::thread client([&] { reply = server.Chat("auto", "please hold the line"); });
  const auto held = [&] {
    return server.Get("/api/v1/residency/log/ada").body.find("holding") != std::string::npos;
  };
  ASSERT_TRUE(Eventually(held));
  const pid_t pid = PidOf(server, "ada");
  kill(pid, SIGKILL);
  // The second expert holds it as well; it dies too, and then the client is told.
  const auto held_again = [&] {
    return server.Get("/api/v1/residency/log/clio").body.find("holding") != std::string::npos;
  };
  ASSERT_TRUE(Eventually(held_again));
  const HttpReply state = server.Get("/api/v1/residency");
  EXPECT_EQ(state.At("data.0.models.0.server_deaths"), "1") << state.body;
  EXPECT_EQ(state.At("data.0.models.0.error"), "its server was ended by signal 9 (Killed)");
  EXPECT_TRUE(IsGone(pid));
  kill(PidOf(server, "clio"), SIGKILL);
  client.join();
  EXPECT_NE(reply.status, 200);
  // Both are started again when they are asked for.
  EXPECT_EQ(server.Chat("ada", kHostedPrompt).status, 200);
}

TEST_F(OwnProcesses, AreNotLeftBehindByAMoergeThatIsKilled) {
  const TempFolder folder;
  folder.Write("moerge.yaml", "server: {listen: \"127.0.0.1:0\"}\nstore: \"memory:\"\n" +
                                  Config(HostedExperts("local")));
  Process moerge({"serve"}, folder.File("."));
  ASSERT_TRUE(moerge.AwaitOutput("listens")) << moerge.errors();
  const std::string said = moerge.output() + moerge.errors();
  const int port = std::stoi(said.substr(said.find("http://127.0.0.1:") + 17, 5));
  const HttpReply reply = Call(static_cast<std::uint16_t>(port), "POST", "/v1/chat/completions",
                               ChatJson("ada", kHostedPrompt));
  ASSERT_EQ(reply.status, 200) << reply.body;
  const Finished shown =
      Process({"ps", "--log", "ada", "--server", "http://127.0.0.1:" + std::to_string(port)},
              folder.File(""))
          .Wait();
  EXPECT_EQ(shown.code, 0) << shown.err;
  ASSERT_TRUE(Has(shown.out, "loading ada")) << shown.out;
  pid_t pid = 0;
  const std::size_t mark = shown.out.find("as process ") + 11;
  std::from_chars(shown.out.data() + mark, shown.out.data() + shown.out.size(), pid);
  ASSERT_GT(pid, 0);
  EXPECT_FALSE(IsGone(pid));
  moerge.Signal(SIGKILL);
  EXPECT_TRUE(Eventually([&] { return IsGone(pid); }));
}

TEST_F(OwnProcesses, EndWhenTheConfigurationHasTheirBackendNoLonger) {
  const char* const ada = "  - {name: ada, backend: local, model: ada, skills: {general: 0.5}}\n";
  const char* const clio =
      "  - {name: clio, backend: other, model: clio, skills: {general: 0.5}}\n";
  TestServer server(Config(std::string(ada) + clio));
  const HttpReply reply = server.Chat("ada", kHostedPrompt);
  EXPECT_EQ(reply.status, 200) << reply.body;
  const pid_t pid = PidOf(server, "ada");
  ASSERT_GT(pid, 0);
  server.WriteConfig("backends:\n" + BackendOf("other") + "experts:\n" + clio + kSmallSkills);
  ASSERT_TRUE(server.app().Reload().ok());
  EXPECT_TRUE(Eventually([&] { return IsGone(pid); }));
  EXPECT_EQ(server.Chat("clio", kHostedPrompt).status, 200);
}

TEST_F(OwnProcesses, EndWhenTheirExpertIsDeletedOrDisabled) {
  const TestServer server("store: \"memory:\"\n" + Config(""));
  for (const char* method : {"DELETE", "PATCH"}) {
    HttpReply reply = server.Post("/api/v1/experts", R"({"name":"ada","backend":"local",)"
                                                     R"("model":"ada","skills":{"general":0.5}})");
    EXPECT_EQ(reply.status, 201) << reply.body;
    reply = server.Chat("ada", kHostedPrompt);
    EXPECT_EQ(reply.status, 200) << reply.body;
    const pid_t pid = PidOf(server, "ada");
    ASSERT_GT(pid, 0);
    EXPECT_FALSE(IsGone(pid));
    reply = Call(server.port(), method, "/api/v1/experts/ada",
                 method == std::string("PATCH") ? R"({"enabled":false})" : "");
    EXPECT_EQ(reply.status, 200) << reply.body;
    EXPECT_TRUE(Eventually([&] { return IsGone(pid); })) << method;
  }
}

TEST_F(OwnProcesses, ComeFromTheConfigurationFileAlone) {
  const TestServer server(Config(HostedExperts("local")));
  const HttpReply reply = server.Post(
      "/api/v1/backends", R"({"name":"x","base_url":"http://127.0.0.1:{port}/v1","residency":)"
                          R"({"kind":"command","command":["sh","-c","id","{port}"]}})");
  EXPECT_EQ(reply.status, 400) << reply.body;
  EXPECT_EQ(reply.At("error.param"), "residency.kind") << reply.body;
  EXPECT_EQ(server.Get("/api/v1/residency/log/nobody").status, 404);
}

}  // namespace
}  // namespace moerge::test
