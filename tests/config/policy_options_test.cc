// The table of options that policies may set.
#include "config/policy_options.h"

#include <gtest/gtest.h>

#include <set>

namespace moerge {
namespace {

TEST(PolicyOptions, EveryOneHasANameOfItsOwnInOrder) {
  const auto options = PolicyOptionTable();
  ASSERT_GT(options.size(), 10u);
  for (std::size_t i = 1; i < options.size(); ++i) {
    EXPECT_LT(options[i - 1].name, options[i].name);
  }
}

TEST(PolicyOptions, EveryDefaultIsAllowed) {
  for (const PolicyOption& option : PolicyOptionTable()) {
    if (option.fallback.empty()) continue;
    EXPECT_TRUE(CheckOption(option.name, option.fallback).ok()) << option.name;
  }
}

TEST(PolicyOptions, WhatIsNotAllowedSaysWhatIs) {
  const Status status = CheckOption("knn.k", "0");
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.error().message.find("a whole number from 1 to 1000"), std::string::npos)
      << status.error().message;
  EXPECT_FALSE(CheckOption("knn.k", "1.5").ok());
  EXPECT_FALSE(CheckOption("embedding.head", "forest").ok());
}

TEST(PolicyOptions, AnUnknownOneNamesItsNeighbour) {
  const Status status = CheckOption("experts.marign", "0.1");
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.error().message.find("experts.margin"), std::string::npos)
      << status.error().message;
}

TEST(PolicyOptions, EachRowHasAValueOfItsOwn) {
  std::set<decltype(PolicyOption::assign)> assigns;
  for (const PolicyOption& option : PolicyOptionTable()) {
    EXPECT_TRUE(assigns.insert(option.assign).second) << option.name;
  }
}

TEST(PolicyOptions, WithoutWordsTheDefaultsOfTheTableCount) {
  const PolicyOptions none;
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(none->answers_bytes, 32000);
  EXPECT_EQ(none->confidence_words, "I do not have an answer to this that I am sure enough of.");
  EXPECT_EQ(none->auction_deadline_ms, std::chrono::milliseconds(1500));
  EXPECT_EQ(none->session_idle_s, std::chrono::seconds(1800));
  EXPECT_EQ(none->cascade_target, 0.9);
  EXPECT_EQ(none->mapping_budget, 1e12);
  EXPECT_FALSE(none->session_sticky);
  EXPECT_EQ(none->vote_numbers, NumbersRule::kPlurality);
  EXPECT_TRUE(none->rules.empty());
}

TEST(PolicyOptions, WordsBecomeValuesWhenTheyAreSet) {
  PolicyOptions options = {{"knn.k", "7"}, {"race.hedge_ms", "1e3"}, {"experts.null", "true"}};
  EXPECT_EQ(options->knn_k, 7u);
  EXPECT_EQ(options->race_hedge_ms, std::chrono::milliseconds(1000));
  EXPECT_TRUE(options->experts_null);
  const PolicyOptions before = options;
  options.Set("knn.k", "8");
  options.Set("limits.tokens", "1000000000000");
  options.Set("author.expert", "ada");
  EXPECT_EQ(options->knn_k, 8u);
  EXPECT_EQ(options->limits_tokens, 1'000'000'000'000);
  EXPECT_EQ(options->author_expert, "ada");
  EXPECT_EQ(options->race_hedge_ms, std::chrono::milliseconds(1000)) << "what was set stays";
  EXPECT_EQ(before->knn_k, 7u) << "a copy is its own";
  EXPECT_NE(before, options);
  EXPECT_EQ(options.words().size(), 5u);
}

