#include <gtest/gtest.h>

#include <algorithm>

#include "router/classify/gate.h"
#include "tests/router/classify/classify_fixture.h"

namespace moerge {
namespace {

// Each expert's own samples. Owners share nothing: no prompt has scores of two.
struct Samples {
  std::string expert;
  std::size_t subject;
  std::size_t count;
  std::uint64_t seed;
  bool failures = false;  // also prompts of the other subject, which went wrong
};

TrainingSet SetOf(const std::vector<Samples>& owners) {
  TrainingSetBuilder builder;
  builder.AddSkill(MakeSkill("anything", {"one thing", "another thing"}));
  builder.AddSkill(MakeSkill("nothing", {"no thing", "not a thing"}));
  for (const Samples& own : owners) {
    Random random(own.seed);
    for (std::size_t i = 0; i < own.count; ++i) {
      const bool fails = own.failures && i % 2 == 1;
      builder.AddObservation(Seen(own.expert + std::to_string(i),
                                  TextOf(fails ? 1 - own.subject : own.subject, &random, 30), "",
                                  {{own.expert, fails ? 0.0 : 1.0}}));
    }
  }
  return builder.Build();
}

const std::vector<Samples> kOwners = {{"biologist", 1, 60, 1}, {"player", 0, 40, 2}};

TEST(ExpertGate, NoGateSeesAnotherExpertsSamples) {
  const auto before = GateBytes(*Make("gate", SetOf(kOwners)));
  ASSERT_EQ(before.size(), 2u);
  auto others = kOwners;
  others[0].seed = 77;  // other prompts, more of them, and failures among them
  others[0].count = 200;
  others[0].failures = true;
  others.push_back({"newcomer", 0, 30, 5});
  const auto after = GateBytes(*Make("gate", SetOf(others)));
  EXPECT_EQ(after.at("player"), before.at("player"));
  EXPECT_NE(after.at("biologist"), before.at("biologist"));
  EXPECT_EQ(GateBytes(*Make("gate", SetOf({kOwners[1]}))).at("player"), before.at("player"));
}

double RightOwner(const Classifier& gates) {
  Random random(31);
  double right = 0;
  constexpr int kPrompts = 200;
  for (int i = 0; i < kPrompts; ++i) {
    const Demand demand = Ask(gates, TextOf(i % 2, &random, 30));
    if (demand.experts.empty()) return 0;
    const auto best = std::max_element(
        demand.experts.begin(), demand.experts.end(),
        [](const ExpertOpinion& a, const ExpertOpinion& b) { return a.expected < b.expected; });
    right += NameOf(best->expert) == (i % 2 == 0 ? "player" : "biologist");
  }
  return right / kPrompts;
}

TEST(ExpertGate, GatesFittedApartSendPromptsToTheirOwners) {
  EXPECT_GT(RightOwner(*Make("gate", SetOf(kOwners))), 0.9);
}

TEST(ExpertGate, UnequalSamplesStayComparable) {
  EXPECT_GT(RightOwner(*Make("gate", SetOf({{"biologist", 1, 300, 1}, {"player", 0, 30, 2}}))),
            0.8);
}

TEST(ExpertGate, SaysWhichOpensWidestAndHowMuchItCounts) {
  const Demand demand =
      Ask(*Make("gate", SetOf(kOwners), {{"gate.experts", "0.25"}}), "rook bishop pawn mate");
  EXPECT_EQ(demand.classifier, "gate");
  ASSERT_EQ(demand.experts.size(), 2u);
  EXPECT_FLOAT_EQ(demand.experts[0].weight, 0.25f);
  EXPECT_NE(AllNotes(demand).find("of 2 gates `player` opens widest"), std::string::npos)
      << AllNotes(demand);
}

TEST(ExpertGate, TooFewSamplesMakeNoGate) {
  const Demand demand =
      Ask(*Make("gate", SetOf({{"player", 0, ExpertGate::kMinSamples - 1, 2}})), "rook");
  EXPECT_TRUE(demand.experts.empty());
  EXPECT_NE(AllNotes(demand).find("no expert has samples enough"), std::string::npos);
}

TEST(ExpertGate, RestoredFromBytesItDecidesTheSameAndDamageIsRefused) {
  const TrainingSet set = SetOf(kOwners);
  const ClassifierOptions options;
  const ClassifierTask task{set, LexicalClassifier::Train(set), options, nullptr, nullptr};
  const ClassifierKind& kind = *FindClassifierKind("gate");
  const auto trained = kind.train(task);
  const std::string bytes = trained->Bytes();
  const auto restored = kind.restore(bytes, task);
  ASSERT_NE(restored, nullptr);
  EXPECT_EQ(restored->Bytes(), bytes);
  EXPECT_EQ(Ask(*restored, "rook").experts[0].expected, Ask(*trained, "rook").experts[0].expected);
  for (std::size_t size = 0; size < bytes.size(); size += 1 + bytes.size() / 20) {
    EXPECT_EQ(kind.restore(std::string_view(bytes).substr(0, size), task), nullptr) << size;
  }
}

}  // namespace
}  // namespace moerge
