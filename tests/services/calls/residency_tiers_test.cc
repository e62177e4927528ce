// Models that sleep in the host's memory between their turns. Simulated time throughout.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/calls/residency_plan.h"
#include "tests/services/calls/simulated_time.h"

namespace moerge {
namespace {

using Tier = ResidencyPlan::Tier;

constexpr double kLoadSeconds = 20;
constexpr double kWakeSeconds = 2;

// One device for one model of 10 bytes. Servers are simulated: a load takes kLoadSeconds from the
// disk, kWakeSeconds from the host's memory.
struct ResidencyTiersTest : testing::Test {
  void SetRules(std::int64_t host_memory, int slots = 1) {
    ResidencyPlan::Rules rules;
    rules.slots = slots;
    rules.host_memory = host_memory;
    rules.on_order = true;
    rules.prefetch = false;
    plan.SetRules(rules);
  }
  void Learn(const std::vector<std::string>& models, bool sleeps = true) {
    for (const std::string& model : models) plan.Learn(model, 10, sleeps);
  }
  // A call comes and is answered; what was ordered: "-a" to the disk, "~a" to the host's memory,
  // "!a" from there to the disk, "+a" loaded from the disk, "^a" from the host's memory.
  std::string Call(const std::string& model) {
    const auto id = plan.Arrive({.model = model, .bytes = 10, .sleeps = sleeps}, test::At(now));
    std::vector<ResidencyPlan::CallId> going = plan.Next(test::At(now));
    std::string text;
    for (const auto& order : plan.TakeOrders()) {
      text += Written(order);
      if (order.load.empty()) continue;
      const bool wakes = order.from == Tier::kHost;
      now += wakes ? kWakeSeconds : kLoadSeconds;
      taken = plan.Loaded(order.load, test::At(now));
      going = plan.Next(test::At(now));
    }
    EXPECT_TRUE(std::ranges::find(going, id) != going.end()) << model << ": " << text;
    now += 0.1;
    plan.End(id, ResidencyPlan::Ending::kAnswered, test::At(now));
    return text;
  }
  static std::string Written(const ResidencyPlan::Order& order) {
    std::string text;
    const auto add = [&](std::string_view sign, const std::string& model) {
      text.append(text.empty() ? "" : " ").append(sign).append(model);
    };
    for (const std::string& model : order.unload) add("-", model);
    for (const std::string& model : order.sleep) add("~", model);
    for (const std::string& model : order.drop) add("!", model);
    if (!order.load.empty()) add(order.from == Tier::kHost ? "^" : "+", order.load);
    return text;
  }
  ResidencyPlan::ModelView View(std::string_view model) const {
    for (const auto& view : plan.Models()) {
      if (view.model == model) return view;
    }
    return {};
  }
  static double InSeconds(ResidencyPlan::Duration time) {
    return std::chrono::duration<double>(time).count();
  }

