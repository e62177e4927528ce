// The contract of Store, held by every store alike.
#include "registry/store.h"

#include <gtest/gtest.h>

#include <tuple>

#include "registry/decision_filter.h"
#include "tests/registry/support.h"

namespace moerge {
namespace {

using testing::MakeBackend;
using testing::MakeDecision;
using testing::MakeExpert;
using testing::MakeKey;
using testing::MakePolicy;
using testing::MakeSkill;

struct Memory {
  std::string Url() { return "memory:"; }
};
struct Sqlite {
  testing::TempFolder folder;
  std::string Url() { return "sqlite:" + folder.File("moerge.db"); }
};

template <class Kind>
class StoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Result<std::unique_ptr<Store>> opened = OpenStore(kind_.Url());
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    store_ = *std::move(opened);
  }

  void Apply(const StoreChange& change) {
    const auto revision = testing::ApplyTo(*store_, change);
    ASSERT_TRUE(revision.ok()) << revision.error().message;
  }
  StoredState Load() {
    auto state = store_->registry().Load();
    EXPECT_TRUE(state.ok());
    return state.ok() ? *state : StoredState{};
  }
  std::vector<Observation> Observations() {
    std::vector<Observation> all;
    EXPECT_TRUE(store_->observations()
                    .Visit([&](const Observation& one) {
                      all.push_back(one);
                      return true;
                    })
                    .ok());
    return all;
  }
  void AddDecisions(int from, int to) {
    std::vector<DecisionRecord> decisions;
    for (int i = from; i < to; ++i) decisions.push_back(MakeDecision(i, At(i)));
    ASSERT_TRUE(store_->decisions().Add(decisions).ok());
  }
  static WallTime At(int seconds) {
    static const WallTime start = std::chrono::system_clock::now() - std::chrono::hours(1);
    return start + std::chrono::seconds(seconds);
  }
  std::vector<std::string> Ids(const DecisionFilter& filter) {
    auto page = store_->decisions().List(filter);
    EXPECT_TRUE(page.ok());
    std::vector<std::string> ids;
    if (page.ok()) {
      for (const DecisionRecord& record : *page) ids.push_back(record.id);
    }
    return ids;
  }

  Kind kind_;
  std::unique_ptr<Store> store_;
};

using Kinds = ::testing::Types<Memory, Sqlite>;
TYPED_TEST_SUITE(StoreTest, Kinds);

TYPED_TEST(StoreTest, BeginsEmptyAtRevisionZero) {
  const StoredState state = this->Load();
  EXPECT_EQ(state.revision, 0u);
  EXPECT_TRUE(state.experts.empty());
  EXPECT_TRUE(state.evidence.rows().empty());
  EXPECT_TRUE(this->Observations().empty());
}

TYPED_TEST(StoreTest, KeepsEveryKindOfEntryByName) {
  StoreChange change;
  change.put_backends = {MakeBackend("gpu"), MakeBackend("cpu")};
  change.put_experts = {MakeExpert("two"), MakeExpert("one")};
  change.put_skills = {MakeSkill("law")};
  change.put_policies = {MakePolicy("cheap")};
  change.put_keys = {MakeKey("admin")};
  this->Apply(change);
  const StoredState state = this->Load();
  EXPECT_EQ(state.backends, (std::vector{MakeBackend("cpu"), MakeBackend("gpu")}));
  EXPECT_EQ(state.experts, (std::vector{MakeExpert("one"), MakeExpert("two")}));
  EXPECT_EQ(state.skills, std::vector{MakeSkill("law")});
  EXPECT_EQ(state.policies, std::vector{MakePolicy("cheap")});
  EXPECT_EQ(state.keys, std::vector{MakeKey("admin")});
}

TYPED_TEST(StoreTest, WhatIsPutBelongsToTheStore) {
  StoreChange change;
  change.put_skills = {MakeSkill("law", Origin::kFile)};
  this->Apply(change);
  EXPECT_EQ(this->Load().skills[0].origin, Origin::kStore);
}

