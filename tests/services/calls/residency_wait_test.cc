// How long calls are told that they will wait. Simulated time throughout.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <map>
#include <queue>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "services/calls/residency_plan.h"
#include "tests/services/calls/simulated_time.h"

namespace moerge {
namespace {

constexpr double kWaitLoad = 5;
constexpr double kWaitRun = 2;

double InSeconds(ResidencyPlan::Duration wait) {
  return std::chrono::duration<double>(wait).count();
}

ResidencyPlan::Rules WaitRules(int slots) {
  ResidencyPlan::Rules rules;
  rules.slots = slots;
  rules.concurrency = 4;
  rules.max_wait = std::chrono::seconds(30);
  rules.load_guess = std::chrono::seconds(5);
  return rules;
}

// A device whose server loads. Models that were used have loads and runs as above.
struct WaitingDevice {
  explicit WaitingDevice(int slots) : plan(WaitRules(slots)) {}

  void Arrive(std::string_view model, int calls, double now) {
    for (int i = 0; i < calls; ++i) plan.Arrive({.model = model}, test::At(now));
    for (const auto id : plan.Next(test::At(now))) going.push_back(id);
  }
  void Ready(double now) {
    for (const auto id : going) plan.Ready(id, test::At(now));
  }
  void End(ResidencyPlan::Ending ending, double now) {
    for (const auto id : std::exchange(going, {})) plan.End(id, ending, test::At(now));
    for (const auto id : plan.Next(test::At(now))) going.push_back(id);
  }
  // A load and a run of each, long ago, so that its calls count for no rate.
  void Use(std::string_view model, double now) {
    Arrive(model, 1, now);
    Ready(now + kWaitLoad);
    End(ResidencyPlan::Ending::kAnswered, now + kWaitLoad);
    Arrive(model, 1, now + kWaitLoad);
    End(ResidencyPlan::Ending::kAnswered, now + kWaitLoad + kWaitRun);
  }
  void UseAll() {
    for (const char* model : {"a", "b", "c", "d"}) {
      Use(model, at);
      at += 100;
    }
    at += 10'000;
  }

