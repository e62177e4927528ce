// Hosts over real connections to servers that behave as the real ones do.
#include "services/hosts/model_host.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/adapters/loop_fixture.h"
#include "tests/support/model_servers.h"

namespace moerge::test {
namespace {

using Names = std::vector<std::string>;

Backend BackendAt(const std::string& url) {
  Backend backend;
  backend.name = "gpu";
  backend.base_url = url;
  return backend;
}

struct ModelHostTest : testing::Test, LoopFixture {
  CallScope Soon() const { return {Deadline::After(std::chrono::seconds(20)), nullptr}; }
  Result<HostedModel> Load(ModelHost& host, const Backend& backend, const std::string& model) {
    return RunTask(host.Load(backend, model, Soon()));
  }
  Status Unload(ModelHost& host, const Backend& backend, const std::string& model) {
    return RunTask(host.Unload(backend, model, Soon()));
  }
  Status Sleep(ModelHost& host, const Backend& backend, const std::string& model) {
    return RunTask(host.Sleep(backend, model, Soon()));
  }
  Status Drop(ModelHost& host, const Backend& backend, const std::string& model) {
    return RunTask(host.Drop(backend, model, Soon()));
  }
  Result<HostedModel> Wake(ModelHost& host, const Backend& backend, const std::string& model) {
    return RunTask(host.Wake(backend, model, Soon()));
  }
  Names List(ModelHost& host, const Backend& backend) {
    const auto listed = RunTask(host.List(backend, Soon()));
    EXPECT_TRUE(listed.ok()) << (listed ? "" : listed.error().message);
    Names names;
    for (const HostedModel& each : *listed) names.push_back(each.model);
    return names;
  }
  std::unique_ptr<HttpClient> http = MakeHttpClient(executor());
};

TEST_F(ModelHostTest, OllamaLoadsByARequestWithoutAPromptAndSaysWhatAModelTakes) {
  OllamaServer server({"a", "b:1b"});
  const auto host = MakeOllamaHost(*http);
  const Backend backend = BackendAt(server.Url());
  const auto loaded = Load(*host, backend, "a");
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  EXPECT_EQ(loaded->bytes, 4'000'000'000);
  EXPECT_TRUE(loaded->base_url.empty());
  ASSERT_TRUE(Load(*host, backend, "b:1b").ok());
  EXPECT_EQ(List(*host, backend), (Names{"a:latest", "a", "b:1b"}));
  EXPECT_TRUE(Unload(*host, backend, "a").ok());
  EXPECT_TRUE(Unload(*host, backend, "a").ok()) << "once more does no harm";
  EXPECT_EQ(server.loaded(), Names{"b:1b"});
}

TEST_F(ModelHostTest, OllamasMistakesAreNamed) {
  OllamaServer server({"a", "b"});
  const auto host = MakeOllamaHost(*http);
  const Backend backend = BackendAt(server.Url());
  const auto unknown = Load(*host, backend, "c");
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().code, ErrorCode::kNotFound);
  server.Break("a");
  const auto broken = Load(*host, backend, "a");
  ASSERT_FALSE(broken.ok());
  EXPECT_NE(broken.error().message.find("more system memory"), std::string::npos)
      << broken.error().message;
  server.answers_for = "other";
  const auto other = Load(*host, backend, "b");
  ASSERT_FALSE(other.ok());
  EXPECT_NE(other.error().message.find("answers for `other`"), std::string::npos)
      << other.error().message;
}

TEST_F(ModelHostTest, AFootprintThatCannotBeIsNotBelieved) {
  OllamaServer server({"a"});
  server.bytes = -7;
  const auto host = MakeOllamaHost(*http);
  const auto loaded = Load(*host, BackendAt(server.Url()), "a");
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  EXPECT_EQ(loaded->bytes, 0);
}

TEST_F(ModelHostTest, TheRouterHasLoadedAModelOnceItSaysSo) {
  LlamaRouterServer server({"a", "b"});
  const auto host = MakeLlamaRouterHost(*http);
  const Backend backend = BackendAt(server.Url());
  ASSERT_TRUE(Load(*host, backend, "a").ok());
  EXPECT_EQ(server.loaded(), Names{"a"});
  EXPECT_TRUE(Load(*host, backend, "a").ok()) << "already running";
  EXPECT_EQ(List(*host, backend), Names{"a"});
  EXPECT_TRUE(Unload(*host, backend, "a").ok());
  EXPECT_TRUE(Unload(*host, backend, "a").ok()) << "not running";
  EXPECT_TRUE(server.loaded().empty());
}

TEST_F(ModelHostTest, ALoadOfTheRouterThatFailsSaysHow) {
  LlamaRouterServer server({"a"});
  server.Break("a");
  const auto host = MakeLlamaRouterHost(*http);
  const auto loaded = Load(*host, BackendAt(server.Url()), "a");
  ASSERT_FALSE(loaded.ok());
  EXPECT_NE(loaded.error().message.find("ended with 1"), std::string::npos)
      << loaded.error().message;
  const auto unknown = Load(*host, BackendAt(server.Url()), "z");
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().code, ErrorCode::kNotFound);
}

TEST_F(ModelHostTest, ALoadThatTakesTooLongIsTakenBack) {
  LlamaRouterServer server({"a"});
  server.Hang("a");
  const auto host = MakeLlamaRouterHost(*http);
  const Backend backend = BackendAt(server.Url());
  const CallScope little{Deadline::After(std::chrono::milliseconds(100)), nullptr};
  const auto loaded = RunTask(host->Load(backend, "a", little));
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().code, ErrorCode::kTimeout);
  server.Resume();
  EXPECT_TRUE(List(*host, backend).empty());
  EXPECT_TRUE(List(*host, backend).empty());
  EXPECT_TRUE(server.loaded().empty());
}

