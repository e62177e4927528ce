// The contract of Store, held by every store alike.
#include "registry/store.h"

#include <gtest/gtest.h>

#include "tests/registry/store_fixture.h"

namespace moerge {
namespace {

using testing::MakeBackend;
using testing::MakeExpert;
using testing::MakeKey;
using testing::MakePolicy;
using testing::MakeSkill;

template <class Kind>
using StoreTest = testing::StoreTest<Kind>;
TYPED_TEST_SUITE(StoreTest, testing::StoreKinds);

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
  change.put_feedback[0].score.reset();
  change.put_feedback[0].helpfulness = 0.5;
  change.put_feedback.resize(1);
  this->Apply(change);
  const auto halves = *this->store_->observations().FeedbackOn("decision-0");
  ASSERT_EQ(halves.size(), 1u);
  EXPECT_FALSE(halves[0].score.has_value());
  EXPECT_EQ(halves[0].helpfulness, 0.5);
  const auto both_keys = *this->store_->observations().FeedbackOn("decision-2");
  ASSERT_EQ(both_keys.size(), 2u);
  EXPECT_EQ(both_keys[1].key, "other");
  EXPECT_FALSE(both_keys[1].helpfulness.has_value());
  DecisionRetention keep;
  keep.max_count = 1;
  ASSERT_TRUE(testing::TidyAll(*this->store_, keep).ok());
  EXPECT_FALSE(this->store_->observations().FindFeedback("decision-0", "app")->has_value());
  EXPECT_TRUE(this->store_->observations().FindFeedback("decision-2", "app")->has_value());
}

TYPED_TEST(StoreTest, FeedbackIsListedByTheTimeOfItsDecision) {
  StoreChange change;
  for (const int second : {1, 3, 2}) {
    change.put_feedback.push_back({"decision-" + std::to_string(second),
                                   "app",
                                   "expert-1",
                                   0.25,
                                   {{"law", 1}},
                                   this->At(9 - second),
                                   this->At(second)});
  }
  change.put_feedback.push_back(
      {"decision-3", "other", "expert-2", 1, {{"law", 1}}, this->At(9), this->At(3)});
  this->Apply(change);
  const auto listed = this->store_->observations().ListFeedback(3);
  ASSERT_TRUE(listed.ok());
  ASSERT_EQ(listed->size(), 3u);
  EXPECT_EQ(listed->at(0).decision, "decision-3");
  EXPECT_EQ(listed->at(0).expert, "expert-1");
  EXPECT_EQ(listed->at(0).score, 0.25);
  EXPECT_EQ(listed->at(0).time, this->At(6));
  EXPECT_EQ(listed->at(1).key, "other");
  EXPECT_EQ(listed->at(2).decision, "decision-2");
  EXPECT_EQ(this->store_->observations().ListFeedback(10)->size(), 4u);
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