TYPED_TEST(StoreTest, EveryChangeRaisesTheRevisionByOne) {
  for (std::uint64_t wanted = 1; wanted <= 3; ++wanted) {
    const auto revision = testing::ApplyTo(*this->store_, {});
    ASSERT_TRUE(revision.ok());
    EXPECT_EQ(*revision, wanted);
    EXPECT_EQ(this->Load().revision, wanted);
  }
}

TYPED_TEST(StoreTest, AChangeThatExpectsAnotherRevisionIsAConflictAndChangesNothing) {
  StoreChange first;
  first.put_skills = {MakeSkill("law")};
  this->Apply(first);
  StoreChange late;
  late.put_skills = {MakeSkill("art")};
  late.add_observations = {{"1", "p", "law", "s", {}}};
  late.put_proposals = {{"p1", this->At(1), "n", "open", 1, 2, "{}"}};
  for (const std::uint64_t expected : {std::uint64_t{0}, std::uint64_t{2}}) {
    const auto applied = this->store_->registry().Apply(late, expected);
    ASSERT_FALSE(applied.ok());
    EXPECT_EQ(applied.error().code, ErrorCode::kConflict);
  }
  EXPECT_EQ(*this->store_->registry().Revision(), 1u);
  EXPECT_EQ(this->Load().skills, first.put_skills);
  EXPECT_TRUE(this->Observations().empty());
  EXPECT_TRUE(this->store_->proposals().List()->empty());
  EXPECT_EQ(*this->store_->registry().Apply(late, 1), 2u);
  EXPECT_EQ(*this->store_->registry().Revision(), 2u);
}

TYPED_TEST(StoreTest, WhenTrainingPaysIsKeptWithTheRevision) {
  StoreChange table;
  table.add_observations = {{"1", "p", "law", "import:t", {}}};
  StoreChange feedback;
  feedback.add_observations = {{"1", "p", "law", "feedback", {}}};
  this->Apply(feedback);
  EXPECT_EQ(this->Load().training, (TrainingMark{0, 1, 0}));
  this->Apply(table);
  EXPECT_EQ(this->Load().training, (TrainingMark{2, 0, 1}));
  this->Apply({});
  this->Apply(feedback);
  EXPECT_EQ(this->Load().training, (TrainingMark{2, 1, 1}));
}

TYPED_TEST(StoreTest, PutReplacesAndRemoveComesBeforePut) {
  StoreChange first;
  first.put_skills = {MakeSkill("law"), MakeSkill("art")};
  this->Apply(first);
  StoreChange second;
  second.remove_skills = {"law", "art", "never there"};
  Skill law = MakeSkill("law");
  law.description = "new";
  second.put_skills = {law};
  this->Apply(second);
  EXPECT_EQ(this->Load().skills, std::vector{law});
}

TYPED_TEST(StoreTest, EvidenceIsReplacedByCellAndForgottenBySource) {
  const WallTime now = this->At(0);
  StoreChange change;
  change.put_evidence = {{"x", "law", 1, 2, "s", now},
                         {"x", "art", 0.25, 3, "s", now},
                         {"x", "law", 7, 8, "t", now},
                         {"unknown expert", "law", 1, 1, "s", now}};
  this->Apply(change);
  change.put_evidence = {{"x", "law", 2, 2, "s", now + std::chrono::seconds(5)}};
  this->Apply(change);
  std::vector<Evidence> list = this->Load().evidence.List();
  ASSERT_EQ(list.size(), 4u);
  EXPECT_EQ(list[0].expert, "unknown expert");
  EXPECT_EQ(list[1].skill, "art");
  EXPECT_EQ(list[1].wins, 0.25);
  EXPECT_EQ(list[1].updated, now + std::chrono::seconds(5));
  EXPECT_EQ(list[2].wins, 2);
  EXPECT_EQ(list[3].source, "t");
  EXPECT_EQ(list[3].updated, now);
  StoreChange forget;
  forget.forget_sources = {"s", "never there"};
  forget.put_evidence = {{"y", "law", 1, 1, "s", now}};
  this->Apply(forget);
  list = this->Load().evidence.List();
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].source, "t");
  EXPECT_EQ(list[1].expert, "y");
}

