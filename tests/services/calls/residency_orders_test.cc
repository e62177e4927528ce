// Models that are loaded and unloaded on the plan's order. Simulated time throughout.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "services/calls/residency_plan.h"
#include "tests/services/calls/simulated_time.h"

namespace moerge {
namespace {

using OrderState = ResidencyPlan::State;

struct ResidencyOrdersTest : testing::Test {
  ResidencyOrdersTest() { SetRules(1); }
  void SetRules(int slots, std::int64_t memory = 0) {
    ResidencyPlan::Rules rules;
    rules.slots = slots;
    rules.memory = memory;
    rules.on_order = true;
    plan.SetRules(rules);
  }
  ResidencyPlan::CallId Arrive(std::string_view model, double now, std::int64_t bytes = 0) {
    const auto id = plan.Arrive({.model = model, .bytes = bytes}, test::At(now));
    names[id] = model;
    return id;
  }
  // The models of the calls that go.
  std::string Next(double now) {
    std::string text;
    for (const auto id : plan.Next(test::At(now))) {
      going.push_back(id);
      text += (text.empty() ? "" : " ") + names[id];
    }
    return text;
  }
  // "-a +b": unload a, load b.
  std::string Orders() {
    std::string text;
    for (const auto& order : plan.TakeOrders()) {
      for (const std::string& model : order.unload) text += "-" + model + " ";
      if (!order.load.empty()) text += "+" + order.load + " ";
    }
    if (!text.empty()) text.pop_back();
    return text;
  }
  void AnswerAll(double now) {
    for (const auto id : std::exchange(going, {})) {
      plan.End(id, ResidencyPlan::Ending::kAnswered, test::At(now));
    }
  }
  OrderState StateOf(std::string_view model) {
    for (const auto& view : plan.Models()) {
      if (view.model == model) return view.state;
    }
    return OrderState::kOut;
  }

