#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "registry/job_store.h"
#include "registry/registry.h"
#include "registry/store.h"
#include "registry/store_thread.h"
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
std::size_t KillAfter(std::size_t count, const std::string& url,
                      void (*work)(const std::string&, int) = ApplyUntilKilled) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) work(url, ends[1]);
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

// Writes decisions for ever, in groups, and a byte for each group that returned Ok.
[[noreturn]] void AddUntilKilled(const std::string& url, int acknowledge) {
  auto store = OpenStore(url);
  if (!store.ok()) _exit(1);
  for (int i = 0;; i += 10) {
    std::vector<DecisionRecord> group;
    for (int j = 0; j < 10; ++j) {
      group.push_back(testing::MakeDecision(i + j, std::chrono::system_clock::now()));
    }
    if (!(*store)->decisions().Add(group).ok()) _exit(1);
    if (::write(acknowledge, "+", 1) != 1) _exit(1);
  }
}

TEST(Durability, DecisionsTheirBlocksAndTheirSumsSurviveAKillTogether) {
  const testing::TempFolder folder;
  const std::string url = "sqlite:" + folder.File("moerge.db");
  const std::size_t groups = KillAfter(120, url, AddUntilKilled);
  auto store = OpenStore(url);
  ASSERT_TRUE(store.ok()) << store.error().message;
  std::size_t kept = 0;
  DecisionFilter filter;
  filter.since = WallTime();  // through the blocks
  filter.limit = 1000;
  for (auto page = (*store)->decisions().List(filter); page.ok() && !page->empty();
       page = (*store)->decisions().List(filter)) {
    kept += page->size();
    filter.before_id = page->back().id;
  }
  EXPECT_GE(kept, 10 * groups);
  EXPECT_EQ(kept % 10, 0u);
  std::int64_t summed = 0;
  const auto usage = (*store)->decisions().Usage({});
  for (const UsageRow& row : *usage) summed += row.sums.requests;
  EXPECT_EQ(static_cast<std::size_t>(summed), kept);
  EXPECT_TRUE((*store)->decisions().Add({testing::MakeDecision(1, WallTime())}).ok());
}

// Adds an expert to the backend for as long as there is one. In a process of its own.
int RaceForTheBackend(const std::string& url, int begin, bool adds) {
  Metrics metrics;
  StoreThread thread(*OpenStore(url), metrics);
  Registry registry(thread);
  if (!registry.Start({}).ok()) return 1;
  char byte;
  if (::read(begin, &byte, 1) != 0) return 2;  // until the parent closes its end
  for (int i = 0; i < 30; ++i) {
    StoreChange there;
    there.put_backends = {testing::MakeBackend("gpu")};
    if (adds) there.put_experts = {testing::MakeExpert("mine")};
    StoreChange gone;
    gone.remove_backends = {"gpu"};
    (void)registry.ChangeAndWait(adds || i % 2 == 0 ? there : gone);
    StoreChange expert_gone;
    expert_gone.remove_experts = {"mine"};
    if (i % 3 == 0) (void)registry.ChangeAndWait(expert_gone);
  }
  return 0;
}

TEST(Durability, TwoProcessesThatRaceLeaveAStoreThatStarts) {
  const testing::TempFolder folder;
  const std::string url = "sqlite:" + folder.File("moerge.db");
  ASSERT_TRUE(OpenStore(url).ok());
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  pid_t children[2];
  for (int i = 0; i < 2; ++i) {
    children[i] = ::fork();
    if (children[i] != 0) continue;
    ::close(ends[1]);
    ::_exit(RaceForTheBackend(url, ends[0], i == 0));
  }
  ::close(ends[0]);
  ::close(ends[1]);
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
  }
  Metrics metrics;
  StoreThread thread(*OpenStore(url), metrics);
  Registry registry(thread);
  const Status started = registry.Start({});
  EXPECT_TRUE(started.ok()) << started.error().message;
  EXPECT_GE(registry.Current()->revision, 30u);
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

// Claims jobs for ever, each for ten milliseconds, and finishes every other one; a byte for each
// that it has finished.
[[noreturn]] void WorkUntilKilled(const std::string& url, int acknowledge) {
  auto store = OpenStore(url);
  if (!store.ok()) _exit(1);
  const std::string owner = std::to_string(::getpid());
  for (int i = 0;; ++i) {
    const WallTime now = std::chrono::system_clock::now();
    JobClaim claim;
    claim.kind = "batch";
    claim.owner = owner;
    claim.now = now;
    claim.until = now + std::chrono::milliseconds(10);
    auto job = (*store)->jobs().Claim(claim);
    if (!job.ok()) _exit(1);
    if (!job->has_value() || i % 2 == 0) continue;
    (*job)->open = false;
    const auto kept = (*store)->jobs().Keep(**job);
    if (!kept.ok()) _exit(1);
    if (kept->has_value() && ::write(acknowledge, "+", 1) != 1) _exit(1);
  }
}

TEST(Durability, JobsThatAKilledProcessHeldAreDoneByAnother) {
  const testing::TempFolder folder;
  const std::string url = "sqlite:" + folder.File("moerge.db");
  constexpr int kJobs = 100;
  {
    auto store = OpenStore(url);
    ASSERT_TRUE(store.ok());
    for (int i = 0; i < kJobs; ++i) {
      JobRecord job{.kind = "batch", .id = std::to_string(1000 + i), .created = {}, .open = true};
      ASSERT_TRUE((*store)->jobs().Add(job).ok());
    }
  }
  const std::size_t first = KillAfter(20, url, WorkUntilKilled);
  auto store = OpenStore(url);
  ASSERT_TRUE(store.ok());
  const auto open = [&] {
    std::size_t count = 0;
    const auto jobs = (*store)->jobs().List({.kind = "batch", .limit = 1000});
    for (const JobRecord& job : *jobs) {
      count += job.open;
    }
    return count;
  };
  // The one under way may have been finished without a word.
  EXPECT_LE(open(), kJobs - first);
  EXPECT_GE(open() + 1, kJobs - first);
  const std::size_t left = open();
  const std::size_t second = KillAfter(left, url, WorkUntilKilled);
  EXPECT_EQ(second, left) << "none twice";
  EXPECT_EQ(open(), 0u);
}

}  // namespace
}  // namespace moerge
