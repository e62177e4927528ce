#include "services/vocabulary/review.h"

#include <gtest/gtest.h>

#include "config/base/text.h"
#include "registry/registry.h"

namespace moerge {
namespace {

SkillDraft Draft(const std::string& name, std::vector<std::string> examples = {}) {
  SkillDraft draft;
  draft.skill.name = name;
  draft.skill.description = "about " + name;
  draft.skill.examples = std::move(examples);
  draft.labels = {name, "the " + name};
  draft.count = 3;
  draft.cohesion = 0.5;
  return draft;
}

class Review : public ::testing::Test {
 protected:
  Review() {
    proposal_.id = "p1";
    proposal_.name = "first";
    proposal_.from = "labels";
    proposal_.labels = 7;
    proposal_.skills = {Draft("stars", {"Which star is near?"}), Draft("planets", {"Is it round?"}),
                        Draft("law")};
    proposal_.left_out = {"odd"};
  }

  static SnapshotPtr SnapshotWith(std::vector<Skill> skills) {
    StoredState state;
    state.skills = std::move(skills);
    return *BuildSnapshot({}, state);
  }
  Status Edit(DraftEdit edit) {
    ProposalEdit whole;
    whole.skills = {std::move(edit)};
    return EditProposal(whole, *snapshot_, &proposal_);
  }
  Result<StoreChange> Accept(std::vector<Acceptance::One> skills = {}) {
    return AcceptProposal({std::move(skills)}, *snapshot_, &proposal_);
  }
  static Skill Existing(const std::string& name, std::size_t examples) {
    Skill skill;
    skill.name = name;
    skill.category = "own";
    for (std::size_t i = 0; i < examples; ++i) skill.examples.push_back(std::to_string(i));
    return skill;
  }

