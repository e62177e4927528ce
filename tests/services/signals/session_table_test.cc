#include "services/signals/session_table.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

#include "registry/registry.h"

namespace moerge {
namespace {

using std::chrono::seconds;

const SessionTable::Time kStart{seconds(1000)};

SessionKey KeyOf(std::string_view id, std::string_view api_key = "k") {
  RequestText text;
  text.user = "hi";
  return *SessionKeyOf({api_key, "p", id, SessionKeySource::kAuto}, text);
}

TEST(SessionTable, CountsTurnsAndSwitches) {
  Metrics metrics;
  SessionTable table(metrics);
  const ExpertId ada = InternExpert("ada");
  const ExpertId bob = InternExpert("bob");
  EXPECT_FALSE(table.Find(KeyOf("1"), kStart, seconds(10)));
  for (const ExpertId expert : {ada, ada, bob, bob, ada}) {
    table.Answered(KeyOf("1"), expert, false, kStart);
  }
  const auto session = table.Find(KeyOf("1"), kStart, seconds(10));
  ASSERT_TRUE(session);
  EXPECT_EQ(session->expert, ada);
  EXPECT_EQ(session->turns, 5);
  EXPECT_EQ(session->switches, 2);
  table.Answered(KeyOf("1"), bob, true, kStart);
  EXPECT_EQ(table.Find(KeyOf("1"), kStart, seconds(10))->turns, 1);
}

TEST(SessionTable, ForgetsWhatIsIdle) {
  Metrics metrics;
  SessionTable table(metrics);
  table.Answered(KeyOf("1"), InternExpert("ada"), false, kStart);
  EXPECT_TRUE(table.Find(KeyOf("1"), kStart + seconds(10), seconds(10)));
  EXPECT_FALSE(table.Find(KeyOf("1"), kStart + seconds(11), seconds(10)));
  EXPECT_NE(metrics.Text().find("\nmoerge_sessions 0"), std::string::npos);
}

TEST(SessionTable, HoldsNoMoreThanItsCapacity) {
  Metrics metrics;
  SessionTable table(metrics, 160);
  for (int i = 0; i < 5000; ++i) {
    table.Answered(KeyOf(std::to_string(i)), InternExpert("ada"), false, kStart);
  }
  int known = 0;
  for (int i = 0; i < 5000; ++i)
    known += table.Find(KeyOf(std::to_string(i)), kStart, seconds(1)).has_value();
  EXPECT_EQ(known, 160);
  EXPECT_TRUE(table.Find(KeyOf("4999"), kStart, seconds(1)));
  EXPECT_NE(metrics.Text().find("moerge_sessions_forgotten_total{reason=\"full\"} 4840"),
            std::string::npos);
}

TEST(SessionKeys, DifferByCallerPolicyAndConversation) {
  RequestText text;
  text.user = "hi";
  RequestText with_system = text;
  with_system.system = "hi";
  std::set<std::uint64_t> keys;
  const SessionScope scopes[] = {
      {"a", "p", "1", SessionKeySource::kAuto}, {"b", "p", "1", SessionKeySource::kAuto},
      {"a", "q", "1", SessionKeySource::kAuto}, {"a", "p", "2", SessionKeySource::kAuto},
      {"a", "p", "", SessionKeySource::kAuto},  {"ap", "", "1", SessionKeySource::kAuto}};
  for (const SessionScope& scope : scopes) keys.insert(SessionKeyOf(scope, text)->high);
  keys.insert(SessionKeyOf(scopes[4], with_system)->high);
  EXPECT_EQ(keys.size(), 7u);
}

TEST(SessionKeys, ALaterTurnHasTheKeyOfTheFirst) {
  RequestText first;
  first.user = "Tell me of Rome.";
  RequestText later;
  later.user = "And then?";
  later.first = "Tell me of Rome.";
  const SessionScope scope{"a", "p", "", SessionKeySource::kAuto};
  EXPECT_EQ(SessionKeyOf(scope, first), SessionKeyOf(scope, later));
  EXPECT_FALSE(SessionKeyOf({"a", "p", "", SessionKeySource::kHeader}, first));
  EXPECT_EQ(SessionKeyOf({"a", "p", "x", SessionKeySource::kPrefix}, first),
            SessionKeyOf(scope, first));
  EXPECT_FALSE(SessionKeyOf(scope, RequestText{}));
}

TEST(SessionTable, ManyThreadsMayUseIt) {
  Metrics metrics;
  SessionTable table(metrics, 64);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&table] {
      for (int i = 0; i < 500; ++i) {
        table.Answered(KeyOf(std::to_string(i % 100)), InternExpert("ada"), false, kStart);
        (void)table.Find(KeyOf(std::to_string(i % 50)), kStart, seconds(1));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(table.Find(KeyOf("none"), kStart, seconds(1)));
}

}  // namespace
}  // namespace moerge
