// More experts than fit: calls are grouped by model, over real connections to a server that swaps.
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "tests/integration/harness.h"
#include "tests/integration/process.h"

namespace moerge::test {
namespace {

constexpr const char* kSwapped[] = {"ada", "clio", "remy"};

class Residencies : public ::testing::Test {
 protected:
  static ReplayOptions Swapping(int slots) {
    ReplayOptions options;
    options.slots = slots;
    options.load = std::chrono::milliseconds(20);
    options.latency = std::chrono::milliseconds(20);
    return options;
  }
  std::string Config(const std::string& residency) const {
    std::string yaml = "backends:\n  - {name: gpu, base_url: \"" + UrlOf(*replay_) +
                       "\", residency: " + residency + "}\nexperts:\n";
    for (const char* model : kSwapped) {
      yaml += std::string("  - {name: ") + model + ", backend: gpu, model: " + model + "}\n";
    }
    return yaml + kSmallSkills;
  }
  // Three experts in turn, `rounds` times, all at once.
  static void AskAll(const TestServer& server, int rounds) {
    std::vector<std::thread> clients;
    for (int i = 0; i < rounds; ++i) {
      for (const char* model : kSwapped) {
        clients.emplace_back([&server, model] {
          const HttpReply reply = server.Chat(model, RecordedPrompt("algebra-1"));
          EXPECT_EQ(reply.status, 200) << reply.body;
          EXPECT_EQ(reply.At("choices.0.message.content"), RecordedReply("algebra-1", model));
        });
      }
    }
    for (std::thread& client : clients) client.join();
  }