TEST_F(ModelHostTest, VllmSleepsAndWakes) {
  VllmServer server("a");
  const auto host = MakeVllmHost(*http);
  const Backend backend = BackendAt(server.Url());
  EXPECT_EQ(List(*host, backend), Names{"a"});
  EXPECT_TRUE(Sleep(*host, backend, "a").ok());
  EXPECT_TRUE(server.SleepsInHost()) << "it returns once the server sleeps";
  EXPECT_TRUE(List(*host, backend).empty());
  ASSERT_TRUE(Wake(*host, backend, "a").ok());
  ASSERT_TRUE(Wake(*host, backend, "a").ok()) << "awake already";
  EXPECT_EQ(server.posts(), (Names{"/sleep?level=1", "/wake_up"}));
}

// A server that sleeps does not drop its weights: it has to be awake for that.
TEST_F(ModelHostTest, WeightsInTheHostsMemoryAreDroppedOverTheDevice) {
  VllmServer server("a");
  const auto host = MakeVllmHost(*http);
  const Backend backend = BackendAt(server.Url());
  ASSERT_TRUE(Sleep(*host, backend, "a").ok());
  ASSERT_TRUE(Drop(*host, backend, "a").ok());
  EXPECT_FALSE(server.SleepsInHost());
  EXPECT_TRUE(server.loaded().empty());
  ASSERT_TRUE(Load(*host, backend, "a").ok());
  EXPECT_EQ(server.posts(),
            (Names{"/sleep?level=1", "/wake_up", "/sleep?level=2", "/wake_up?tags=weights",
                   "/collective_rpc", "/wake_up?tags=kv_cache", "/reset_prefix_cache"}));
}

// Whoever does not know where it sleeps reads them in any case.
TEST_F(ModelHostTest, AServerThatSleepsAtAnyLevelIsLoadedFromTheDisk) {
  VllmServer server("a");
  const auto host = MakeVllmHost(*http);
  const Backend backend = BackendAt(server.Url());
  ASSERT_TRUE(Sleep(*host, backend, "a").ok());
  ASSERT_TRUE(Load(*host, backend, "a").ok());
  EXPECT_EQ(server.loaded(), Names{"a"});
}

