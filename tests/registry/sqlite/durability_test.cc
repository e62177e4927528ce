#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "registry/store.h"
#include "tests/registry/support.h"

namespace moerge {
namespace {

using testing::MakeSkill;

// Makes changes for ever, each of two skills, and writes a byte for each that returned Ok.
[[noreturn]] void ApplyUntilKilled(const std::string& url, int acknowledge) {
  auto store = OpenStore(url);
  if (!store.ok()) _exit(1);
  for (int i = 0;; ++i) {
    StoreChange change;
    change.put_skills = {MakeSkill("a" + std::to_string(i)), MakeSkill("b" + std::to_string(i))};
    change.put_evidence = {{"x", "a" + std::to_string(i), 1, 1, "s", {}}};
    if (!testing::ApplyTo(**store, change).ok()) _exit(1);
    if (::write(acknowledge, "+", 1) != 1) _exit(1);
  }
}

// How many changes were acknowledged before the process was killed in the middle of its work.
std::size_t KillAfter(std::size_t count, const std::string& url) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) ApplyUntilKilled(url, ends[1]);
  ::close(ends[1]);
  std::size_t acknowledged = 0;
  char byte;
  while (acknowledged < count && ::read(ends[0], &byte, 1) == 1) ++acknowledged;
  ::kill(child, SIGKILL);
  while (::read(ends[0], &byte, 1) == 1) ++acknowledged;
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status));
  return acknowledged;
}

TEST(Durability, WhatWasAcknowledgedSurvivesAKill) {
  const testing::TempFolder folder;
  const std::string url = "sqlite:" + folder.File("moerge.db");
  const std::size_t acknowledged = KillAfter(25, url);
  ASSERT_GE(acknowledged, 25u);
  auto store = OpenStore(url);
  ASSERT_TRUE(store.ok()) << store.error().message;
  const auto state = (*store)->registry().Load();
  ASSERT_TRUE(state.ok()) << state.error().message;
  // The one under way may have made it without a word; if so, whole.
  EXPECT_GE(state->revision, acknowledged);
  EXPECT_LE(state->revision, acknowledged + 1);
  EXPECT_EQ(state->skills.size(), 2 * state->revision);
  EXPECT_EQ(state->evidence.cells(), state->revision);
}

TEST(Durability, ASecondProcessSeesWhatTheFirstWrote) {
  const testing::TempFolder folder;
  const std::string url = "sqlite:" + folder.File("moerge.db");
  auto first = OpenStore(url);
  auto second = OpenStore(url);
  ASSERT_TRUE(first.ok() && second.ok());
  StoreChange change;
  change.put_evidence = {{"x", "law", 1, 2, "s", {}}};
  ASSERT_TRUE(testing::ApplyTo(**first, change).ok());
  // Both add the same new name to the dictionary, which the other does not know yet.
  change.put_evidence = {{"y", "law", 1, 2, "s", {}}};
  ASSERT_TRUE(testing::ApplyTo(**second, change).ok());
  const auto revision = testing::ApplyTo(**first, change);
  ASSERT_TRUE(revision.ok()) << revision.error().message;
  EXPECT_EQ(*revision, 3u);
  EXPECT_EQ((*first)->registry().Load()->evidence.cells(), 2u);
}

}  // namespace
}  // namespace moerge
