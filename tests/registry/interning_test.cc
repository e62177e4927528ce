#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "registry/registry.h"

namespace moerge {
namespace {

TEST(Interning, TheSameNameIsTheSameIdForEver) {
  const ExpertId first = InternExpert("interning-a");
  const ExpertId other = InternExpert("interning-b");
  EXPECT_NE(first, other);
  EXPECT_EQ(InternExpert(std::string("interning-a")), first);
  EXPECT_EQ(NameOf(first), "interning-a");
}

TEST(Interning, ExpertsAndSkillsDoNotShareNumbers) {
  const SkillId skill = InternSkill("interning-only-a-skill");
  EXPECT_EQ(NameOf(skill), "interning-only-a-skill");
  EXPECT_NE(NameOf(ExpertId{Raw(skill)}), "interning-only-a-skill");
}

TEST(Interning, AnUnknownNumberHasNoName) { EXPECT_EQ(NameOf(SkillId{4'000'000'000u}), ""); }

TEST(Interning, NamesStayWhereTheyAreWhileThousandsFollow) {
  const SkillId first = InternSkill("interning-stays");
  const std::string_view name = NameOf(first);
  for (int i = 0; i < 5'000; ++i) InternSkill("interning-more-" + std::to_string(i));
  EXPECT_EQ(NameOf(first).data(), name.data());
}

TEST(Interning, ThreadsThatRaceForANameAgree) {
  constexpr int kNames = 3'000;
  std::vector<std::vector<ExpertId>> seen(4);
  std::vector<std::thread> threads;
  for (auto& ids : seen) {
    threads.emplace_back([&ids] {
      for (int i = 0; i < kNames; ++i) {
        const std::string name = "race-" + std::to_string(i);
        ids.push_back(InternExpert(name));
        EXPECT_EQ(NameOf(ids.back()), name);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& ids : seen) EXPECT_EQ(ids, seen[0]);
}

}  // namespace
}  // namespace moerge