TEST_F(ModelHostTest, AnErrorOfAWakeOrADropIsTheServers) {
  VllmServer server("a");
  const auto host = MakeVllmHost(*http);
  const Backend backend = BackendAt(server.Url());
  ASSERT_TRUE(Sleep(*host, backend, "a").ok());
  server.Break("a");
  const auto woken = Wake(*host, backend, "a");
  ASSERT_FALSE(woken.ok());
  EXPECT_NE(woken.error().message.find("out of memory"), std::string::npos)
      << woken.error().message;
  EXPECT_FALSE(Drop(*host, backend, "a").ok());
  server.Resume();
  ASSERT_TRUE(Unload(*host, backend, "a").ok());
  server.BreakReads();
  EXPECT_FALSE(Load(*host, backend, "a").ok());
}

TEST_F(ModelHostTest, WeightsThatVllmDroppedAreReadAgain) {
  VllmServer server("a");
  const auto host = MakeVllmHost(*http);
  const Backend backend = BackendAt(server.Url());
  ASSERT_TRUE(Unload(*host, backend, "a").ok());
  ASSERT_TRUE(Load(*host, backend, "a").ok());
  EXPECT_EQ(server.posts(), (Names{"/sleep?level=2", "/wake_up?tags=weights", "/collective_rpc",
                                   "/wake_up?tags=kv_cache", "/reset_prefix_cache"}));
}

TEST_F(ModelHostTest, WhatVllmMustBeStartedWithIsSaid) {
  VllmServer server("a", false);
  const auto host = MakeVllmHost(*http);
  const Backend backend = BackendAt(server.Url());
  for (const auto& error :
       {Load(*host, backend, "a").error(), Unload(*host, backend, "a").error()}) {
    EXPECT_NE(error.message.find("VLLM_SERVER_DEV_MODE=1"), std::string::npos) << error.message;
  }
  VllmServer other("b");
  const auto loaded = Load(*host, BackendAt(other.Url()), "a");
  ASSERT_FALSE(loaded.ok());
  EXPECT_NE(loaded.error().message.find("has `b`, not `a`"), std::string::npos)
      << loaded.error().message;
}

TEST_F(ModelHostTest, VllmsAdaptersComeAndGo) {
  VllmAdapterServer server({"sql", "law"});
  const auto host = MakeVllmHost(*http);
  Backend backend = BackendAt(server.Url());
  backend.residency.adapters = {{"sql", "/adapters/sql"}, {"law", "/adapters/law"}};
  ASSERT_TRUE(Load(*host, backend, "sql").ok());
  ASSERT_TRUE(Load(*host, backend, "sql").ok()) << "loaded already";
  EXPECT_EQ(List(*host, backend), (Names{"base", "sql"}));
  EXPECT_TRUE(Unload(*host, backend, "sql").ok());
  EXPECT_TRUE(Unload(*host, backend, "sql").ok()) << "gone already";
  server.Break("law");
  EXPECT_FALSE(Load(*host, backend, "law").ok());
  EXPECT_TRUE(server.loaded().empty());
}

TEST_F(ModelHostTest, AKeyIsSentWithLoadsAndLooksToo) {
  ::setenv("MOERGE_TEST_HOST_KEY", "host-key-0123456789", 1);
  LlamaRouterServer server({"a"});
  server.key = "host-key-0123456789";
  const auto host = MakeLlamaRouterHost(*http);
  Backend backend = BackendAt(server.Url());
  EXPECT_FALSE(Load(*host, backend, "a").ok());
  backend.api_key_env = "MOERGE_TEST_HOST_KEY";
  const auto loaded = Load(*host, backend, "a");
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  EXPECT_EQ(List(*host, backend), Names{"a"});
  EXPECT_TRUE(Unload(*host, backend, "a").ok());
}

TEST_F(ModelHostTest, AServerThatIsGoneIsAnError) {
  const Backend backend = BackendAt("http://127.0.0.1:1/v1");
  const std::function<std::unique_ptr<ModelHost>(HttpClient&)> makers[] = {
      MakeOllamaHost, MakeLlamaRouterHost, MakeVllmHost};
  for (const auto& make : makers) {
    const auto host = make(*http);
    EXPECT_FALSE(Load(*host, backend, "a").ok());
    EXPECT_FALSE(Unload(*host, backend, "a").ok());
    EXPECT_FALSE(RunTask(host->List(backend, Soon())).ok());
  }
}

}  // namespace
}  // namespace moerge::test