  Proposal proposal_;
  SnapshotPtr snapshot_ = SnapshotWith({Existing("law", 2), Existing("full", 99)});
};

TEST_F(Review, AProposalReadsBackAsItWasWritten) {
  proposal_.skills[0].into = "law";
  proposal_.skills[1].accepted = "planets";
  proposal_.skills[2].cohesion.reset();
  proposal_.options.merge_at = 0.25;
  proposal_.created = *ParseTime("2026-01-31T12:34:56.789Z");
  const std::string json = ToJson(proposal_);
  const auto read = ReadProposal(json);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(ToJson(*read), json);
  EXPECT_EQ(read->skills[0].into, "law");
  EXPECT_EQ(read->skills[1].accepted, "planets");
  EXPECT_FALSE(read->skills[2].cohesion.has_value());
  EXPECT_EQ(RecordOf(*read).skills, 3);
  for (const char* damaged : {"", "[]", R"({"status":"open"})", R"({"status":"?"})"}) {
    EXPECT_FALSE(ReadProposal(damaged).ok()) << damaged;
  }
}

TEST_F(Review, ChangesApplyInOrder) {
  DraftEdit edit;
  edit.skill = "stars";
  edit.merge = {"planets"};
  edit.name = "planets";
  edit.category = "science";
  ASSERT_TRUE(Edit(edit).ok());
  ASSERT_EQ(proposal_.skills.size(), 2u);
  const SkillDraft& merged = proposal_.skills[0];
  EXPECT_EQ(merged.skill.name, "planets");
  EXPECT_EQ(merged.skill.category, "science");
  EXPECT_EQ(merged.skill.description, "about stars");
  EXPECT_EQ(merged.skill.examples,
            (std::vector<std::string>{"Which star is near?", "Is it round?"}));
  EXPECT_EQ(merged.labels,
            (std::vector<std::string>{"stars", "the stars", "planets", "the planets"}));
  EXPECT_EQ(merged.count, 6u);
  EXPECT_FALSE(merged.cohesion.has_value());
}

TEST_F(Review, WhatIsDroppedIsLeftOut) {
  DraftEdit edit;
  edit.skill = "law";
  edit.drop = true;
  ASSERT_TRUE(Edit(edit).ok());
  EXPECT_EQ(proposal_.skills.size(), 2u);
  EXPECT_EQ(proposal_.left_out, (std::vector<std::string>{"odd", "law", "the law"}));
}

TEST_F(Review, MistakesNameTheirField) {
  const auto wrong = [&](auto&& change) {
    DraftEdit edit;
    edit.skill = "stars";
    change(edit);
    Proposal before = proposal_;
    const Status refused = Edit(std::move(edit));
    proposal_ = std::move(before);
    return refused ? std::string() : refused.error().param + ": " + refused.error().message;
  };
  const auto has = [](const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  has(wrong([](DraftEdit& e) { e.skill = "star"; }), "skills[0].skill: ");
  has(wrong([](DraftEdit& e) { e.skill = "star"; }), "Did you mean `stars`?");
  has(wrong([](DraftEdit& e) { e.merge = {"stars"}; }), "skills[0].merge[0]: ");
  has(wrong([](DraftEdit& e) { e.merge = {"planets", "planets"}; }), "skills[0].merge[1]: ");
  has(wrong([](DraftEdit& e) { e.name = "planets"; }), "`merge` makes one of both");
  has(wrong([](DraftEdit& e) { e.name = "a/b"; }), "skills[0].name: `skills[0].name` must be 1 to");
  has(wrong([](DraftEdit& e) { e.category = "!"; }), "skills[0].category: ");
  has(wrong([](DraftEdit& e) { e.into = "lawn"; }), "Did you mean `law`?");
  has(wrong([](DraftEdit& e) { e.description = std::string(5000, 'x'); }),
      "skills[0].description: ");
}

TEST_F(Review, NamesThatAreTakenAreRefusedAllAtOnce) {
  proposal_.skills.push_back(Draft("full"));
  const auto refused = Accept();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_NE(refused.error().message.find("`law`, `full`"), std::string::npos)
      << refused.error().message;
}

TEST_F(Review, AcceptedSkillsArePutAndTheRestStaysOpen) {
  const auto change = Accept({{"stars", {}}, {"planets", {}}});
  ASSERT_TRUE(change.ok()) << change.error().message;
  ASSERT_EQ(change->put_skills.size(), 2u);
  EXPECT_EQ(change->put_skills[1].name, "stars");
  EXPECT_EQ(change->put_skills[1].examples.size(), 1u);
  EXPECT_EQ(proposal_.status, ProposalStatus::kOpen);
  EXPECT_EQ(proposal_.skills[0].accepted, "stars");
  EXPECT_EQ(Accept({{"stars", {}}}).error().code, ErrorCode::kConflict);
  DraftEdit edit;
  edit.skill = "stars";
  EXPECT_EQ(Edit(edit).error().code, ErrorCode::kConflict);
  ASSERT_TRUE(Accept({{"law", "law"}}).ok());
  EXPECT_EQ(proposal_.status, ProposalStatus::kAccepted);
  EXPECT_EQ(Accept().error().code, ErrorCode::kConflict);
}

TEST_F(Review, ExamplesGoIntoAnExistingSkillAsFarAsItHoldsThem) {
  proposal_.skills[2].into = "law";
  proposal_.skills[2].skill.examples = {"0", "a new one"};
  const auto change = Accept({{"stars", "full"}, {"planets", "full"}, {"law", {}}});
  ASSERT_TRUE(change.ok()) << change.error().message;
  ASSERT_EQ(change->put_skills.size(), 2u);
  const Skill& full = change->put_skills[0];
  EXPECT_EQ(full.examples.size(), kMaxSkillExamples);
  EXPECT_EQ(full.examples.back(), "Which star is near?");
  EXPECT_EQ(full.category, "own");
  EXPECT_EQ(change->put_skills[1].examples, (std::vector<std::string>{"0", "1", "a new one"}));
  EXPECT_EQ(proposal_.skills[1].accepted, "full");
}

TEST_F(Review, AnAcceptanceThatNamesNothingThereIsRefused) {
  EXPECT_EQ(Accept({{"star", {}}}).error().param, "skills[0]");
  EXPECT_EQ(Accept({{"stars", {}}, {"stars", {}}}).error().param, "skills[1]");
  EXPECT_EQ(Accept({{"stars", "gone"}}).error().param, "skills[0].into");
  proposal_.skills.clear();
  EXPECT_EQ(Accept().error().code, ErrorCode::kConflict);
}

TEST_F(Review, RejectingClosesAndRemembersWhatWasAccepted) {
  Proposal other = proposal_;
  ASSERT_TRUE(RejectProposal(&other).ok());
  EXPECT_EQ(other.status, ProposalStatus::kRejected);
  EXPECT_EQ(RejectProposal(&other).error().code, ErrorCode::kConflict);
  EXPECT_EQ(EditProposal({}, *snapshot_, &other).error().code, ErrorCode::kConflict);
  ASSERT_TRUE(Accept({{"stars", {}}}).ok());
  ASSERT_TRUE(RejectProposal(&proposal_).ok());
  EXPECT_EQ(proposal_.status, ProposalStatus::kAccepted);
}

}  // namespace
}  // namespace moerge