  ResidencyPlan plan;
  std::vector<ResidencyPlan::CallId> going;
  double at = 0;
};

struct WaitCase {
  const char* name;
  int slots;
  std::function<void(WaitingDevice&)> before;  // at second 0 and later
  const char* model;
  double now;
  double wait;
};

class ResidencyWaitTest : public testing::TestWithParam<WaitCase> {};

INSTANTIATE_TEST_SUITE_P(
    Cases, ResidencyWaitTest,
    testing::Values(
        WaitCase{"OfAnUnknownModelIsTheGuess", 1, [](WaitingDevice&) {}, "x", 0, 5},
        WaitCase{"OfALoadedModelIsNone", 1, [](WaitingDevice& d) { d.Arrive("d", 3, d.at); }, "d",
                 0, 0},
        WaitCase{"OfALoadedModelIsThatForAPlace", 1,
                 [](WaitingDevice& d) { d.Arrive("d", 4 + 3, d.at); }, "d", 0,
                 (3 + 1) * kWaitRun / 4},
        WaitCase{"WhileAModelLoadsIsTheRest", 1, [](WaitingDevice& d) { d.Arrive("a", 1, d.at); },
                 "a", 2, kWaitLoad - 2},
        WaitCase{"BehindManyIsTheRestAndTheirRuns", 1,
                 [](WaitingDevice& d) { d.Arrive("a", 4 + 6, d.at); }, "a", 2,
                 kWaitLoad - 2 + (6 + 1) * kWaitRun / 4},
        WaitCase{"InPlaceOfAnIdleModelIsTheLoad", 1, [](WaitingDevice&) {}, "a", 0, kWaitLoad},
        WaitCase{"InPlaceOfABusyModelIsItsRunToo", 1,
                 [](WaitingDevice& d) { d.Arrive("d", 1, d.at); }, "a", 0, kWaitRun + kWaitLoad},
        WaitCase{"BehindOthersIsTheirTurnsToo", 1,
                 [](WaitingDevice& d) {
                   for (const char* model : {"d", "b", "c"}) d.Arrive(model, 1, d.at);
                 },
                 "a", 1, kWaitRun + 2 * (kWaitLoad + kWaitRun) + kWaitLoad},
        WaitCase{"BehindManyCallsOfAnotherIsTheirWorkToo", 1,
                 [](WaitingDevice& d) {
                   d.Arrive("d", 1, d.at);
                   d.Arrive("b", 40, d.at);
                 },
                 "a", 1, kWaitRun + kWaitLoad + 10 * kWaitRun + kWaitLoad},
        WaitCase{"WithTwoSlotsOthersTakeTurnsSideBySide", 2,
                 [](WaitingDevice& d) {
                   for (const char* model : {"c", "d", "a", "b"}) d.Arrive(model, 1, d.at);
                 },
                 "x", 1, kWaitRun + kWaitLoad + kWaitRun + kWaitLoad},
        WaitCase{"WithAFreeSlotIsTheLoad", 3, [](WaitingDevice& d) { d.Arrive("d", 1, d.at); }, "x",
                 0, kWaitLoad},
        WaitCase{"AfterAFailedLoadIsUntilItIsTriedAgain", 1,
                 [](WaitingDevice& d) {
                   for (double now : {0.0, 2.0, 5.0, 10.0, 19.0}) {
                     d.Arrive("a", 1, d.at + now);
                     d.End(ResidencyPlan::Ending::kFailed, d.at + now);
                   }
                 },
                 "a", 20, 16 - 1 + kWaitLoad}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_P(ResidencyWaitTest, IsToldAsItWillBe) {
  const WaitCase& test = GetParam();
  WaitingDevice device(test.slots);
  device.UseAll();
  test.before(device);
  const double told =
      InSeconds(device.plan.ExpectedWait(test.model, test::At(device.at + test.now)));
  EXPECT_NEAR(told, test.wait, 0.1 * test.wait + 0.01);
}

TEST(ResidencyWaits, OfACallThatWaitsCountsThoseBeforeItAlone) {
  WaitingDevice device(1);
  device.UseAll();
  device.Arrive("d", 4 + 8, device.at);
  const auto wait = [&](std::optional<int> ahead) {
    return InSeconds(device.plan.ExpectedWait("d", test::At(device.at), ahead));
  };
  EXPECT_NEAR(wait(0), kWaitRun / 4, 0.01);
  EXPECT_NEAR(wait(7), 8 * kWaitRun / 4, 0.01);
  EXPECT_NEAR(wait({}), 9 * kWaitRun / 4, 0.01);
}

// A model that is never idle leaves when the limit of the one that waits comes.
TEST(ResidencyWaits, BehindABusyModelIsTheWaitLimit) {
  WaitingDevice device(1);
  device.UseAll();
  for (int i = 0; i < 200; ++i) {
    device.Arrive("d", 5, device.at);
    device.at += kWaitRun;
    device.End(ResidencyPlan::Ending::kAnswered, device.at);
  }
  const double told = InSeconds(device.plan.ExpectedWait("a", test::At(device.at)));
  EXPECT_GE(told, 30);
  EXPECT_LE(told, 30 + kWaitRun + kWaitLoad);
}

// Random calls of a device with eight models and as many places.
class RandomCalls {
 public:
  RandomCalls(int slots, double rate, bool on_order) : plan_(RulesOf(slots, on_order)) {
    std::exponential_distribution<double> gap(rate);
    double last = 0;
    for (int i = 0; i < 4000; ++i) events_.emplace(last += gap(random_), kArrives, 0);
  }

  void Run() {
    while (!events_.empty()) {
      std::tie(now_, what_, subject_) = events_.top();
      events_.pop();
      if (what_ == kArrives) Arrive();
      if (what_ == kEnds) {
        const ResidencyPlan::CallId id{subject_};
        plan_.End(id, ResidencyPlan::Ending::kAnswered, test::At(now_));
      }
      if (what_ == kLoads) plan_.Loaded(std::to_string(subject_), test::At(now_));
      LetGo();
    }
  }

  double told = 0;  // seconds, of all calls
  double waited = 0;

 private:
  enum What { kArrives, kEnds, kLoads, kLooks };
  using Event = std::tuple<double, What, std::uint64_t>;

  static ResidencyPlan::Rules RulesOf(int slots, bool on_order) {
    ResidencyPlan::Rules rules = WaitRules(slots);
    rules.concurrency = 8;
    rules.on_order = on_order;
    return rules;
  }

  void Arrive() {
    const std::string model = std::to_string(pick_(random_));
    told += InSeconds(plan_.ExpectedWait(model, test::At(now_)));
    const auto id = plan_.Arrive({.model = model}, test::At(now_));
    came_[static_cast<std::uint64_t>(id)] = {model, now_};
  }
  void LetGo() {
    for (const auto id : plan_.Next(test::At(now_))) {
      const auto& [model, when] = came_.at(static_cast<std::uint64_t>(id));
      const double begin = LoadedAt(model);
      waited += begin - when;
      events_.emplace(begin + run_(random_), kEnds, static_cast<std::uint64_t>(id));
    }
    for (const ResidencyPlan::Order& order : plan_.TakeOrders()) {
      if (!order.load.empty()) events_.emplace(now_ + kWaitLoad, kLoads, std::stoul(order.load));
    }
    if (plan_.NextLook() == ResidencyPlan::Time::max()) return;
    const double look = InSeconds(plan_.NextLook() - test::At(0));
    events_.emplace(std::max(look, now_) + 1e-3, kLooks, 0);
  }
  double LoadedAt(const std::string& model) const {
    for (const auto& view : plan_.Models()) {
      if (view.model != model || view.state != ResidencyPlan::State::kLoading) continue;
      return InSeconds(view.since - test::At(0)) + kWaitLoad;
    }
    return now_;
  }

  ResidencyPlan plan_;
  std::mt19937_64 random_{5};
  std::exponential_distribution<double> run_{1 / kWaitRun};
  std::discrete_distribution<int> pick_{8, 4, 2.7, 2, 1.6, 1.3, 1.1, 1};
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::map<std::uint64_t, std::pair<std::string, double>> came_;
  double now_ = 0;
  What what_ = kArrives;
  std::uint64_t subject_ = 0;
};

TEST(ResidencyWaits, OfManyCallsAreNeitherFarTooLowNorFarTooHigh) {
  for (const bool on_order : {false, true}) {
    for (const int slots : {1, 2, 4}) {
      for (const double rate : {0.05, 0.3, 1.0, 2.0, 3.2}) {
        RandomCalls calls(slots, rate, on_order);
        calls.Run();
        EXPECT_GE(calls.told, 0.5 * calls.waited) << slots << " slots, " << rate << " a second";
        EXPECT_LE(calls.told, 2.1 * calls.waited) << slots << " slots, " << rate << " a second";
      }
    }
  }
}

}  // namespace
}  // namespace moerge