TYPED_TEST(StoreTest, EvidenceOutlivesItsExpert) {
  StoreChange change;
  change.put_experts = {MakeExpert("x")};
  change.put_evidence = {{"x", "law", 1, 2, "s", {}}};
  this->Apply(change);
  StoreChange remove;
  remove.remove_experts = {"x"};
  this->Apply(remove);
  EXPECT_EQ(this->Load().evidence.cells(), 1u);
}

TYPED_TEST(StoreTest, ObservationsComeInTheOrderTheyFirstCame) {
  StoreChange change;
  change.add_observations = {{"2", "second?", "law", "s", {{"a", 1}, {"b", 1.0 / 3}}},
                             {"1", "first", "", "s", {}},
                             {"2", "other source", "art", "t", {{"a", 0}}}};
  this->Apply(change);
  change.add_observations = {{"2", "changed", "law", "s", {{"b", 0.5}}}};
  this->Apply(change);
  const auto all = this->Observations();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].prompt, "changed");
  EXPECT_EQ(all[0].scores, (decltype(all[0].scores){{"b", 0.5}}));
  EXPECT_EQ(all[1].id, "1");
  EXPECT_EQ(all[1].skill, "");
  EXPECT_EQ(all[2].source, "t");
}

TYPED_TEST(StoreTest, ScoresOfObservationsAreExact) {
  StoreChange change;
  change.add_observations = {{"1", "p\0q", "law", "s", {{"a", 1.0 / 3}, {"b", 1}, {"c", 0}}}};
  this->Apply(change);
  EXPECT_EQ(this->Observations()[0].scores, change.add_observations[0].scores);
}

TYPED_TEST(StoreTest, AForgottenSourceLosesItsObservations) {
  StoreChange change;
  change.add_observations = {{"1", "p", "law", "s", {}}, {"1", "p", "law", "t", {}}};
  this->Apply(change);
  StoreChange forget;
  forget.forget_sources = {"s"};
  forget.add_observations = {{"9", "again", "law", "s", {}}};
  this->Apply(forget);
  const auto all = this->Observations();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].source, "t");
  EXPECT_EQ(all[1].id, "9");
}

TYPED_TEST(StoreTest, AVisitStopsWhenToldTo) {
  StoreChange change;
  change.add_observations = {{"1", "p", "law", "s", {}}, {"2", "p", "law", "s", {}}};
  this->Apply(change);
  int visited = 0;
  ASSERT_TRUE(this->store_->observations()
                  .Visit([&](const Observation&) {
                    ++visited;
                    return false;
                  })
                  .ok());
  EXPECT_EQ(visited, 1);
  EXPECT_EQ(this->Observations().size(), 2u);  // and the next visit starts over
}