  ResidencyPlan plan{ResidencyPlan::Rules{}};
  bool sleeps = true;
  double now = 0;
  std::optional<ResidencyPlan::LoadTaken> taken;
};

TEST_F(ResidencyTiersTest, WhatLeavesSleepsInTheHostsMemoryAndWakesFromThere) {
  SetRules(10);
  Learn({"a", "b"});
  EXPECT_EQ(Call("a"), "+a") << "where it is is not known: the disk";
  EXPECT_EQ(Call("b"), "~a +b");
  EXPECT_EQ(View("a").tier, Tier::kHost);
  EXPECT_EQ(View("b").tier, Tier::kDevice);
  EXPECT_EQ(plan.HostBytes(), 10);
  EXPECT_EQ(Call("a"), "~b ^a") << "they change places";
  EXPECT_EQ(taken->from, Tier::kHost);
  EXPECT_EQ(plan.last_swap().from, Tier::kHost);
  EXPECT_EQ(plan.InTiers(), (std::array<int, 3>{0, 1, 1}));
}

TEST_F(ResidencyTiersTest, LoadsFromEachTierHaveTheirOwnTime) {
  SetRules(10);
  Learn({"a", "b"});
  for (int i = 0; i < 3; ++i) {
    Call("a");
    Call("b");
  }
  EXPECT_NEAR(InSeconds(View("a").load_time), kLoadSeconds, 1e-6);
  EXPECT_NEAR(InSeconds(View("a").wake_time), kWakeSeconds, 1e-6);
  EXPECT_NEAR(InSeconds(plan.LeastWait("a", test::At(now))), kWakeSeconds, 1e-6);
  EXPECT_NEAR(InSeconds(plan.ExpectedWait("a", test::At(now))), kWakeSeconds, 0.2);
  plan.Gone("b", test::At(now));
  EXPECT_EQ(View("b").tier, Tier::kDisk)
      << "somebody else put it to sleep, perhaps without weights";
  EXPECT_NEAR(InSeconds(plan.LeastWait("b", test::At(now))), kLoadSeconds, 1e-6);
}

TEST_F(ResidencyTiersTest, WhatHasNoRoomThereGoesToTheDisk) {
  SetRules(9);
  Learn({"a", "b"});
  Call("a");
  EXPECT_EQ(Call("b"), "-a +b") << "it takes more than there is";
  EXPECT_EQ(View("a").tier, Tier::kDisk);
  EXPECT_EQ(plan.HostBytes(), 0);
}

TEST_F(ResidencyTiersTest, TheOneThatIsMissedLeastMakesRoomThere) {
  SetRules(10);
  Learn({"rare", "often", "other"});
  Call("rare");
  for (int i = 0; i < 5; ++i) Call("often");
  EXPECT_EQ(View("rare").tier, Tier::kHost);
  EXPECT_EQ(Call("other"), "~often !rare +other");
  EXPECT_EQ(View("rare").tier, Tier::kDisk);
  EXPECT_EQ(View("often").tier, Tier::kHost);
  EXPECT_EQ(Call("rare"), "-other +rare") << "one that is asked for less often is not worth it";
  EXPECT_EQ(View("often").tier, Tier::kHost);
  EXPECT_LE(plan.HostBytes(), 10);
}

TEST_F(ResidencyTiersTest, WhatIsWaitedForIsNotDropped) {
  SetRules(10, 1);
  Learn({"a", "b", "c"});
  Call("a");
  for (int i = 0; i < 5; ++i) Call("b");
  ASSERT_EQ(View("a").tier, Tier::kHost);
  plan.Arrive({.model = "c", .bytes = 10, .sleeps = true}, test::At(now));
  plan.Arrive({.model = "c", .bytes = 10, .sleeps = true}, test::At(now));
  plan.Arrive({.model = "a", .bytes = 10, .sleeps = true, .background = true}, test::At(now));
  (void)plan.Next(test::At(now));
  const auto orders = plan.TakeOrders();
  ASSERT_EQ(orders.size(), 1u);
  EXPECT_EQ(Written(orders[0]), "-b +c");
}

// It passes over the device: there has to be room for it.
TEST_F(ResidencyTiersTest, WhatHasNoRoomOnTheDeviceIsNotDropped) {
  ResidencyPlan::Rules rules;
  rules.slots = 2;
  rules.memory = 20;
  rules.host_memory = 15;
  rules.on_order = true;
  rules.prefetch = false;
  plan.SetRules(rules);
  plan.Learn("large", 15, true);
  plan.Learn("small", 5, true);
  plan.Learn("busy", 10, true);
  plan.Learn("new", 5, true);
  const auto call = [&](const std::string& model, std::int64_t bytes) {
    const auto id = plan.Arrive({.model = model, .bytes = bytes, .sleeps = true}, test::At(now));
    (void)plan.Next(test::At(now));
    std::string text;
    for (const auto& order : plan.TakeOrders()) {
      text += (text.empty() ? "" : " ") + Written(order);
      now += kLoadSeconds;
      if (!order.load.empty()) plan.Loaded(order.load, test::At(now));
    }
    (void)plan.Next(test::At(now));
    return std::pair(id, text);
  };
  const auto end = [&](ResidencyPlan::CallId id) {
    plan.End(id, ResidencyPlan::Ending::kAnswered, test::At(now));
  };
  end(call("large", 15).first);
  const auto busy = call("busy", 10);
  EXPECT_EQ(busy.second, "~large +busy");
  for (int i = 0; i < 5; ++i) end(call("small", 5).first);
  EXPECT_EQ(call("new", 5).second, "-small +new")
      << "5 are free beside the busy one: the large one cannot pass";
  EXPECT_EQ(View("large").tier, Tier::kHost);
}

TEST_F(ResidencyTiersTest, WithoutABoundEverythingSleepsThere) {
  SetRules(0);
  Learn({"a", "b", "c"});
  EXPECT_EQ(Call("a"), "^a") << "whoever put it to sleep kept its weights";
  EXPECT_EQ(Call("b"), "~a ^b");
  EXPECT_EQ(Call("c"), "~b ^c");
  EXPECT_EQ(Call("a"), "~c ^a");
}

TEST_F(ResidencyTiersTest, WhatCannotSleepGoesToTheDisk) {
  SetRules(0);
  sleeps = false;
  Learn({"a", "b"}, false);
  EXPECT_EQ(Call("a"), "+a");
  EXPECT_EQ(Call("b"), "-a +b");
  EXPECT_EQ(Call("a"), "-b +a");
}

TEST_F(ResidencyTiersTest, OneThatNobodyAsksForAnyMoreKeepsNoMemory) {
  SetRules(0);
  Learn({"a"});
  Call("a");
  plan.Retire("a");
  (void)plan.Next(test::At(now));
  const auto orders = plan.TakeOrders();
  ASSERT_EQ(orders.size(), 1u);
  EXPECT_EQ(Written(orders[0]), "-a");
}

// A wake that failed has begun nobody knows what.
TEST_F(ResidencyTiersTest, AfterAFailedWakeWeightsAreReadAgain) {
  SetRules(10);
  Learn({"a", "b"});
  Call("a");
  Call("b");
  plan.Arrive({.model = "a", .bytes = 10, .sleeps = true}, test::At(now));
  (void)plan.Next(test::At(now));
  EXPECT_EQ(Written(plan.TakeOrders().at(0)), "~b ^a");
  plan.LoadFailed("a", test::At(now));
  now += 2;
  (void)plan.Next(test::At(now));
  EXPECT_EQ(Written(plan.TakeOrders().at(0)), "+a");
}

TEST_F(ResidencyTiersTest, WhatCouldNotBeDroppedIsThereStill) {
  SetRules(10);
  Learn({"rare", "often", "other"});
  Call("rare");
  for (int i = 0; i < 5; ++i) Call("often");
  ASSERT_EQ(Call("other"), "~often !rare +other");
  plan.NotDropped("rare");
  EXPECT_EQ(View("rare").tier, Tier::kHost);
  EXPECT_EQ(plan.HostBytes(), 20);
}

// Whatever is asked for, and whatever fails: at rest no more sleeps there than has room, a model is
// where the plan says, and what is dropped had room on its device.
TEST_F(ResidencyTiersTest, WhateverComesTheHostsMemoryHoldsWhatItHasRoomFor) {
  constexpr std::int64_t kDevice = 20;
  constexpr std::int64_t kHost = 25;
  ResidencyPlan::Rules rules;
  rules.slots = 3;
  rules.memory = kDevice;
  rules.host_memory = kHost;
  rules.on_order = true;
  plan.SetRules(rules);
  std::mt19937 random(7);
  const std::vector<std::int64_t> sizes = {5, 5, 8, 10, 12, 20};
  std::map<std::string, Tier> at;
  std::map<std::string, std::int64_t> bytes;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const std::string model(1, static_cast<char>('a' + i));
    at[model] = Tier::kDisk;
    bytes[model] = sizes[i];
    plan.Learn(model, sizes[i], true);
  }
  const auto in = [&](Tier tier) {
    std::int64_t sum = 0;
    for (const auto& [model, where] : at) sum += where == tier ? bytes[model] : 0;
    return sum;
  };
  std::vector<ResidencyPlan::CallId> running;
  int dropped = 0, woken = 0, read = 0;
  for (int step = 0; step < 20'000; ++step) {
    now += 0.5;
    const auto skewed = std::min(random() % 6, random() % 6);
    const std::string model(1, static_cast<char>('a' + skewed));
    if (random() % 2 == 0) {
      plan.Arrive({.model = model, .bytes = bytes[model], .sleeps = true}, test::At(now));
    }
    const auto go = [&] {
      for (const auto id : plan.Next(test::At(now))) running.push_back(id);
    };
    go();
    for (const auto& order : plan.TakeOrders()) {
      for (const std::string& each : order.unload) at[each] = Tier::kDisk;
      for (const std::string& each : order.sleep) at[each] = Tier::kHost;
      for (const std::string& each : order.drop) {
        ASSERT_EQ(at[each], Tier::kHost);
        ASSERT_LE(in(Tier::kDevice) + bytes[each], kDevice) << "it passes over the device";
        at[each] = Tier::kDisk;
        ++dropped;
      }
      if (order.load.empty()) continue;
      ASSERT_EQ(at[order.load], order.from) << order.load;
      ++(order.from == Tier::kHost ? woken : read);
      now += order.from == Tier::kHost ? kWakeSeconds : kLoadSeconds;
      if (random() % 20 == 0) {
        at[order.load] = Tier::kDisk;
        plan.LoadFailed(order.load, test::At(now));
        continue;
      }
      at[order.load] = Tier::kDevice;
      plan.Loaded(order.load, test::At(now));
      ASSERT_LE(in(Tier::kDevice), kDevice);
    }
    ASSERT_LE(in(Tier::kHost), kHost);
    ASSERT_EQ(plan.HostBytes(), in(Tier::kHost));
    go();
    while (!running.empty() && random() % 3 != 0) {
      plan.End(running.back(), ResidencyPlan::Ending::kAnswered, test::At(now));
      running.pop_back();
    }
  }
  EXPECT_GT(dropped, 10);
  EXPECT_GT(woken, 10);
  EXPECT_GT(read, 10);
}

// What leaves the device is the one that comes back soonest, from where it would go.
TEST_F(ResidencyTiersTest, WhoLeavesIsDecidedByTheTimeFromWhereItWouldGo) {
  SetRules(10, 2);
  plan.Learn("sleeper", 10, true);
  plan.Learn("reader", 10, false);
  Learn({"third"}, true);
  for (int i = 0; i < 3; ++i) {  // the same work
    Call("sleeper");
    sleeps = false;
    Call("reader");
    sleeps = true;
  }
  EXPECT_EQ(Call("third"), "~sleeper +third") << "a second of it is missed, twenty of the other";
}

}  // namespace
}  // namespace moerge
