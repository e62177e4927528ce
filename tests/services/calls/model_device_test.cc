// Models that moerge loads itself, through a host that does as it is told.
#include "services/calls/model_device.h"

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/adapters/loop_fixture.h"

namespace moerge::test {
namespace {

using DeviceTurn = Result<std::unique_ptr<ModelTurns::Turn>>;

// Loads wait until they are told how to end, on the test's own loop.
class ToldHost final : public ModelHost {
 public:
  struct Told {
    std::vector<std::string> done;
    std::vector<std::string> devices;  // of all loads
    std::vector<std::string> there;
    std::deque<std::pair<std::string, Event*>> loading;
    std::optional<Error> fails;
    std::int64_t bytes = 0;
    ModelLost lost;
  };
  explicit ToldHost(Told& told) : told_(told) {}

  Task<Result<HostedModel>> Load(const Backend& backend, std::string model, CallScope) override {
    Event over(co_await ThisLoop());
    told_.loading.emplace_back(model, &over);
    told_.devices.push_back(backend.residency.device);
    co_await over.Wait();
    told_.loading.pop_front();
    if (told_.fails) co_return *told_.fails;
    told_.done.push_back("load " + model);
    co_return HostedModel{model, told_.bytes, "http://127.0.0.1:9/" + backend.name + "/" + model};
  }
  Task<Status> Unload(const Backend&, std::string model, CallScope) override {
    if (told_.fails) co_return *told_.fails;
    told_.done.push_back("unload " + model);
    co_return Ok{};
  }
  Task<Result<std::vector<HostedModel>>> List(const Backend&, CallScope) override {
    std::vector<HostedModel> models;
    for (const std::string& model : told_.there) models.push_back({model, 7'000'000'000});
    co_return models;
  }

 private:
  Told& told_;
};

struct ModelDeviceTest : testing::Test, LoopFixture, ModelHosts {
  ModelDeviceTest() {
    backend.name = "gpu";
    backend.residency.kind = ResidencyKind::kCommand;
    backend.residency.max_wait = std::chrono::hours(1);
    backend.retries = 1;
  }
  ~ModelDeviceTest() override {
    cancellation.Cancel();
    EndLoads();
    asked.clear();
    // Stop waits for the loop, which is this thread's.
    std::atomic<bool> ended = false;
    std::thread stopping([&] {
      turns.Stop();
      ended = true;
    });
    RunUntil([&] { return ended.load(); });
    stopping.join();
  }

  Executor loop() override { return executor(); }
  std::unique_ptr<ModelHost> Make(ResidencyKind, ModelLost lost) override {
    told.lost = std::move(lost);
    return std::make_unique<ToldHost>(told);
  }

  struct Asked {
    ExpertEntry entry;
    ExpertCall call;
    std::optional<DeviceTurn> turn;
    bool gone() const { return turn.has_value() && turn->ok(); }
    bool refused() const { return turn.has_value() && !turn->ok(); }
    std::string at() const { return (**turn)->at() == nullptr ? "" : (**turn)->at()->base_url; }
  };
  Asked* Ask(const std::string& model, bool last_resort = true, const Backend* of = nullptr,
             double memory_gb = 0) {
    Asked* each = &asked.emplace_back();
    each->entry.spec.name = each->entry.spec.model = model;
    each->entry.spec.memory_gb = memory_gb;
    each->entry.backend = of == nullptr ? &backend : of;
    each->call.expert = ExpertPtr(snapshot, &each->entry);
    each->call.last_resort = last_resort;
    Start(Wait(*each));
    Settle();
    return each;
  }
  Task<void> Wait(Asked& each) {
    const CallScope scope{Deadline::Never(), &cancellation};
    each.turn.emplace(co_await turns.Enter(each.call, scope));
  }
  void Settle() {
    context().restart();
    while (context().poll() > 0) {
    }
  }
  void EndLoads() {
    while (!told.loading.empty()) EndLoad();
  }
  void EndLoad() {
    told.loading.front().second->Set();
    Settle();
  }
  void Answer(Asked& each) {
    (**each.turn)->Answered();
    each.turn.reset();
    Settle();
  }
  ResidencyPlan::ModelView ViewOf(const std::string& model) {
    for (const auto& device : turns.Devices()) {
      for (const auto& each : device.models) {
        if (each.model == model) return each.view;
      }
    }
    return {};
  }

  ToldHost::Told told;
  Metrics metrics;
  ModelTurns turns{metrics, this};
  Backend backend;
  std::shared_ptr<Snapshot> snapshot = std::make_shared<Snapshot>();
  Cancellation cancellation;
  std::deque<Asked> asked;
};

TEST_F(ModelDeviceTest, ACallGoesOnceItsModelIsLoadedAndToWhereItAnswers) {
  Asked* const first = Ask("a");
  EXPECT_FALSE(first->turn.has_value());
  ASSERT_EQ(told.loading.size(), 1u);
  EndLoad();
  ASSERT_TRUE(first->gone());
  EXPECT_FALSE((**first->turn)->loading()) << "its time is its own";
  EXPECT_EQ(first->at(), "http://127.0.0.1:9/gpu/a");
}

TEST_F(ModelDeviceTest, AnotherTakesItsPlaceOnceItIsIdle) {
  Asked* const first = Ask("a");
  EndLoad();
  Asked* const second = Ask("b");
  EXPECT_TRUE(told.loading.empty());
  Answer(*first);
  EndLoad();
  ASSERT_TRUE(second->gone());
  EXPECT_EQ(told.done, (std::vector<std::string>{"load a", "unload a", "load b"}));
}

TEST_F(ModelDeviceTest, AFailedLoadSendsItsCallsElsewhereAndIsShown) {
  told.fails = Error{ErrorCode::kUnavailable, "out of memory"};
  Asked* const other = Ask("a", false);
  Asked* const last = Ask("a", true);
  EndLoad();
  ASSERT_TRUE(other->refused());
  EXPECT_EQ(other->turn->error().code, ErrorCode::kUnavailable);
  EXPECT_GE(other->turn->error().retry_after, std::chrono::seconds(1));
  EXPECT_EQ(other->turn->error().message.find("out of memory"), std::string::npos)
      << "what a server says is for the operator";
  EXPECT_FALSE(last->turn.has_value()) << "there is nothing else to ask";
  const auto model = turns.Devices().at(0).models.at(0);
  EXPECT_EQ(model.view.state, ResidencyPlan::State::kFailed);
  EXPECT_EQ(model.error, "out of memory");
  EXPECT_EQ(metrics
                .GetCounter("moerge_residency_failed_loads_total", "Loads of models that failed.",
                            {{"backend", "gpu"}})
                .value(),
            1);
  RunUntil([&] { return !told.loading.empty(); });
  EndLoad();
  EXPECT_TRUE(last->refused()) << "it has seen as many failures as its backend has tries";
}

TEST_F(ModelDeviceTest, ADeathIsSeenAndTheModelIsLoadedAgain) {
  Asked* const first = Ask("a");
  EndLoad();
  told.lost("a", "was ended by signal 9 (Killed)");
  Settle();
  EXPECT_EQ(ViewOf("a").state, ResidencyPlan::State::kFailed);
  EXPECT_EQ(turns.Devices().at(0).models.at(0).error, "its server was ended by signal 9 (Killed)");
  (**first->turn)->Failed();
  first->turn.reset();
  EXPECT_TRUE(Ask("a", false)->refused()) << "it may ask another at once";
  Asked* const last = Ask("a", true);
  RunUntil([&] { return !told.loading.empty(); });
  EndLoad();
  EXPECT_TRUE(last->gone());
}

TEST_F(ModelDeviceTest, WhatIsLoadedAlreadyIsNotLoadedAgain) {
  told.there = {"a"};
  Asked* const first = Ask("a");
  ASSERT_TRUE(first->gone());
  EXPECT_TRUE(told.done.empty());
  EXPECT_EQ(ViewOf("a").bytes, 7'000'000'000) << "as its server says";
}

TEST_F(ModelDeviceTest, BackendsThatNameOneDeviceShareItsRoom) {
  backend.residency.device = "gpu0";
  Backend other = backend;
  other.name = "second";
  Asked* const first = Ask("a");
  EndLoad();
  Asked* const second = Ask("a", true, &other);
  EXPECT_TRUE(told.loading.empty()) << "its room is taken by the other's model of this name";
  Answer(*first);
  EndLoad();
  ASSERT_TRUE(second->gone());
  EXPECT_EQ(second->at(), "http://127.0.0.1:9/second/a");
  ASSERT_EQ(turns.Devices().size(), 1u);
  EXPECT_EQ(turns.Devices()[0].device, "gpu0");
  EXPECT_EQ(turns.Devices()[0].last_swap.evicted, std::vector<std::string>{"a"});
}

TEST_F(ModelDeviceTest, ABackendWithTwoDevicesHasAModelOnEach) {
  backend.residency.devices = {"gpu0", "gpu1"};
  Asked* const first = Ask("a");
  Asked* const second = Ask("b");
  EXPECT_EQ(told.devices, (std::vector<std::string>{"gpu0", "gpu1"})) << "side by side";
  EndLoads();
  EXPECT_TRUE(first->gone());
  EXPECT_TRUE(second->gone());
  Asked* const again = Ask("a");
  EXPECT_TRUE(again->gone()) << "where it is loaded";
  ASSERT_EQ(turns.Devices().size(), 2u);
  EXPECT_EQ(turns.Devices()[0].device, "gpu0");
  EXPECT_EQ(turns.Devices()[1].models.at(0).model, "b");
  EXPECT_EQ(told.done, (std::vector<std::string>{"load a", "load b"})) << "none left for another";
}

TEST_F(ModelDeviceTest, WhatOneDeviceCannotLoadAnotherDoes) {
  backend.residency.devices = {"gpu0", "gpu1"};
  Asked* const last = Ask("a", true);
  told.fails = Error{ErrorCode::kUnavailable, "out of memory"};
  EndLoad();
  told.fails.reset();
  EXPECT_FALSE(last->turn.has_value()) << "it waits for the other";
  EndLoad();
  ASSERT_TRUE(last->gone());
  EXPECT_EQ(told.devices, (std::vector<std::string>{"gpu0", "gpu1"}));
  EXPECT_TRUE(Ask("a", false)->gone()) << "and the next goes there at once";
}

TEST_F(ModelDeviceTest, WhatNoDeviceCanLoadIsRefused) {
  backend.residency.devices = {"gpu0", "gpu1"};
  told.fails = Error{ErrorCode::kUnavailable, "out of memory"};
  Asked* const other = Ask("a", false);
  EndLoads();
  ASSERT_TRUE(other->refused());
  EXPECT_EQ(other->turn->error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(told.devices.size(), 2u) << "each has tried";
}

TEST_F(ModelDeviceTest, AnExpertThatNoBudgetFitsIsToldSo) {
  backend.residency.memory_gb = 8;
  Asked* const large = Ask("a", true, nullptr, 12.5);
  ASSERT_TRUE(large->refused());
  EXPECT_EQ(large->turn->error().message,
            "expert `a` takes 12.5 GB (memory_gb), more than the 8.0 GB that device `gpu` has "
            "(residency.memory_gb)");
  Ask("b", true, nullptr, 8);
  EXPECT_EQ(told.loading.size(), 1u);
}

TEST_F(ModelDeviceTest, ACallThatCannotBeInTimeIsToldAtOnce) {
  // A load that has taken seconds.
  Asked* const first = Ask("a");
  EndLoad();
  Answer(*first);
  Asked* const other = Ask("b");
  EndLoad();
  ExpertCall late = first->call;
  late.deadline = Deadline::After(std::chrono::hours(-1));
  std::optional<DeviceTurn> turn;
  const auto enter = [&]() -> Task<void> {
    const CallScope scope{late.deadline, &cancellation};
    turn.emplace(co_await turns.Enter(late, scope));
  };
  Start(enter());
  Settle();
  ASSERT_TRUE(turn.has_value() && !turn->ok());
  EXPECT_EQ(turn->error().code, ErrorCode::kOverloaded) << turn->error().message;
  EXPECT_GE(turn->error().retry_after, std::chrono::seconds(1));
  EXPECT_EQ(ViewOf("a").waiting, 0);
  Answer(*other);
}

TEST_F(ModelDeviceTest, WhoAsksIsToldHowItStands) {
  struct Heard final : ModelTurns::Listener {
    std::vector<ModelTurns::Standing> all;
    Task<void> Waits(ModelTurns::Standing standing) override {
      all.push_back(standing);
      co_return;
    }
  } heard;
  Ask("a");
  Ask("a");
  Asked* const third = Ask("a");
  ExpertCall call = third->call;
  std::optional<DeviceTurn> turn;
  const auto enter = [&]() -> Task<void> {
    const CallScope scope{Deadline::Never(), &cancellation};
    turn.emplace(co_await turns.Enter(call, scope, &heard));
  };
  Start(enter());
  Settle();
  ASSERT_EQ(heard.all.size(), 1u);
  EXPECT_EQ(heard.all[0].ahead, 3);
  EXPECT_GT(heard.all[0].wait, ModelTurns::Clock::duration::zero());
  EndLoad();
  EXPECT_TRUE(turn.has_value() && turn->ok());
  EXPECT_EQ(heard.all.size(), 1u) << "it waits no longer";
  turn.reset();
}

TEST_F(ModelDeviceTest, ModelsBesideAdaptersAreAlwaysThere) {
  backend.residency.kind = ResidencyKind::kVllm;
  backend.residency.adapters = {{"sql", "/adapters/sql"}};
  ExpertEntry base;
  base.spec.model = "base";
  base.backend = &backend;
  EXPECT_FALSE(ModelTurns::Manages(base));
  base.spec.model = "sql";
  EXPECT_TRUE(ModelTurns::Manages(base));
}

}  // namespace
}  // namespace moerge::test
