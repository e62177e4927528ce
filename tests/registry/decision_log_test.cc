// The contract of DecisionLog, held by every store alike.
#include "registry/decision_log.h"

#include <gtest/gtest.h>

#include <map>
#include <tuple>

#include "registry/decision_filter.h"
#include "tests/registry/store_fixture.h"

namespace moerge {
namespace {

using testing::MakeDecision;

template <class Kind>
using DecisionLogTest = testing::StoreTest<Kind>;
TYPED_TEST_SUITE(DecisionLogTest, testing::StoreKinds);

TYPED_TEST(DecisionLogTest, ADecisionComesBackWhole) {
  this->AddDecisions(0, 3);
  const auto found = this->store_->decisions().Get("decision-1");
  ASSERT_TRUE(found.ok());
  ASSERT_TRUE(found->has_value());
  const DecisionRecord wanted = MakeDecision(1, this->At(1));
  const DecisionRecord& got = **found;
  EXPECT_EQ(got.time, wanted.time);
  EXPECT_EQ(got.request_id, wanted.request_id);
  EXPECT_EQ(got.policy, wanted.policy);
  EXPECT_EQ(got.expert, wanted.expert);
  EXPECT_EQ(got.skill, wanted.skill);
  EXPECT_EQ(got.outcome, wanted.outcome);
  EXPECT_EQ(got.json, wanted.json);
  EXPECT_FALSE(this->store_->decisions().Get("nothing")->has_value());
}

TYPED_TEST(DecisionLogTest, WhateverADecisionSaysComesBackByteForByte) {
  int number = 0;
  std::vector<DecisionRecord> records;
  for (const std::string& json :
       {std::string(), std::string("{}"), std::string(R"({"expert":"a","expected":0.5})"),
        std::string(R"({"expert":,"expected":,"low":,"high":)"), std::string("\x01\x1F!\x02 raw"),
        std::string(R"({"expert":)"), std::string(70'000, ',')}) {
    records.push_back(MakeDecision(++number, this->At(1)));
    records.back().json = json;
  }
  ASSERT_TRUE(this->store_->decisions().Add(records).ok());
  for (const DecisionRecord& record : records) {
    const auto found = this->store_->decisions().Get(record.id);
    ASSERT_TRUE(found.ok() && found->has_value());
    EXPECT_EQ((*found)->json, record.json);
  }
}

TYPED_TEST(DecisionLogTest, ListsShowColumnsAndTheJsonOnlyWhenItIsAskedFor) {
  this->AddDecisions(0, 3);
  DecisionFilter filter;
  EXPECT_EQ(this->store_->decisions().List(filter)->front().json, "");
  filter.with_json = true;
  EXPECT_EQ(this->store_->decisions().List(filter)->front().json, R"({"number":2})");
  filter.expert = "expert-1";
  EXPECT_EQ(this->store_->decisions().List(filter)->front().json, R"({"number":1})");
  const DecisionRecord listed = this->store_->decisions().List({})->at(1);
  const DecisionRecord wanted = MakeDecision(1, this->At(1));
  EXPECT_EQ(std::tie(listed.client, listed.status, listed.prompt_tokens, listed.completion_tokens),
            std::tie(wanted.client, wanted.status, wanted.prompt_tokens, wanted.completion_tokens));
  EXPECT_EQ(std::tie(listed.cost_usd, listed.latency_ms, listed.calls),
            std::tie(wanted.cost_usd, wanted.latency_ms, wanted.calls));
}

// Every filter by itself and with every other, against a list that is looked through by hand, over
// several blocks and pages.
TYPED_TEST(DecisionLogTest, AnyCombinationOfFiltersFindsWhatItShould) {
  constexpr int kCount = 2'500;
  std::vector<DecisionRecord> all;
  for (int i = 0; i < kCount; ++i) all.push_back(MakeDecision(i, this->At(i - 20'000)));
  for (int i = 0; i < kCount; i += 250) {
    ASSERT_TRUE(this->store_->decisions().Add({all.begin() + i, all.begin() + i + 250}).ok());
  }
  for (unsigned mask = 0; mask < 256; ++mask) {
    DecisionFilter filter;
    filter.limit = 40;
    if (mask & 1) filter.policy = "cheap";
    if (mask & 2) filter.expert = "expert-2";
    if (mask & 4) filter.skill = "skill-3";
    if (mask & 8) filter.outcome = "error";
    if (mask & 16) filter.client = "key-3";
    if (mask & 32) filter.status = 502;
    if (mask & 64) filter.since = this->At(300 - 20'000);
    if (mask & 128) filter.until = this->At(2'200 - 20'000);
    std::vector<std::string> wanted;
    for (auto at = all.rbegin(); at != all.rend(); ++at) {
      if (Matches(filter, *at)) wanted.push_back(at->id);
    }
    std::vector<std::string> found;
    while (true) {
      const auto page = this->Ids(filter);
      found.insert(found.end(), page.begin(), page.end());
      if (page.size() < 40) break;
      filter.before_id = page.back();
    }
    EXPECT_EQ(found, wanted) << mask;
  }
}

TYPED_TEST(DecisionLogTest, ManyClientsAreToldApart) {
  std::vector<DecisionRecord> records;
  for (int i = 0; i < 1'500; ++i) {
    records.push_back(MakeDecision(i, this->At(i)));
    records.back().client = "client-" + std::to_string(i % 700);
  }
  ASSERT_TRUE(this->store_->decisions().Add(records).ok());
  DecisionFilter filter;
  filter.client = "client-699";
  EXPECT_EQ(this->Ids(filter), (std::vector<std::string>{"decision-1399", "decision-699"}));
}

TYPED_TEST(DecisionLogTest, UsageIsSummedByTheHourAndWhatItIsAskedBy) {
  const WallTime hour = std::chrono::floor<std::chrono::hours>(this->At(0));
  std::vector<DecisionRecord> records;
  for (int i = 0; i < 8; ++i) records.push_back(MakeDecision(i, hour + std::chrono::minutes(i)));
  for (int i = 8; i < 12; ++i) records.push_back(MakeDecision(i, hour + std::chrono::hours(1)));
  ASSERT_TRUE(this->store_->decisions().Add({records.begin(), records.begin() + 3}).ok());
  ASSERT_TRUE(this->store_->decisions().Add({records.begin() + 3, records.end()}).ok());
  const auto usage = [&](const UsageFilter& filter) {
    auto rows = this->store_->decisions().Usage(filter);
    EXPECT_TRUE(rows.ok()) << rows.error().detail;
    return *std::move(rows);
  };
  const auto all = usage({});
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].start, hour + std::chrono::hours(1));
  EXPECT_EQ(all[1].start, hour);
  EXPECT_EQ(all[1].sums, (UsageSums{8, 2, 0, 108, 40, 2.0, 16, 12}));
  const auto by_policy = usage({.group = UsageGroup::kPolicy});
  ASSERT_EQ(by_policy.size(), 4u);
  EXPECT_EQ(by_policy[2].value, "auto");
  EXPECT_EQ(by_policy[2].sums.requests, 4);
  EXPECT_EQ(by_policy[3].value, "cheap");
  // By one thing where another is given: from the sums of all together.
  const auto cheap_by_expert =
      usage({.policy = "cheap", .group = UsageGroup::kExpert, .until = hour});
  ASSERT_EQ(cheap_by_expert.size(), 3u);
  EXPECT_EQ(cheap_by_expert[0].value, "expert-0");
  EXPECT_EQ(cheap_by_expert[0].sums.requests, 1);
  EXPECT_EQ(cheap_by_expert[1].sums.requests, 2);
  EXPECT_EQ(usage({.client = "key-1"}).at(1).sums.requests, 2);
  EXPECT_EQ(usage({.skill = "skill-0", .client = "key-0"}).at(0).sums.requests, 1);
  EXPECT_EQ(usage({.since = hour + std::chrono::minutes(61)}).size(), 1u);
  EXPECT_EQ(usage({.limit = 1}).size(), 1u);
  EXPECT_TRUE(usage({.expert = "nobody"}).empty());
  std::int64_t requests = 0;
  for (const UsageRow& row : usage({.per_day = true})) requests += row.sums.requests;
  EXPECT_EQ(requests, 12);
}

// Every question against one that is answered by hand, after so many groups that a store which
// keeps them apart has joined some of them.
TYPED_TEST(DecisionLogTest, AnyQuestionAboutUsageIsAnsweredRight) {
  const WallTime hour = std::chrono::floor<std::chrono::hours>(this->At(0));
  std::vector<DecisionRecord> all;
  for (int i = 0; i < 900; ++i) {
    all.push_back(MakeDecision(i % 60, hour + std::chrono::minutes(i / 6)));
    all.back().client = "key-" + std::to_string(i % 45);
  }
  for (std::size_t i = 0, size = 1; i < all.size(); i += size, size = size % 40 + 3) {
    const std::size_t end = std::min(i + size, all.size());
    ASSERT_TRUE(this->store_->decisions()
                    .Add({all.begin() + static_cast<std::ptrdiff_t>(i),
                          all.begin() + static_cast<std::ptrdiff_t>(end)})
                    .ok());
  }
  const auto value_of = [](UsageGroup group, const DecisionRecord& record) {
    switch (group) {
      case UsageGroup::kAll: return std::string();
      case UsageGroup::kPolicy: return record.policy;
      case UsageGroup::kExpert: return record.expert;
      case UsageGroup::kSkill: return record.skill;
      case UsageGroup::kClient: return record.client;
    }
    return std::string();
  };
  for (unsigned mask = 0; mask < 5 * 32; ++mask) {
    UsageFilter filter;
    if (mask & 1) filter.policy = "cheap";
    if (mask & 2) filter.expert = "expert-1";
    if (mask & 4) filter.skill = "skill-2";
    if (mask & 8) filter.client = "key-7";
    filter.per_day = (mask & 16) != 0;
    filter.group = static_cast<UsageGroup>(mask / 32);
    filter.since = hour + std::chrono::hours(1);
    std::map<std::pair<WallTime, std::string>, UsageSums> wanted;
    for (const DecisionRecord& one : all) {
      const bool matches = (!filter.policy || one.policy == *filter.policy) &&
                           (!filter.expert || one.expert == *filter.expert) &&
                           (!filter.skill || one.skill == *filter.skill) &&
                           (!filter.client || one.client == *filter.client);
      if (!matches || one.time < filter.since) continue;
      const std::int64_t at = HourOf(one.time);
      const WallTime start = StartOfHour(filter.per_day ? at - at % 24 : at);
      AddTo(SumsOf(one), &wanted[{start, value_of(filter.group, one)}]);
    }
    const auto rows = this->store_->decisions().Usage(filter);
    ASSERT_TRUE(rows.ok()) << rows.error().message;
    EXPECT_EQ(rows->size(), wanted.size()) << mask;
    for (const UsageRow& row : *rows) {
      EXPECT_EQ(row.sums, (wanted[{row.start, row.value}])) << mask << " " << row.value;
    }
  }
}

// Answer i takes i + 1 ms; each third one is a stream.
std::vector<DecisionRecord> TimedDecisions(WallTime begin, int count) {
  std::vector<DecisionRecord> all;
  for (int i = 0; i < count; ++i) {
    all.push_back(MakeDecision(i, begin + std::chrono::seconds(i)));
    all.back().outcome = i % 10 == 9 ? "error" : "ok";
    all.back().expert = i % 2 == 0 ? "even" : "odd";
    all.back().latency_ms = i + 1;
    if (i % 3 == 0) all.back().first_token_ms = 5;
  }
  return all;
}

TYPED_TEST(DecisionLogTest, PercentilesAreThoseOfAnsweredRequests) {
  const WallTime hour = std::chrono::floor<std::chrono::hours>(this->At(0));
  const auto all = TimedDecisions(hour, 2'000);
  ASSERT_TRUE(this->store_->decisions().Add({all.begin(), all.begin() + 900}).ok());
  ASSERT_TRUE(this->store_->decisions().Add({all.begin() + 900, all.end()}).ok());
  const auto usage = [&](UsageFilter filter) {
    filter.percentiles = true;
    const auto rows = this->store_->decisions().Usage(filter);
    EXPECT_TRUE(rows.ok());
    return rows.ok() ? *rows : std::vector<UsageRow>();
  };
  const auto whole = usage({});
  ASSERT_EQ(whole.size(), 1u);
  EXPECT_EQ(whole[0].latency.count, 1'800);
  EXPECT_NEAR(whole[0].latency.p50_ms, 1'000, 65);
  EXPECT_NEAR(whole[0].latency.p95_ms, 1'900, 120);
  EXPECT_NEAR(whole[0].latency.p99_ms, 1'980, 130);
  EXPECT_NEAR(whole[0].first_token.p50_ms, 5, 0.5);
  const auto by_expert = usage({.group = UsageGroup::kExpert, .per_day = true});
  ASSERT_EQ(by_expert.size(), 2u);
  EXPECT_EQ(by_expert[0].latency.count, 1'000);
  EXPECT_EQ(by_expert[1].latency.count, 800);
  EXPECT_EQ(usage({.expert = "odd"}).at(0).latency.count, 800);
  EXPECT_EQ(usage({.policy = "cheap", .expert = "odd"}).at(0).latency.count,
            std::ranges::count_if(all, [](const DecisionRecord& one) {
              return one.policy == "cheap" && one.expert == "odd" && one.outcome == "ok";
            }));
  EXPECT_TRUE(usage({.since = hour + std::chrono::hours(1)}).empty());
  const auto plain = this->store_->decisions().Usage({});
  EXPECT_EQ(plain->at(0).latency.count, 0);
}

TYPED_TEST(DecisionLogTest, DryRunsCountOnlyWhatTheyTook) {
  std::vector<DecisionRecord> all = {MakeDecision(0, this->At(0)), MakeDecision(1, this->At(0)),
                                     MakeDecision(2, this->At(0))};
  for (DecisionRecord& one : all) one.calls = 1;
  all[0].outcome = "ok";
  all[1].outcome = all[2].outcome = "dry_run";
  all[1].calls = 0;
  all[1].policy = "tried";
  ASSERT_TRUE(this->store_->decisions().Add(all).ok());
  const auto rows = this->store_->decisions().Usage({});
  ASSERT_EQ(rows->size(), 1u);
  EXPECT_EQ(rows->at(0).sums.requests, 1);
  EXPECT_EQ(rows->at(0).sums.calls, 2);
  EXPECT_EQ(rows->at(0).sums.latency_ms, all[0].latency_ms);
  EXPECT_TRUE(this->store_->decisions().Usage({.policy = "tried"})->empty());
}

TYPED_TEST(DecisionLogTest, UsageOutlivesTheDecisions) {
  this->AddDecisions(0, 10);
  ASSERT_TRUE(testing::TidyAll(*this->store_, {std::chrono::hours(24), 0}).ok());
  EXPECT_TRUE(this->Ids({}).empty());
  std::int64_t requests = 0;
  const auto usage = this->store_->decisions().Usage({});
  for (const UsageRow& row : *usage) requests += row.sums.requests;
  EXPECT_EQ(requests, 10);
}

TYPED_TEST(DecisionLogTest, AfterEverythingIsRemovedListsBeginAgain) {
  for (int round = 0; round < 3; ++round) {
    this->AddDecisions(0, 1'500);
    DecisionFilter filter;
    filter.expert = "expert-0";
    EXPECT_EQ(this->Ids(filter).size(), 50u);
    EXPECT_EQ(this->Ids(filter).front(), "decision-1497");
    ASSERT_TRUE(testing::TidyAll(*this->store_, {std::chrono::hours(24), 0}).ok());
    EXPECT_TRUE(this->Ids(filter).empty());
  }
}

TYPED_TEST(DecisionLogTest, ListsNewestFirstAndFiltersByEveryColumn) {
  this->AddDecisions(0, 40);
  EXPECT_EQ(this->Ids({}).front(), "decision-39");
  DecisionFilter filter;
  filter.policy = "cheap";
  filter.expert = "expert-0";
  filter.limit = 1000;
  EXPECT_EQ(this->Ids(filter),
            (std::vector<std::string>{"decision-39", "decision-33", "decision-27", "decision-21",
                                      "decision-15", "decision-9", "decision-3"}));
  filter.outcome = "error";
  EXPECT_EQ(this->Ids(filter), std::vector<std::string>{"decision-21"});
  filter = {};
  filter.skill = "skill-4";
  filter.since = this->At(9);
  filter.until = this->At(19);
  EXPECT_EQ(this->Ids(filter),
            (std::vector<std::string>{"decision-19", "decision-14", "decision-9"}));
  filter.skill = "'; DROP TABLE decisions; --";
  EXPECT_TRUE(this->Ids(filter).empty());
}

TYPED_TEST(DecisionLogTest, PagingIsStableWhileNewOnesArrive) {
  this->AddDecisions(0, 10);
  DecisionFilter filter;
  filter.limit = 4;
  std::vector<std::string> all;
  for (int page = 0; page < 3; ++page) {
    const auto ids = this->Ids(filter);
    all.insert(all.end(), ids.begin(), ids.end());
    filter.before_id = ids.back();
    this->AddDecisions(100 + page * 10, 105 + page * 10);
  }
  ASSERT_EQ(all.size(), 10u);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(all[i], "decision-" + std::to_string(9 - i));
  EXPECT_TRUE(this->Ids(filter).empty());
}

TYPED_TEST(DecisionLogTest, APageBehindAnUnknownDecisionIsAnError) {
  DecisionFilter filter;
  filter.before_id = "never";
  const auto page = this->store_->decisions().List(filter);
  ASSERT_FALSE(page.ok());
  EXPECT_EQ(page.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(page.error().param, "before_id");
}

TYPED_TEST(DecisionLogTest, TheLimitStaysWithinItsRange) {
  this->AddDecisions(0, 1100);
  DecisionFilter filter;
  filter.limit = 1'000'000;
  EXPECT_EQ(this->Ids(filter).size(), 1000u);
  filter.limit = -1;
  EXPECT_EQ(this->Ids(filter).size(), 1u);
}

TYPED_TEST(DecisionLogTest, RetentionByCountKeepsTheNewest) {
  this->AddDecisions(0, 12'000);
  ASSERT_TRUE(testing::TidyAll(*this->store_, {std::chrono::hours(24), 3}).ok());
  EXPECT_EQ(this->Ids({}),
            (std::vector<std::string>{"decision-11999", "decision-11998", "decision-11997"}));
  this->AddDecisions(20'000, 20'001);
  EXPECT_EQ(this->Ids({}).size(), 4u);
}

TYPED_TEST(DecisionLogTest, RetentionByAgeDropsTheOld) {
  const WallTime now = std::chrono::system_clock::now();
  ASSERT_TRUE(this->store_->decisions()
                  .Add({MakeDecision(1, now - std::chrono::hours(3)),
                        MakeDecision(2, now - std::chrono::hours(2)), MakeDecision(3, now)})
                  .ok());
  ASSERT_TRUE(testing::TidyAll(*this->store_, {std::chrono::hours(1), 100}).ok());
  EXPECT_EQ(this->Ids({}), std::vector<std::string>{"decision-3"});
  ASSERT_TRUE(testing::TidyAll(*this->store_, {std::chrono::seconds(-60), 100}).ok());
  EXPECT_TRUE(this->Ids({}).empty());
  ASSERT_TRUE(testing::TidyAll(*this->store_, {std::chrono::hours(1), 0}).ok());
}

TYPED_TEST(DecisionLogTest, AnEnormousAgeKeepsEverything) {
  this->AddDecisions(0, 2);
  ASSERT_TRUE(testing::TidyAll(*this->store_, {std::chrono::seconds::max(), 100}).ok());
  EXPECT_EQ(this->Ids({}).size(), 2u);
}

}  // namespace
}  // namespace moerge