  ResidencyPlan plan{ResidencyPlan::Rules{}};
  std::map<ResidencyPlan::CallId, std::string> names;
  std::vector<ResidencyPlan::CallId> going;
};

TEST_F(ResidencyOrdersTest, NoCallGoesBeforeItsModelIsLoaded) {
  Arrive("a", 0);
  EXPECT_EQ(Next(0), "");
  EXPECT_EQ(Orders(), "+a");
  Arrive("a", 1);
  EXPECT_EQ(Next(1), "");
  EXPECT_EQ(Orders(), "") << "once is enough";
  plan.Loaded("a", test::At(6));
  EXPECT_EQ(Next(6), "a a");
  EXPECT_EQ(plan.Models()[0].load_time, std::chrono::seconds(6));
}

TEST_F(ResidencyOrdersTest, WhatIsBeingLoadedOrGeneratesIsNotUnloaded) {
  Arrive("a", 0);
  Next(0);
  Arrive("b", 1);
  Next(1000);
  EXPECT_EQ(Orders(), "+a") << "it is being loaded";
  plan.Loaded("a", test::At(1001));
  EXPECT_EQ(Next(1001), "a");
  Next(3000);
  EXPECT_EQ(Orders(), "") << "a call runs on it";
  AnswerAll(3001);
  Next(3001);
  EXPECT_EQ(Orders(), "-a +b");
}

TEST_F(ResidencyOrdersTest, AFailedLoadIsLeftAloneForAWhileAndThenTriedAgain) {
  Arrive("a", 0);
  Arrive("b", 1);
  Next(1);
  EXPECT_EQ(Orders(), "+a");
  plan.LoadFailed("a", test::At(2));
  EXPECT_EQ(StateOf("a"), OrderState::kFailed);
  Next(2);
  EXPECT_EQ(Orders(), "+b") << "the room is another's";
  plan.Loaded("b", test::At(2.5));
  EXPECT_EQ(Next(2.5), "b");
  AnswerAll(2.6);
  Next(2.7);
  EXPECT_EQ(Orders(), "");
  EXPECT_EQ(plan.NextLook(), test::At(3)) << "the back-off ends";
  Next(3);
  EXPECT_EQ(Orders(), "-b +a");
}

TEST_F(ResidencyOrdersTest, AServerThatDiesIsLeftAloneLongerEachTime) {
  double now = 0;
  for (const double back_off : {1.0, 2.0, 4.0}) {
    Arrive("a", now);
    Next(now);
    EXPECT_EQ(Orders(), "+a");
    plan.Loaded("a", test::At(now));
    EXPECT_EQ(Next(now), "a");
    plan.Lost("a", test::At(now));
    EXPECT_EQ(plan.FailedUntil("a"), test::At(now + back_off));
    plan.End(going.back(), ResidencyPlan::Ending::kFailed, test::At(now));
    now += back_off;
  }
  EXPECT_EQ(plan.Models()[0].deaths, 3);
  Arrive("a", now);
  Next(now);
  plan.Loaded("a", test::At(now));
  plan.Lost("a", test::At(now + 3600));
  EXPECT_EQ(plan.FailedUntil("a"), test::At(now + 3601)) << "it had been well for long";
}

TEST_F(ResidencyOrdersTest, WhatItsServerSaysOfAModelHoldsInPlaceOfWhatWasDeclared) {
  SetRules(8, 10);
  Arrive("a", 0, 4);
  Arrive("b", 0, 4);
  Next(0);
  EXPECT_EQ(Orders(), "+a +b");
  plan.Loaded("a", test::At(1));
  plan.Measured("b", 9);
  plan.Loaded("b", test::At(1));
  EXPECT_EQ(Next(1), "a b");
  EXPECT_EQ(Orders(), "") << "both generate";
  AnswerAll(2);
  Next(2);
  EXPECT_EQ(Orders(), "-a") << "there is too much, and it was used less lately";
  Arrive("a", 3, 4);
  Next(3);
  EXPECT_EQ(Orders(), "-b +a");
}

TEST_F(ResidencyOrdersTest, WhatIsFoundLoadedIsUsedAndWhatIsGoneIsLoadedAgain) {
  plan.Learn("a", 0);
  plan.Learn("b", 0);
  plan.Found("a", test::At(0));
  plan.Found("b", test::At(0));
  Next(0);
  EXPECT_EQ(Orders(), "-a") << "there is room for one";
  Arrive("b", 1);
  EXPECT_EQ(Next(1), "b");
  plan.Gone("b", test::At(1));
  EXPECT_EQ(StateOf("b"), OrderState::kLoaded) << "a call runs on it";
  AnswerAll(2);
  plan.Gone("b", test::At(2));
  Arrive("b", 3);
  EXPECT_EQ(Next(3), "");
  EXPECT_EQ(Orders(), "+b");
}

// Asked for equally often; one is loaded again in a tenth of the time.
TEST_F(ResidencyOrdersTest, OfTwoThatAreNeededAlikeTheOneThatLoadsSoonerLeaves) {
  SetRules(2);
  const auto use = [&](std::string_view model, double now, double load) {
    Arrive(model, now);
    Next(now);
    plan.Loaded(model, test::At(now + load));
    Next(now + load);
    AnswerAll(now + load);
  };
  use("slow", 0, 10);
  use("quick", 10, 1);
  use("slow", 12, 0);
  use("quick", 12.1, 0);
  Orders();
  Arrive("new", 14);
  Next(14);
  EXPECT_EQ(Orders(), "-quick +new");
}

TEST_F(ResidencyOrdersTest, WhatIsRetiredIsUnloadedOnceItIsIdle) {
  Arrive("a", 0);
  Next(0);
  plan.Loaded("a", test::At(1));
  EXPECT_EQ(Next(1), "a");
  plan.Retire("a");
  Orders();
  Next(2);
  EXPECT_EQ(Orders(), "") << "a call runs on it";
  AnswerAll(3);
  Next(3);
  EXPECT_EQ(Orders(), "-a");
  Next(4);
  EXPECT_EQ(Orders(), "") << "nor is it loaded ahead";
  Arrive("a", 5);
  Next(5);
  EXPECT_EQ(Orders(), "+a") << "whoever asks for it gets it";
  plan.Loaded("a", test::At(6));
  EXPECT_EQ(Next(6), "a");
  AnswerAll(7);
  Next(7);
  EXPECT_EQ(Orders(), "-a") << "and it leaves again";
  plan.Learn("a", 0);
  Arrive("a", 8);
  Next(8);
  plan.Loaded("a", test::At(9));
  Next(9);
  AnswerAll(10);
  Next(10);
  EXPECT_EQ(Orders(), "+a") << "it stays";
}

TEST_F(ResidencyOrdersTest, WhatCouldNotBeUnloadedIsStillThere) {
  Arrive("a", 0);
  Next(0);
  plan.Loaded("a", test::At(0));
  Next(0);
  AnswerAll(0);
  Arrive("b", 1);
  Next(1);
  Orders();
  plan.NotUnloaded("a", test::At(2));
  plan.LoadFailed("b", test::At(2));
  EXPECT_EQ(StateOf("a"), OrderState::kLoaded);
  Arrive("a", 2);
  EXPECT_EQ(Next(2), "a");
}

TEST_F(ResidencyOrdersTest, WhatIsAskedForOftenIsLoadedAheadOnceTheRareOneIsDone) {
  for (int i = 0; i < 20; ++i) Arrive("often", 0.1 * i);
  Next(2);
  plan.Loaded("often", test::At(3));
  Next(3);
  AnswerAll(4);
  Orders();
  Arrive("rare", 5);
  Next(5);
  EXPECT_EQ(Orders(), "-often +rare");
  plan.Loaded("rare", test::At(6));
  EXPECT_EQ(Next(6), "rare");
  EXPECT_EQ(Orders(), "") << "a call runs on it";
  AnswerAll(7);
  Next(7);
  EXPECT_EQ(Orders(), "-rare +often");
  EXPECT_EQ(plan.last_swap().cause, ResidencyPlan::Cause::kPrefetch);
  plan.Loaded("often", test::At(8));
  Next(8);
  EXPECT_EQ(Orders(), "") << "the rare one stays out";
}

TEST_F(ResidencyOrdersTest, FreeRoomIsFilledWithWhatWasAskedForLately) {
  SetRules(1);
  for (const char* model : {"a", "b"}) {
    Arrive(model, 0);
    Next(0);
    plan.Loaded(model, test::At(0));
    Next(0);
    AnswerAll(0);
  }
  Next(1);
  Orders();
  SetRules(2);
  Next(2);
  EXPECT_EQ(Orders(), "+a");
  plan.Loaded("a", test::At(3));
  plan.Gone("a", test::At(4));
  Next(3600);
  EXPECT_EQ(Orders(), "") << "not after an hour without a call";
}

TEST_F(ResidencyOrdersTest, NothingIsLoadedAheadWhereACallWaitsForALoad) {
  for (int i = 0; i < 20; ++i) Arrive("often", 0);
  Next(0);
  plan.Loaded("often", test::At(1));
  Next(1);
  AnswerAll(2);
  Arrive("rare", 3);
  Next(3);
  Orders();
  plan.Loaded("rare", test::At(4));
  Next(4);
  Arrive("other", 5);
  AnswerAll(6);
  Next(6);
  EXPECT_EQ(Orders(), "-rare +other");
}

// One model's group runs while the next one's is loaded: loads and work overlap.
TEST_F(ResidencyOrdersTest, WithRoomForTwoLoadsOverlapWithWork) {
  SetRules(2);
  constexpr int kModels = 8;
  constexpr double kLoad = 5, kRun = 5;
  for (int i = 0; i < kModels; ++i)
    plan.Arrive({.model = std::to_string(i), .background = true}, test::At(0));
  std::multimap<double, std::function<void(double)>> events;
  double now = 0;
  const auto step = [&] {
    for (const auto id : plan.Next(test::At(now))) {
      events.emplace(now + kRun, [this, id](double then) {
        plan.End(id, ResidencyPlan::Ending::kAnswered, test::At(then));
      });
    }
    for (const auto& order : plan.TakeOrders()) {
      if (order.load.empty()) continue;
      events.emplace(now + kLoad, [this, model = order.load](double then) {
        plan.Loaded(model, test::At(then));
      });
    }
  };
  step();
  while (!events.empty()) {
    now = events.begin()->first;
    const auto happen = events.begin()->second;
    events.erase(events.begin());
    happen(now);
    step();
  }
  EXPECT_EQ(plan.loads(), kModels);
  // One after the other it would be 80; two that overlap need half of that, and one load more.
  EXPECT_LE(now, kModels * std::max(kLoad, kRun) + kLoad);
}

// Whatever comes, room is never given twice, and nothing is unloaded that is being loaded or runs.
TEST_F(ResidencyOrdersTest, RandomCallsNeverExceedTheRoom) {
  std::mt19937_64 random(5);
  SetRules(3, 10);
  const std::map<std::string, std::int64_t> bytes = {{"a", 1}, {"b", 2}, {"c", 3},
                                                     {"d", 4}, {"e", 5}, {"f", 6}};
  std::set<std::string> there, loading;
  std::map<std::string, int> running;
  std::int64_t served = 0;
  for (double now = 0; now < 3000; now += 1) {
    const auto pick = std::next(bytes.begin(), static_cast<long>(random() % bytes.size()));
    if (random() % 2 == 0) Arrive(pick->first, now, pick->second);
    for (const auto id : plan.Next(test::At(now))) {
      ++served;
      going.push_back(id);
      ASSERT_TRUE(there.contains(names[id]) && !loading.contains(names[id])) << names[id];
      ++running[names[id]];
    }
    for (const auto& order : plan.TakeOrders()) {
      for (const std::string& model : order.unload) {
        ASSERT_EQ(running[model], 0) << model;
        ASSERT_FALSE(loading.contains(model)) << model;
        there.erase(model);
      }
      if (order.load.empty()) continue;
      there.insert(order.load);
      loading.insert(order.load);
    }
    std::int64_t taken = 0;
    for (const std::string& model : there) taken += bytes.at(model);
    ASSERT_LE(taken, 10);
    ASSERT_LE(there.size(), 3u);
    for (const std::string& model : std::set<std::string>(loading)) {
      if (random() % 4 != 0) continue;
      loading.erase(model);
      if (random() % 8 == 0) there.erase(model);
      if (there.contains(model)) {
        plan.Loaded(model, test::At(now));
      } else {
        plan.LoadFailed(model, test::At(now));
      }
    }
    while (!going.empty() && random() % 3 != 0) {
      const auto id = going.back();
      going.pop_back();
      --running[names[id]];
      plan.End(id, ResidencyPlan::Ending::kAnswered, test::At(now));
    }
  }
  EXPECT_GT(served, 1000);
}

}  // namespace
}  // namespace moerge
