// Simulated time throughout.
#include "services/calls/residency_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/services/calls/simulated_time.h"

namespace moerge {
namespace {

using CallId = ResidencyPlan::CallId;
using Ending = ResidencyPlan::Ending;
using State = ResidencyPlan::State;
using Cause = ResidencyPlan::Cause;

using test::At;
using test::Lasting;

ResidencyPlan::Rules RulesFor(int slots) {
  ResidencyPlan::Rules rules;
  rules.slots = slots;
  rules.concurrency = 4;
  rules.max_wait = Lasting(30);
  rules.load_guess = Lasting(5);
  return rules;
}

struct ResidencyPlanTest : testing::Test {
  CallId Arrive(std::string_view model, double now, bool background = false,
                std::uint64_t client = 0, std::int64_t bytes = 0) {
    const CallId id = plan.Arrive(
        {.model = model, .bytes = bytes, .background = background, .client = client}, At(now));
    names[id] = model;
    return id;
  }
  // The models of the calls that go.
  std::string Next(double now) {
    std::string text;
    for (const CallId id : plan.Next(At(now))) {
      going.push_back(id);
      text += text.empty() ? "" : " ";
      text += names[id];
    }
    return text;
  }
  void Answer(CallId id, double now) { plan.End(id, Ending::kAnswered, At(now)); }
  // Answers all that go.
  void AnswerAll(double now) {
    for (const CallId id : std::exchange(going, {})) Answer(id, now);
  }
  State StateOf(std::string_view model) {
    for (const auto& view : plan.Models()) {
      if (view.model == model) return view.state;
    }
    ADD_FAILURE() << "no model " << model;
    return State::kOut;
  }