  TempFolder folder_;
  std::unique_ptr<ReplayServer> replay_ = StartReplay(Swapping(1));
};

TEST_F(Residencies, ExpertsThatDoNotFitTogetherAnswerAllTheSame) {
  const TestServer server(Config("{kind: llama_swap, slots: 1}"));
  AskAll(server, 10);
  EXPECT_EQ(server.Metric("moerge_backend_breaker_open"), -1);
  const HttpReply state = server.Get("/api/v1/residency");
  EXPECT_EQ(state.At("data.0.backend"), "gpu");
  EXPECT_EQ(state.At("data.0.slots"), "1");
  std::int64_t loads = 0;
  for (const char* place : {"0", "1", "2"}) {
    const std::string model = std::string("data.0.models.") + place;
    loads += std::stoll(state.At(model + ".loads"));
    EXPECT_EQ(state.At(model + ".running"), "0");
    EXPECT_EQ(state.At(model + ".waiting"), "0");
  }
  EXPECT_EQ(loads, replay_->device().loads()) << "what moerge takes to be loaded is";
}

TEST_F(Residencies, WhatWasLoadedWhenIsListed) {
  const TestServer server(Config("{kind: llama_swap, slots: 1}"));
  EXPECT_EQ(server.Get("/api/v1/residency/history").At("data"), "[]");
  for (const char* model : {"ada", "clio"}) {
    EXPECT_EQ(server.Chat(model, RecordedPrompt("algebra-1")).status, 200);
  }
  const HttpReply history = server.Get("/api/v1/residency/history");
  const char* const expected[][3] = {{"clio", "loaded", "null"},
                                     {"clio", "loading", ""},
                                     {"ada", "loaded", ""},
                                     {"ada", "loading", ""}};
  for (int at = 0; at < 4; ++at) {
    const std::string place = "data." + std::to_string(at) + ".";
    EXPECT_EQ(history.At(place + "expert"), expected[at][0]) << history.body;
    EXPECT_EQ(history.At(place + "state"), expected[at][1]) << history.body;
    EXPECT_EQ(history.At(place + "ended") == "null", expected[at][2] == std::string("null"));
  }
  EXPECT_EQ(history.At("data.1.load.cause"), "idle");
  EXPECT_EQ(history.At("data.1.load.evicted.0"), "ada");
  EXPECT_EQ(history.At("data.0.load"), "null");
}

TEST_F(Residencies, TheCommandLineShowsWhatIsLoaded) {
  const TestServer server(Config("{kind: llama_swap, slots: 1}"));
  const std::string url = "http://127.0.0.1:" + std::to_string(server.port());
  EXPECT_EQ(server.Chat("clio", RecordedPrompt("algebra-1")).status, 200);
  const Finished shown = Process({"ps", "--server", url}, folder_.File("")).Wait();
  EXPECT_EQ(shown.code, 0) << shown.err;
  EXPECT_TRUE(Has(shown.out, "gpu (llama_swap, 1 at once), 0 swaps")) << shown.out;
  EXPECT_TRUE(Has(shown.out, "loaded last: clio")) << shown.out;
}

TEST_F(Residencies, WithoutResidencyThereIsNothingToShow) {
  const TestServer server(Config("{kind: always}"));
  EXPECT_EQ(server.Get("/api/v1/residency").At("data"), "[]");
  AskAll(server, 2);
}

TEST_F(Residencies, AnExpertThatTheBackendCannotLoadIsReplacedByAnother) {
  const std::string yaml = "backends:\n  - {name: gpu, retries: 0, base_url: \"" + UrlOf(*replay_) +
                           "\", residency: {kind: llama_swap}}\nexperts:\n"
                           "  - {name: gone, backend: gpu, model: gone, skills: {general: 0.9}}\n"
                           "  - {name: ada, backend: gpu, model: ada, skills: {general: 0.5}}\n" +
                           kSmallSkills;
  const TestServer server(yaml);
  const HttpReply reply = server.Chat("auto", RecordedPrompt("algebra-1"));
  EXPECT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.Header("x-moerge-expert"), "ada");
}

TEST_F(Residencies, AWrongResidencyIsRefused) {
  const TestServer server(Config("{kind: always}"));
  const HttpReply reply =
      server.Post("/api/v1/backends",
                  R"({"name":"x","base_url":"http://127.0.0.1:1/v1","residency":{"kind":"swap"}})");
  EXPECT_EQ(reply.status, 400) << reply.body;
  EXPECT_EQ(reply.At("error.param"), "residency") << reply.body;
  const HttpReply slots =
      server.Post("/api/v1/backends",
                  R"({"name":"x","base_url":"http://127.0.0.1:1/v1","residency":{"slots":0}})");
  EXPECT_EQ(slots.At("error.param"), "residency.slots") << slots.body;
}

// Two variants each of two experts, and room for one large one and one small one.
TEST_F(Residencies, TheVariantsThatAreWorthTheirMemoryAreShown) {
  std::string yaml = "backends:\n  - {name: gpu, base_url: \"" + UrlOf(*replay_) +
                     "\", residency: {kind: llama_swap, slots: 2, memory_gb: 12}}\nexperts:\n";
  const auto add = [&](const std::string& family, int gigabytes, const std::string& skills) {
    const std::string name = family + "-" + std::to_string(gigabytes);
    yaml += "  - {name: " + name + ", backend: gpu, model: " + name +
            ", memory_gb: " + std::to_string(gigabytes) + ", tags: [\"variant_of:" + family +
            "\"], skills: {" + skills + "}}\n";
  };
  add("math", 8, "algebra: 0.9");
  add("math", 4, "algebra: 0.6");
  add("talk", 8, "history: 0.8, cooking: 0.8");
  add("talk", 4, "history: 0.7, cooking: 0.7");
  yaml += "  - {name: unknown, backend: gpu, model: remy}\n";
  const TestServer server(yaml + kSmallSkills);
  const HttpReply choice = server.Get("/api/v1/residency/variants");
  ASSERT_EQ(choice.status, 200) << choice.body;
  EXPECT_EQ(choice.At("data.0.used_gb"), "12");
  EXPECT_EQ(choice.At("data.0.exact"), "true");
  EXPECT_EQ(choice.At("data.0.unknown"), R"(["unknown"])");
  EXPECT_EQ(choice.At("data.0.families.0.name"), "math");
  const HttpReply roomy = server.Get("/api/v1/residency/variants?memory_gb=16");
  EXPECT_EQ(roomy.At("data.0.used_gb"), "16");
  EXPECT_EQ(server.Get("/api/v1/residency/variants?memory_gb=-1").status, 400);
  EXPECT_EQ(server.Get("/api/v1/residency/variants?memory_gb=much").status, 400);
  const std::string url = "http://127.0.0.1:" + std::to_string(server.port());
  const Finished shown = RunMoerge({"variants", "--server", url}, folder_.File(""));
  EXPECT_EQ(shown.code, 0) << shown.err;
  EXPECT_TRUE(Has(shown.out, "gpu: 12 of 12 GB")) << shown.out;
  EXPECT_TRUE(Has(shown.out, "unknown: its `memory_gb` is not known")) << shown.out;
  const Finished less =
      RunMoerge({"variants", "--memory-gb", "4", "--server", url}, folder_.File(""));
  EXPECT_TRUE(Has(less.out, "gpu: 4 of 4 GB")) << less.out;
  const Finished ps = RunMoerge({"ps", "--server", url}, folder_.File(""));
  EXPECT_TRUE(Has(ps.out, "VARIANT") && Has(ps.out, "keep") && Has(ps.out, "leave")) << ps.out;
}

}  // namespace
}  // namespace moerge::test