TEST(PolicyOptions, EveryChoiceMeansItsValue) {
  const auto with = [](const char* name, const char* word) {
    return PolicyOptions({{name, word}});
  };
  EXPECT_EQ(with("answers.keep", "text")->answers_keep, AnswersKept::kText);
  EXPECT_EQ(with("answers.keep", "hash")->answers_keep, AnswersKept::kHash);
  EXPECT_EQ(with("answers.kind", "auto")->answers_kind, AnswerKind::kAuto);
  EXPECT_EQ(with("answers.kind", "choice")->answers_kind, AnswerKind::kChoice);
  EXPECT_EQ(with("answers.kind", "number")->answers_kind, AnswerKind::kNumber);
  EXPECT_EQ(with("answers.kind", "text")->answers_kind, AnswerKind::kText);
  EXPECT_EQ(with("answers.kind", "json")->answers_kind, AnswerKind::kJson);
  EXPECT_EQ(with("kinds.algebra", "auto")->kinds.at("algebra"), AnswerKind::kAuto);
  EXPECT_EQ(with("kinds.a b", "number")->kinds.at("a b"), AnswerKind::kNumber);
  EXPECT_EQ(with("kinds.algebra", "json")->kinds.at("algebra"), AnswerKind::kJson);
  EXPECT_EQ(with("best_of.scorer", "auto")->best_of_scorer, BestOfScorer::kAuto);
  EXPECT_EQ(with("best_of.scorer", "agreement")->best_of_scorer, BestOfScorer::kAgreement);
  EXPECT_EQ(with("best_of.scorer", "judge")->best_of_scorer, BestOfScorer::kJudge);
  EXPECT_EQ(with("best_of.scorer", "pairwise")->best_of_scorer, BestOfScorer::kPairwise);
  EXPECT_EQ(with("confidence.below", "abstain")->confidence_below, BelowConfidence::kAbstain);
  EXPECT_EQ(with("confidence.below", "escalate")->confidence_below, BelowConfidence::kEscalate);
  EXPECT_EQ(with("embedding.head", "logistic")->embedding_head, HeadKind::kLogistic);
  EXPECT_EQ(with("embedding.head", "centroid")->embedding_head, HeadKind::kCentroid);
  EXPECT_EQ(with("embedding.head", "knn")->embedding_head, HeadKind::kKnn);
  EXPECT_EQ(with("mapping.measure", "price")->mapping_measure, CostMeasure::kPrice);
  EXPECT_EQ(with("mapping.measure", "size")->mapping_measure, CostMeasure::kSize);
  EXPECT_EQ(with("mapping.measure", "latency")->mapping_measure, CostMeasure::kLatency);
  EXPECT_EQ(with("rules.mode", "prior")->rules_mode, RulesMode::kPrior);
  EXPECT_EQ(with("rules.mode", "first")->rules_mode, RulesMode::kFirst);
  EXPECT_EQ(with("rules.law", "court, /art\\./")->rules.at("law"), "court, /art\\./");
  EXPECT_TRUE(with("rules.mode", "first")->rules.empty()) << "no skill of that name";
  EXPECT_EQ(with("balance.isolation", "tenant")->balance_isolation, BalanceIsolation::kTenant);
  EXPECT_EQ(with("balance.isolation", "none")->balance_isolation, BalanceIsolation::kNone);
  EXPECT_EQ(with("balance.overflow", "reroute")->balance_overflow, BalanceOverflow::kReroute);
  EXPECT_EQ(with("balance.overflow", "refuse")->balance_overflow, BalanceOverflow::kRefuse);
  EXPECT_EQ(with("batch.assign", "none")->batch_assign, BatchAssign::kNone);
  EXPECT_EQ(with("batch.assign", "expert_choice")->batch_assign, BatchAssign::kExpertChoice);
  EXPECT_EQ(with("batch.assign", "balanced")->batch_assign, BatchAssign::kBalanced);
  EXPECT_EQ(with("batch.part.ada", "2.5")->batch_part.at("ada"), 2.5);
  EXPECT_EQ(with("batch.part.a.b", "2.5")->batch_part.at("a.b"), 2.5);
  EXPECT_EQ(with("rules.a.b", "x")->rules.at("a.b"), "x");
  EXPECT_EQ(with("session.key", "auto")->session_key, SessionKeySource::kAuto);
  EXPECT_EQ(with("session.key", "header")->session_key, SessionKeySource::kHeader);
  EXPECT_EQ(with("session.key", "prefix")->session_key, SessionKeySource::kPrefix);
  EXPECT_EQ(with("vote.numbers", "plurality")->vote_numbers, NumbersRule::kPlurality);
  EXPECT_EQ(with("vote.numbers", "median")->vote_numbers, NumbersRule::kMedian);
  EXPECT_EQ(with("vote.numbers", "mean")->vote_numbers, NumbersRule::kMean);
}

TEST(PolicyOptions, WhatIsNotAllowedStaysInItsWordsAndOutOfTheValues) {
  const PolicyOptions options = {{"knn.k", "-5"},       {"vote.numbers", "middle"},
                                 {"no.such", "1"},      {"experts.null", "yes"},
                                 {"vote.gain", "much"}, {"kinds.", "json"}};
  EXPECT_EQ(options.words().size(), 6u);
  EXPECT_EQ(options->knn_k, 100u);
  EXPECT_EQ(options->vote_numbers, NumbersRule::kPlurality);
  EXPECT_FALSE(options->experts_null);
  EXPECT_EQ(options->vote_gain, 0.004);
  EXPECT_TRUE(options->kinds.empty());
}

}  // namespace
}  // namespace moerge