  ResidencyPlan plan{RulesFor(1)};
  std::map<CallId, std::string> names;
  std::vector<CallId> going;
};

TEST_F(ResidencyPlanTest, TheFirstCallLoadsItsModel) {
  Arrive("a", 0);
  EXPECT_EQ(Next(0), "a");
  EXPECT_EQ(StateOf("a"), State::kLoading);
  plan.Ready(going[0], At(7));
  EXPECT_EQ(StateOf("a"), State::kLoaded);
  EXPECT_EQ(plan.Models()[0].load_time, Lasting(7));
  EXPECT_EQ(plan.loads(), 1);
  EXPECT_EQ(plan.swaps(), 0);
}

TEST_F(ResidencyPlanTest, ACallOfALoadedModelGoesAtOnce) {
  Arrive("a", 0);
  Next(0);
  plan.Ready(going[0], At(5));
  Arrive("a", 6);
  EXPECT_EQ(Next(6), "a");
}

TEST_F(ResidencyPlanTest, WhatWaitsForAModelGoesTogetherOnceTheOtherIsIdle) {
  const CallId first = Arrive("a", 0);
  Next(0);
  Arrive("b", 1);
  Arrive("b", 2);
  EXPECT_EQ(Next(2), "");
  Answer(first, 6);
  EXPECT_EQ(Next(6), "b b");
  EXPECT_EQ(StateOf("a"), State::kOut);
  EXPECT_EQ(plan.swaps(), 1);
  EXPECT_EQ(plan.last_swap().loaded, "b");
  EXPECT_EQ(plan.last_swap().evicted, std::vector<std::string>{"a"});
  EXPECT_EQ(plan.last_swap().waiting, 2);
  EXPECT_EQ(plan.last_swap().oldest, Lasting(5));
}

TEST_F(ResidencyPlanTest, NoModelIsEvictedUnderACallHoweverLongOthersWait) {
  Arrive("a", 0);
  Next(0);
  plan.Ready(going[0], At(5));
  Arrive("b", 6);
  for (double now = 6; now < 1000; now += 10) EXPECT_EQ(Next(now), "");
  EXPECT_EQ(StateOf("a"), State::kDraining);
  Arrive("a", 1000);
  EXPECT_EQ(Next(1000), "") << "a draining model takes no more calls";
  Answer(going[0], 1001);
  EXPECT_EQ(Next(1001), "b");
}

// One model that is never idle: what waits for another is loaded in time for its limit.
TEST_F(ResidencyPlanTest, AWaitLimitIsKeptAgainstABusyModel) {
  plan.SetRules(RulesFor(1));
  double begun = -1;
  Arrive("a", 0);
  Next(0);
  plan.Ready(going[0], At(5));
  AnswerAll(5);
  std::vector<std::pair<double, CallId>> running;
  Arrive("b", 10);
  for (double now = 10; now < 100 && begun < 0; now += 0.25) {
    // So many that waiting pays for no swap: only the limit is left.
    for (int i = 0; i < 8; ++i) Arrive("a", now);
    for (auto& [end, id] : running) {
      if (end <= now) Answer(id, now);
    }
    std::erase_if(running, [&](const auto& each) { return each.first <= now; });
    for (const CallId id : plan.Next(At(now))) {
      if (names[id] == "b") begun = now;
      running.emplace_back(now + 1, id);
    }
  }
  EXPECT_GE(begun, 30) << "the limit is 30 s after 10, less a load";
  EXPECT_LE(begun, 10 + 30 + 1.25) << "the limit and one run";
}

// The busy model has few calls, so that a swap costs them little.
TEST_F(ResidencyPlanTest, ASwapComesAsSoonAsItPaysForItself) {
  const CallId busy = Arrive("a", 0);
  Next(0);
  plan.Ready(busy, At(5));
  for (int i = 0; i < 10; ++i) Arrive("b", 6);
  EXPECT_EQ(Next(6), "");
  const auto look = plan.NextLook();
  ASSERT_LT(look, At(30)) << "before the limit";
  for (const CallId id : plan.Next(look)) ADD_FAILURE() << names[id];
  EXPECT_EQ(StateOf("a"), State::kDraining);
  Answer(busy, 8);
  EXPECT_EQ(Next(8), "b b b b") << "the concurrency is 4";
  EXPECT_EQ(plan.last_swap().cause, Cause::kPays);
}

TEST_F(ResidencyPlanTest, AModelDoesNotDrainBeforeWhatWaitedForItHasGone) {
  const CallId first = Arrive("a", 0);
  Next(0);
  for (int i = 0; i < 12; ++i) Arrive("b", 1);
  Answer(first, 6);
  going.clear();
  EXPECT_EQ(Next(6), "b b b b");
  for (int i = 0; i < 100; ++i) Arrive("a", 7);
  AnswerAll(100);  // far beyond the limit of what waits for a
  EXPECT_EQ(Next(100), "b b b b");
  AnswerAll(101);
  EXPECT_EQ(Next(101), "b b b b");
  AnswerAll(102);
  EXPECT_EQ(Next(102), "a a a a");
}

TEST_F(ResidencyPlanTest, DrainingEndsWhenWhoeverItWasForHasLeft) {
  const CallId busy = Arrive("a", 0);
  Next(0);
  plan.Ready(busy, At(5));
  const CallId other = Arrive("b", 6);
  Next(100);
  ASSERT_EQ(StateOf("a"), State::kDraining);
  plan.End(other, Ending::kGivenUp, At(101));
  Arrive("a", 102);
  EXPECT_EQ(Next(102), "a");
  EXPECT_EQ(plan.waiting(), 0);
}

TEST_F(ResidencyPlanTest, TheIdleModelThatIsNeededLeastLeaves) {
  plan.SetRules(RulesFor(2));
  for (int i = 0; i < 5; ++i) {
    Arrive("often", i);
    Next(i);
    AnswerAll(i + 0.5);
  }
  Arrive("seldom", 6);
  Next(6);
  AnswerAll(7);
  Arrive("often", 8);
  Next(8);
  AnswerAll(8.5);
  Arrive("new", 9);
  EXPECT_EQ(Next(9), "new");
  EXPECT_EQ(StateOf("seldom"), State::kOut);
  EXPECT_EQ(StateOf("often"), State::kLoaded);
}

TEST_F(ResidencyPlanTest, MemoryBoundsWhatIsLoadedTogether) {
  ResidencyPlan::Rules rules = RulesFor(10);
  rules.memory = 20;
  plan.SetRules(rules);
  Arrive("small", 0, false, 0, 4);
  Arrive("middle", 0, false, 0, 10);
  EXPECT_EQ(Next(0), "small middle");
  AnswerAll(1);
  Arrive("large", 2, false, 0, 15);
  EXPECT_EQ(Next(2), "large");
  EXPECT_EQ(StateOf("middle"), State::kOut);
  EXPECT_EQ(StateOf("small"), State::kLoaded);
  AnswerAll(3);
  Arrive("too large", 4, false, 0, 100);
  EXPECT_EQ(Next(4), "too large") << "alone, whatever the server makes of it";
  EXPECT_EQ(StateOf("small"), State::kOut);
}

TEST_F(ResidencyPlanTest, AFailedLoadIsLeftAloneForAWhileAndOthersGo) {
  const CallId broken = Arrive("broken", 0);
  Next(0);
  Arrive("fine", 1);
  plan.End(broken, Ending::kFailed, At(2));
  EXPECT_EQ(StateOf("broken"), State::kFailed);
  Arrive("broken", 2);
  EXPECT_EQ(Next(2), "fine");
  EXPECT_EQ(plan.FailedUntil("broken"), At(3));
  AnswerAll(4);
  EXPECT_EQ(Next(4), "broken") << "tried again";
}

TEST_F(ResidencyPlanTest, LoadsThatFailAgainAndAgainAreTriedEverMoreSeldom) {
  double now = 0;
  std::vector<double> waits;
  for (int i = 0; i < 9; ++i) {
    Arrive("broken", now);
    const double from = now;
    while (Next(now).empty()) now += 0.5;
    waits.push_back(now - from);
    plan.End(going.back(), Ending::kFailed, At(now));
  }
  EXPECT_EQ(waits, (std::vector<double>{0, 1, 2, 4, 8, 16, 32, 60, 60}));
  EXPECT_EQ(plan.Models()[0].failed_loads, 9);
}

TEST_F(ResidencyPlanTest, AClientThatLeavesDuringALoadIsNoFailure) {
  const CallId left = Arrive("a", 0);
  Next(0);
  plan.End(left, Ending::kGivenUp, At(1));
  EXPECT_NE(StateOf("a"), State::kFailed);
  Arrive("b", 2);
  EXPECT_EQ(Next(2), "b") << "what is loading for nobody makes room";
}

TEST_F(ResidencyPlanTest, ClientsTakeTurns) {
  const CallId first = Arrive("a", 0, false, 1);
  Next(0);
  plan.Ready(first, At(1));
  for (int i = 0; i < 3; ++i) Arrive("a", 1, false, 1);
  Next(1);
  std::vector<CallId> greedy;
  for (int i = 0; i < 5; ++i) greedy.push_back(Arrive("a", 2, false, 1));
  const CallId modest = Arrive("a", 3, false, 2);
  AnswerAll(4);
  const std::vector<CallId> next = plan.Next(At(4));
  EXPECT_EQ(next.size(), 4u);
  EXPECT_NE(std::ranges::find(next, modest), next.end());
}

TEST_F(ResidencyPlanTest, InteractiveCallsComeBeforeBackgroundOnes) {
  for (int i = 0; i < 6; ++i) Arrive("a", 0, true);
  EXPECT_EQ(Next(0), "a a a a");
  const CallId client = Arrive("b", 1);
  EXPECT_EQ(Next(1), "");
  AnswerAll(3);  // loaded, and the background runs that were under way are over
  EXPECT_EQ(Next(3), "b") << "background calls that still wait hold nothing up";
  Answer(client, 4);
  going.clear();
  EXPECT_EQ(Next(4), "") << "a client may come back: background work waits for as long as a load";
  EXPECT_EQ(plan.NextLook(), At(5));
  EXPECT_EQ(Next(5), "a a");
}

// The offline case: every model is loaded once.
TEST_F(ResidencyPlanTest, ABatchLoadsEachModelOnce) {
  std::mt19937_64 random(3);
  std::map<std::string, int> asked;
  for (int i = 0; i < 2000; ++i) {
    const std::string model = "m" + std::to_string(random() % 16);
    Arrive(model, 0, true);
    ++asked[model];
  }
  double now = 0;
  std::size_t done = 0;
  while (done < 2000) {
    Next(now);
    ASSERT_FALSE(going.empty());
    done += going.size();
    AnswerAll(++now);
  }
  EXPECT_EQ(plan.loads(), static_cast<std::int64_t>(asked.size()));
}

// Lines that ask two experts, and a third one if they differ: what is asked later is of a model
// that is loaded later, if all keep to one order.
TEST_F(ResidencyPlanTest, ABatchWithAnOrderLoadsEachModelOnce) {
  struct Line {
    std::vector<int> models;  // in the order in which they are asked
    std::size_t asked = 0, under_way = 0;
  };
  std::mt19937_64 random(5);
  const auto ask = [&](Line& line, double now, std::map<CallId, Line*>* lines) {
    const int model = line.models[line.asked++];
    ++line.under_way;
    const std::string name = "m" + std::to_string(model);
    lines->emplace(plan.Arrive({.model = name, .background = true, .place = model}, At(now)),
                   &line);
  };
  std::vector<Line> batch(500);
  std::map<CallId, Line*> lines;
  std::set<int> used;
  for (Line& line : batch) {
    std::set<int> drawn;
    while (drawn.size() < 3) drawn.insert(static_cast<int>(random() % 16));
    line.models.assign(drawn.begin(), drawn.end());
    for (int i = 0; i < 2; ++i) used.insert(line.models[i]);
    ask(line, 0, &lines);
    ask(line, 0, &lines);
  }
  for (double now = 0; !lines.empty();) {
    const std::vector<CallId> calls = plan.Next(At(now++));
    ASSERT_FALSE(calls.empty());
    for (const CallId id : calls) {
      Line& line = *lines.extract(id).mapped();
      const bool differ = --line.under_way == 0 && line.asked == 2 && random() % 2 == 0;
      if (differ) {
        used.insert(line.models[2]);
        ask(line, now, &lines);
      }
      plan.End(id, Ending::kAnswered, At(now));
    }
  }
  EXPECT_EQ(plan.loads(), static_cast<std::int64_t>(used.size()));
}

// What is asked of a model again when its turn is over waits for the turns of all others.
TEST_F(ResidencyPlanTest, CallsThatComeLateForAnOrderGather) {
  const auto arrive = [this](std::string_view model, double now, int place) {
    names[plan.Arrive({.model = model, .background = true, .place = place}, At(now))] = model;
  };
  arrive("a", 0, 0);
  EXPECT_EQ(Next(0), "a");
  arrive("b", 0, 1);
  arrive("c", 0, 2);
  AnswerAll(1);
  EXPECT_EQ(Next(1), "b");
  arrive("a", 1, 0);
  AnswerAll(2);
  EXPECT_EQ(Next(2), "c");
  arrive("a", 2, 0);
  AnswerAll(3);
  EXPECT_EQ(Next(3), "a a");
}

// An order says nothing against work that has none.
TEST_F(ResidencyPlanTest, TheBestWorkInTheBackgroundIsFirstWithOrWithoutAnOrder) {
  const auto arrive = [this](std::string_view model, int count, int place) {
    for (int i = 0; i < count; ++i) {
      names[plan.Arrive({.model = model, .background = true, .place = place}, At(0))] = model;
    }
  };
  arrive("busy", 1, ServingOrder::kNoPlace);
  EXPECT_EQ(Next(0), "busy");
  arrive("second", 3, 1);
  arrive("first", 1, 0);
  arrive("alone", 2, ServingOrder::kNoPlace);
  AnswerAll(1);
  EXPECT_EQ(Next(1), "first") << "as good as `second`, before which it comes";
  AnswerAll(2);
  EXPECT_EQ(Next(2), "second second second");
  AnswerAll(3);
  EXPECT_EQ(Next(3), "alone alone");
}

// Whatever happens: nothing is lost, no model is evicted under a call, slots and concurrency hold,
// and whatever waits goes as long as calls end.
TEST(ResidencyPlanRandomTest, NothingIsLostAndNoBoundIsBroken) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937_64 random(seed);
    ResidencyPlan::Rules rules = RulesFor(1 + static_cast<int>(random() % 3));
    rules.memory = random() % 2 == 0 ? 0 : 10;
    ResidencyPlan plan(rules);
    std::map<CallId, std::string> waiting, running;
    double now = 0;
    const auto check = [&] {
      std::map<std::string, int> busy;
      for (const auto& [id, model] : running) ++busy[model];
      int resident = 0;
      for (const auto& view : plan.Models()) {
        const bool in = view.state != State::kOut && view.state != State::kFailed;
        resident += in;
        EXPECT_EQ(view.running, busy[std::string(view.model)]);
        EXPECT_TRUE(view.state != State::kOut || view.running == 0) << view.model;
      }
      EXPECT_LE(resident, rules.slots);
      EXPECT_LE(running.size(), static_cast<std::size_t>(rules.concurrency));
      EXPECT_EQ(plan.waiting(), static_cast<int>(waiting.size()));
    };
    const auto next = [&] {
      for (const CallId id : plan.Next(At(now))) {
        ASSERT_EQ(waiting.count(id), 1u) << "given twice, or never came";
        running.insert(waiting.extract(id));
      }
      check();
    };
    for (int step = 0; step < 300; ++step) {
      now += static_cast<double>(random() % 1000) / 200;
      const auto what = random() % 10;
      if (what < 5 || (waiting.empty() && running.empty())) {
        const std::string model = "m" + std::to_string(random() % 6);
        waiting[plan.Arrive({.model = model,
                             .bytes = static_cast<std::int64_t>(model[1] - '0'),
                             .background = random() % 4 == 0,
                             .client = random() % 3},
                            At(now))] = model;
      } else if (what < 9 && !running.empty()) {
        auto one = std::next(running.begin(), static_cast<long>(random() % running.size()));
        plan.Ready(one->first, At(now));
        plan.End(one->first, Ending(random() % 3), At(now));
        running.erase(one);
      } else if (!waiting.empty()) {
        plan.End(waiting.begin()->first, Ending::kGivenUp, At(now));
        waiting.erase(waiting.begin());
      }
      next();
    }
    for (int round = 0; !waiting.empty() || !running.empty(); ++round) {
      ASSERT_LT(round, 2000) << "something waits for ever, seed " << seed;
      now += 1;
      for (const auto& [id, model] : running) plan.End(id, Ending::kAnswered, At(now));
      running.clear();
      next();
    }
    if (testing::Test::HasFailure()) FAIL() << "seed " << seed;
  }
}

