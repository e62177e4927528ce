// Which of several devices each model is on. Simulated time throughout.
#include "services/calls/placement.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/services/calls/simulated_time.h"

namespace moerge {
namespace {

using Items = std::vector<Placement::Item>;

// The least that the busiest device can have, each item on as many devices as in `like`.
double BestBusiest(const Items& items, const Placement::Places& like, int devices) {
  Placement::Places places(items.size());
  double best = 1e300;
  const auto place = [&](auto& self, std::size_t i) -> void {
    if (i == items.size()) {
      best = std::min(best, Placement::Busiest(items, places, devices));
      return;
    }
    for (unsigned set = 1; set < 1U << devices; ++set) {
      places[i].clear();
      for (int device = 0; device < devices; ++device) {
        if (set >> device & 1U) places[i].push_back(device);
      }
      if (places[i].size() == like[i].size()) self(self, i + 1);
    }
  };
  place(place, 0);
  return best;
}

TEST(PlacementSpread, IsWithinFourThirdsOfTheBest) {
  std::mt19937_64 random(3);
  std::exponential_distribution<double> work(1);
  for (int round = 0; round < 400; ++round) {
    const int devices = 2 + round % 2;
    Items items(3 + random() % 5);
    for (Placement::Item& item : items) item.work = work(random);
    // Rounds with room for no more than one of each, and with room for more.
    const int slots = round % 4 < 2 ? static_cast<int>(items.size()) : 100;
    const Placement::Places places = Placement::Spread(items, {.devices = devices, .slots = slots});
    const double got = Placement::Busiest(items, places, devices);
    const double best = BestBusiest(items, places, devices);
    EXPECT_LE(got, (4.0 / 3 - 1.0 / (3 * devices)) * best + 1e-9) << round;
  }
}

TEST(PlacementSpread, NoDeviceGetsMoreThanItHasRoomForWhereAllFit) {
  std::mt19937_64 random(5);
  std::exponential_distribution<double> work(1);
  for (int round = 0; round < 300; ++round) {
    const Placement::Rules rules{.devices = 2 + round % 3, .slots = 1 + round % 4};
    Items items(1 + random() % static_cast<std::size_t>(rules.devices * rules.slots));
    for (Placement::Item& item : items) item.work = work(random);
    std::map<int, int> models;
    for (const auto& places : Placement::Spread(items, rules)) {
      EXPECT_EQ(std::set<int>(places.begin(), places.end()).size(), places.size());
      for (const int device : places) ++models[device];
    }
    for (const auto& [device, count] : models) EXPECT_LE(count, rules.slots) << round;
  }
}

TEST(PlacementSpread, WhatIsTooMuchForOneDeviceIsOnSeveralIfThereIsRoom) {
  const Items items = {{9, 10}, {1, 10}, {1, 10}, {1, 10}};
  const auto places = [&](int slots, std::int64_t memory) {
    return Placement::Spread(items, {.devices = 3, .slots = slots, .memory = memory})[0].size();
  };
  EXPECT_EQ(places(10, 0), 3u);
  EXPECT_EQ(places(2, 0), 3u) << "six places for four models";
  EXPECT_EQ(places(1, 0), 1u) << "others would have to leave for it";
  EXPECT_EQ(places(10, 17), 2u) << "51 bytes for 40";
}

struct PlacementTest : testing::Test {
  int Begin(std::string_view model, double now) {
    return placement.Begin(model, 0, usable, test::At(now));
  }
  // A call that takes so long of its device.
  int Call(std::string_view model, double seconds, double now) {
    const int device = Begin(model, now);
    placement.End(model, device, seconds, test::At(now));
    return device;
  }
  Placement placement{{.devices = 2, .slots = 2}};
  std::vector<bool> usable{true, true};
};

TEST_F(PlacementTest, WithoutWorkModelsAreSpreadByNumber) {
  EXPECT_EQ(Call("a", 0, 0), 0);
  EXPECT_EQ(Call("b", 0, 0), 1);
  EXPECT_EQ(Call("c", 0, 0), 0);
  EXPECT_EQ(Call("d", 0, 0), 1);
  EXPECT_EQ(Call("a", 0, 1), 0) << "it stays";
}

TEST_F(PlacementTest, HotModelsMoveApartOnceThatIsClearlyBetter) {
  for (const char* model : {"hot", "cold", "warm", "cool"}) Call(model, 0, 0);
  ASSERT_EQ(placement.DevicesOf("hot"), placement.DevicesOf("warm"));
  for (int i = 1; i < 25; ++i) {
    Call("hot", 30, i);
    Call("warm", 27, i);
    Call("cold", 3, i);
  }
  EXPECT_EQ(placement.DevicesOf("hot"), placement.DevicesOf("warm")) << "it is not looked yet";
  Call("hot", 30, 31);
  EXPECT_NE(placement.DevicesOf("hot"), placement.DevicesOf("warm"));
  const auto hot = placement.DevicesOf("hot");
  for (int i = 32; i < 300; ++i) {
    Call("hot", 30, i);
    Call("warm", 28 + 3 * (i % 2), i);
  }
  EXPECT_EQ(placement.DevicesOf("hot"), hot) << "what is as good does not move";
}

TEST_F(PlacementTest, WhereHardlyAnyCallIsUnderWayNothingMoves) {
  for (const char* model : {"hot", "cold", "warm", "cool"}) Call(model, 0, 0);
  for (int i = 1; i < 2000; i += 5) {
    Call("hot", 1.5, i);
    Call("warm", 1.5, i);
  }
  EXPECT_EQ(placement.DevicesOf("hot"), placement.DevicesOf("warm"))
      << "0.6 calls at once on average";
}

TEST_F(PlacementTest, OfAModelOnTwoDevicesCallsGoWhereFewerRun) {
  for (int i = 0; i < 32; ++i) Call("hot", 30, i);
  ASSERT_EQ(placement.DevicesOf("hot").size(), 2u);
  const int first = Begin("hot", 40);
  const int second = Begin("hot", 40);
  EXPECT_NE(first, second);
  placement.End("hot", second, 1, test::At(41));
  EXPECT_EQ(Begin("hot", 41), second);
}

TEST_F(PlacementTest, WhereAModelCannotBeLoadedAnotherDeviceTakesItsCalls) {
  const int home = Call("a", 1, 0);
  usable[static_cast<std::size_t>(home)] = false;
  EXPECT_EQ(Call("a", 1, 1), 1 - home);
  usable = {false, false};
  EXPECT_EQ(Call("a", 1, 2), home) << "it is as good as any";
  usable = {true, true};
  EXPECT_EQ(Call("a", 1, 3), home) << "it has not moved";
}

}  // namespace
}  // namespace moerge