TYPED_TEST(StoreTest, ADecisionComesBackWhole) {
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

TYPED_TEST(StoreTest, WhateverADecisionSaysComesBackByteForByte) {
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

TYPED_TEST(StoreTest, ListsShowColumnsAndTheJsonOnlyWhenItIsAskedFor) {
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
TYPED_TEST(StoreTest, AnyCombinationOfFiltersFindsWhatItShould) {
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

TYPED_TEST(StoreTest, ManyClientsAreToldApart) {
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

TYPED_TEST(StoreTest, UsageIsSummedByTheHourAndWhatItIsAskedBy) {
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
  EXPECT_EQ(usage({.skill = "skill-0", .client = "key-0"}).at(1).sums.requests, 1);
  EXPECT_EQ(usage({.since = hour + std::chrono::minutes(61)}).size(), 1u);
  EXPECT_EQ(usage({.limit = 1}).size(), 1u);
  EXPECT_TRUE(usage({.expert = "nobody"}).empty());
  std::int64_t requests = 0;
  for (const UsageRow& row : usage({.per_day = true})) requests += row.sums.requests;
  EXPECT_EQ(requests, 12);
}

TYPED_TEST(StoreTest, UsageOutlivesTheDecisions) {
  this->AddDecisions(0, 10);
  ASSERT_TRUE(testing::TidyAll(*this->store_, {std::chrono::hours(24), 0}).ok());
  EXPECT_TRUE(this->Ids({}).empty());
  std::int64_t requests = 0;
  for (const UsageRow& row : *this->store_->decisions().Usage({})) requests += row.sums.requests;
  EXPECT_EQ(requests, 10);
}

TYPED_TEST(StoreTest, AfterEverythingIsRemovedListsBeginAgain) {
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

TYPED_TEST(StoreTest, ListsNewestFirstAndFiltersByEveryColumn) {
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

TYPED_TEST(StoreTest, PagingIsStableWhileNewOnesArrive) {
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

TYPED_TEST(StoreTest, APageBehindAnUnknownDecisionIsAnError) {
  DecisionFilter filter;
  filter.before_id = "never";
  const auto page = this->store_->decisions().List(filter);
  ASSERT_FALSE(page.ok());
  EXPECT_EQ(page.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(page.error().param, "before_id");
}

TYPED_TEST(StoreTest, TheLimitStaysWithinItsRange) {
  this->AddDecisions(0, 1100);
  DecisionFilter filter;
  filter.limit = 1'000'000;
  EXPECT_EQ(this->Ids(filter).size(), 1000u);
  filter.limit = -1;
  EXPECT_EQ(this->Ids(filter).size(), 1u);
}

TYPED_TEST(StoreTest, RetentionByCountKeepsTheNewest) {
  this->AddDecisions(0, 12'000);
  ASSERT_TRUE(testing::TidyAll(*this->store_, {std::chrono::hours(24), 3}).ok());
  EXPECT_EQ(this->Ids({}),
            (std::vector<std::string>{"decision-11999", "decision-11998", "decision-11997"}));
  this->AddDecisions(20'000, 20'001);
  EXPECT_EQ(this->Ids({}).size(), 4u);
}

TYPED_TEST(StoreTest, RetentionByAgeDropsTheOld) {
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

TYPED_TEST(StoreTest, AnEnormousAgeKeepsEverything) {
  this->AddDecisions(0, 2);
  ASSERT_TRUE(testing::TidyAll(*this->store_, {std::chrono::seconds::max(), 100}).ok());
  EXPECT_EQ(this->Ids({}).size(), 2u);
}

TYPED_TEST(StoreTest, BlobsAreBytes) {
  const std::string bytes("a\0b\xFF", 4);
  EXPECT_FALSE(this->store_->blobs().Get("model")->has_value());
  ASSERT_TRUE(this->store_->blobs().Put("model", "old").ok());
  ASSERT_TRUE(this->store_->blobs().Put("model", bytes).ok());
  ASSERT_TRUE(this->store_->blobs().Put("empty", "").ok());
  EXPECT_EQ(**this->store_->blobs().Get("model"), bytes);
  EXPECT_EQ(**this->store_->blobs().Get("empty"), "");
}

TEST(OpenStore, AnUnknownSchemeSaysWhatIsAllowed) {
  for (const char* url : {"", "moerge.db", "postgres://x", "sqlite:", "sqlite::memory:"}) {
    const auto opened = OpenStore(url);
    ASSERT_FALSE(opened.ok()) << url;
    EXPECT_EQ(opened.error().code, ErrorCode::kInvalid);
    EXPECT_NE(opened.error().message.find("memory:"), std::string::npos);
  }
}

TEST(StoreChange, IsEmptyUntilSomethingIsInIt) {
  StoreChange change;
  EXPECT_TRUE(change.empty());
  change.forget_sources = {"s"};
  EXPECT_FALSE(change.empty());
}

TYPED_TEST(StoreTest, ForgettingAFamilyTakesTheDaysOfItWith) {
  StoreChange change;
  change.put_evidence = {{"one", "law", 1, 2, "feedback@2026-01-31", this->At(0)},
                         {"one", "law", 1, 2, "feedback@2026-02-01", this->At(1)},
                         {"one", "law", 1, 2, "feedbacks", this->At(1)}};
  this->Apply(change);
  StoreChange forget;
  forget.forget_sources = {"feedback"};
  this->Apply(forget);
  const auto left = this->Load().evidence.List();
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0].source, "feedbacks");
}

TYPED_TEST(StoreTest, RowsOfEvidenceAndSingleObservationsCanBeForgotten) {
  StoreChange change;
  change.put_evidence = {{"one", "law", 1, 2, "s", this->At(0)},
                         {"two", "law", 1, 2, "s", this->At(0)},
                         {"two", "law", 1, 2, "t", this->At(0)}};
  change.add_observations = {{"1", "a", "law", "s", {{"one", 1}}},
                             {"2", "b", "law", "s", {{"one", 1}}}};
  this->Apply(change);
  StoreChange forget;
  forget.forget_evidence = {{"one", "s"}, {"", "t"}};
  forget.forget_observations = {{"s", "1"}, {"s", "nothing"}};
  this->Apply(forget);
  const auto left = this->Load().evidence.List();
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0].expert, "two");
  ASSERT_EQ(this->Observations().size(), 1u);
  EXPECT_EQ(this->Observations()[0].id, "2");
}

TYPED_TEST(StoreTest, OfALimitedSourceTheNewestObservationsStay) {
  StoreChange change;
  for (const char* id : {"1", "2", "3", "4"}) {
    change.add_observations.push_back({id, "p", "", "feedback", {{"one", 1}}});
  }
  change.add_observations.push_back({"1", "p", "", "other", {{"one", 1}}});
  change.limit_observations = {{"feedback", 2}};
  this->Apply(change);
  std::vector<std::string> ids;
  for (const Observation& one : this->Observations()) ids.push_back(one.source + one.id);
  EXPECT_EQ(ids, (std::vector<std::string>{"feedback3", "feedback4", "other1"}));
}

TYPED_TEST(StoreTest, FeedbackIsReplacedByKeyAndGoesWithItsDecision) {
  this->AddDecisions(0, 3);
  StoreChange change;
  const auto said = [&](const char* decision, const char* key, double score, int second) {
    change.put_feedback.push_back(
        {decision, key, "one", score, {{"law", 0.75}}, this->At(9), this->At(second)});
  };
  said("decision-0", "app", 1, 0);
  said("decision-2", "app", 1, 2);
  said("decision-2", "other", 0.5, 2);
  said("decision-2", "app", 0, 2);
  this->Apply(change);
  EXPECT_EQ((*this->store_->observations().FindFeedback("decision-2", "app"))->score, 0);
  EXPECT_EQ((*this->store_->observations().FindFeedback("decision-2", "other"))->score, 0.5);
  EXPECT_EQ((*this->store_->observations().FindFeedback("decision-2", "other"))->time, this->At(9));
  EXPECT_FALSE(this->store_->observations().FindFeedback("decision-1", "app")->has_value());
  DecisionRetention keep;
  keep.max_count = 1;
  ASSERT_TRUE(testing::TidyAll(*this->store_, keep).ok());
  EXPECT_FALSE(this->store_->observations().FindFeedback("decision-0", "app")->has_value());
  EXPECT_TRUE(this->store_->observations().FindFeedback("decision-2", "app")->has_value());
}

TYPED_TEST(StoreTest, ProposalsAreKeptListedNewestFirstReplacedAndRemoved) {
  const auto proposal = [&](const std::string& id, const std::string& status) {
    return ProposalRecord{id, this->At(1), "of " + id, status, 2, 5, "{\"id\":\"" + id + "\"}"};
  };
  StoreChange change;
  change.put_proposals = {proposal("p1", "open"), proposal("p2", "open"), proposal("p3", "open")};
  this->Apply(change);
  StoreChange next;
  next.put_skills = {MakeSkill("law")};
  next.put_proposals = {proposal("p1", "accepted")};
  next.remove_proposals = {"p2", "never there"};
  this->Apply(next);
  EXPECT_EQ(this->Load().skills.size(), 1u);
  const auto list = this->store_->proposals().List();
  ASSERT_TRUE(list.ok());
  ASSERT_EQ(list->size(), 2u);
  EXPECT_EQ((*list)[0].id, "p3");
  EXPECT_EQ((*list)[1].status, "accepted");
  EXPECT_EQ((*list)[1].labels, 5);
  EXPECT_TRUE((*list)[1].json.empty());
  EXPECT_EQ(**this->store_->proposals().Get("p1"), proposal("p1", "accepted"));
  EXPECT_FALSE(this->store_->proposals().Get("p2")->has_value());
}

}  // namespace
}  // namespace moerge