TEST_F(ResidencyPlanTest, WhatWasLoadedWhenIsKept) {
  Arrive("a", 0);
  EXPECT_EQ(Next(0), "a");
  AnswerAll(2);
  Arrive("b", 3);
  EXPECT_EQ(Next(3), "b");
  plan.End(going.back(), Ending::kFailed, At(4));
  const std::vector<ResidencyPlan::Spell> spells = plan.Spells();
  ASSERT_EQ(spells.size(), 4u);
  const auto expect = [&](std::size_t at, std::string_view model, State state, double begun) {
    EXPECT_EQ(spells[at].model, model) << at;
    EXPECT_EQ(spells[at].state, state) << at;
    EXPECT_EQ(spells[at].begun, At(begun)) << at;
  };
  expect(0, "a", State::kLoading, 0);
  expect(1, "a", State::kLoaded, 2);
  expect(2, "b", State::kLoading, 3);
  expect(3, "b", State::kFailed, 4);
  EXPECT_EQ(spells[0].ended, At(2));
  EXPECT_EQ(spells[1].ended, At(3));
  EXPECT_EQ(spells[3].ended, ResidencyPlan::Time{}) << "it goes on";
  EXPECT_EQ(spells[0].load.cause, Cause::kRoom);
  EXPECT_EQ(spells[2].load.evicted, std::vector<std::string>{"a"});
}

TEST_F(ResidencyPlanTest, OnlyTheNewestOfManySpellsAreKept) {
  double now = 0;
  for (std::size_t turn = 0; turn < ResidencyPlan::kSpellsKept; ++turn) {
    Arrive(turn % 2 == 0 ? "a" : "b", now);
    Next(now);
    AnswerAll(now += 1);
  }
  const std::vector<ResidencyPlan::Spell> spells = plan.Spells();
  EXPECT_EQ(spells.size(), ResidencyPlan::kSpellsKept + 1);
  EXPECT_EQ(spells.back().begun, At(now));
  EXPECT_EQ(spells.front().ended, At(now / 2)) << "older ones are forgotten";
}

}  // namespace
}  // namespace moerge
