#include <gtest/gtest.h>

#include "router/classify/rule_table.h"
#include "router/router.h"
#include "tests/router/classify/classify_fixture.h"

namespace moerge {
namespace {

std::vector<std::string> Matches(const std::string& list, std::string_view text) {
  const Result<RuleTable> table = RuleTable::Parse({{"s", list}});
  EXPECT_TRUE(table.ok()) << table.error().message;
  std::vector<std::uint32_t> found;
  table->Match(text, &found);
  std::vector<std::string> rules;
  for (const std::uint32_t rule : found) rules.push_back(table->rules()[rule].text);
  return rules;
}

using Texts = std::vector<std::string>;

TEST(RuleTable, KeywordsAreWholeWordsInAnyCase) {
  EXPECT_EQ(Matches("mol, molar mass", "The MOLAR   Mass of a mol."), (Texts{"mol", "molar mass"}));
  EXPECT_EQ(Matches("mol, molar mass", "molecule, molar weight, mass"), Texts{});
  EXPECT_EQ(Matches("c++, straße, 积分", "C++ in der STRASSE? Straße! 这个积分"),
            (Texts{"c++", "straße", "积分"}));
}

TEST(RuleTable, DigitsOfKeywordsCount) {
  EXPECT_EQ(Matches("f-16, section 230", "an F-16 and section 231"), Texts{"f-16"});
}

TEST(RuleTable, ExpressionsHaveFlags) {
  EXPECT_EQ(Matches(R"(/\bmol\b/i, /\bpH\b/)", "1 MOL at ph 7"), Texts{R"(/\bmol\b/i)"});
  EXPECT_EQ(Matches("/a.b/, /a.b/s", "a\nb"), Texts{"/a.b/s"});
}

TEST(RuleTable, CommasAndSlashesMayBePartOfRules) {
  EXPECT_EQ(Matches(R"(/x{1,3}y/, a\, b, /k\/m/)", "xxy; a, b; km k/m"),
            (Texts{"/x{1,3}y/", R"(a\, b)", R"(/k\/m/)"}));
}

TEST(RuleTable, NoPatternTakesExponentialTime) {
  // 2^5000 steps for a matcher that backtracks: it would never end.
  EXPECT_EQ(Matches("/(a*)*(a*)*b/, /^(a|aa)+$/", std::string(5000, 'a') + "c"), Texts{});
}

TEST(RuleTable, AnyTextCanBeMatched) {
  EXPECT_EQ(Matches("tea, /caf./", "\xff\xfe tea \xe2\x82"), Texts{"tea"});
  EXPECT_EQ(Matches("tea, /caf./", ""), Texts{});
}

std::string Complaint(const std::string& list) {
  const Result<RuleTable> table = RuleTable::Parse({{"chemistry", list}});
  if (table.ok()) return "";
  EXPECT_EQ(table.error().param, "options.rules.chemistry");
  return table.error().message;
}

TEST(RuleTable, SaysWhatIsWrongAndWhere) {
  EXPECT_NE(Complaint("mol, /a(b/").find("`rules.chemistry`: `/a(b/`: missing"), std::string::npos);
  EXPECT_NE(Complaint("/ab").find("closing `/` is missing"), std::string::npos);
  EXPECT_NE(Complaint("/ab/gi").find("`g` is not a flag; known: i, s"), std::string::npos);
  EXPECT_NE(Complaint("//").find("the expression is empty"), std::string::npos);
  EXPECT_NE(Complaint("mol,,acid").find("nothing between two commas"), std::string::npos);
  EXPECT_NE(Complaint(std::string(1001, 'x')).find("at most 1000 bytes"), std::string::npos);
  EXPECT_NE(Complaint("/((((a{100}){100}){100}){100})/").size(), 0u);
  std::string many = "/x/";
  for (int i = 0; i < 100; ++i) many += ",/x/";
  EXPECT_NE(Complaint(many).find("at most 100 regular expressions"), std::string::npos);
}

Policy RulesPolicy(std::map<std::string, std::string> options) {
  Policy policy;
  policy.classifier = "rules";
  policy.options = std::move(options);
  return policy;
}

TEST(CheckPolicy, RulesAreHeldAgainstTheSkillsThatThereAre) {
  const std::vector<std::string> skills = {"algebra", "chemistry"};
  EXPECT_TRUE(CheckPolicy(RulesPolicy({{"rules.chemistry", "mol"}}), &skills).ok());
  const Status wrong = CheckPolicy(RulesPolicy({{"rules.chemistri", "mol"}}), &skills);
  EXPECT_EQ(wrong.error().param, "options.rules.chemistri");
  EXPECT_NE(wrong.error().message.find("Did you mean `chemistry`"), std::string::npos)
      << wrong.error().message;
  EXPECT_TRUE(CheckPolicy(RulesPolicy({{"rules.chemistri", "mol"}})).ok());  // skills unknown
}

TEST(CheckPolicy, RulesWantRulesAndSoundOptions) {
  EXPECT_EQ(CheckPolicy(RulesPolicy({})).error().param, "options");
  EXPECT_EQ(CheckPolicy(RulesPolicy({{"rules.x", "/(/"}})).error().param, "options.rules.x");
  EXPECT_EQ(CheckPolicy(RulesPolicy({{"rules.x", "a"}, {"rules.mode", "last"}})).error().param,
            "options.rules.mode");
  EXPECT_EQ(CheckPolicy(RulesPolicy({{"rules.x", "a"}, {"rules.weight", "-1"}})).error().param,
            "options.rules.weight");
}

TEST(Rules, FirstMeansThatAMatchDecides) {
  const auto rules = Make("rules", ThreeSkills(),
                          {{"rules.mode", "first"}, {"rules.cooking", "integral, /soup/"}});
  const Demand demand = Ask(*rules, "the integral of sin x dx");
  EXPECT_EQ(TopOf(demand), "cooking");
  EXPECT_EQ(demand.classifier, "rules");
  EXPECT_GT(demand.confidence, 0.5);
  EXPECT_NE(AllNotes(demand).find("matched `integral` -> cooking (right in 0 of 1 labelled"),
            std::string::npos)
      << AllNotes(demand);
}

TEST(Rules, WithoutAMatchLexicalDecides) {
  const TrainingSet set = ThreeSkills();
  const auto rules = Make("rules", set, {{"rules.cooking", "oven"}});
  const Demand demand = Ask(*rules, "the integral of sin x dx");
  const Demand lexical = Ask(*LexicalClassifier::Train(set), "the integral of sin x dx");
  EXPECT_EQ(TopOf(demand), "integrals");
  EXPECT_FLOAT_EQ(demand.skills[0].probability, lexical.skills[0].probability);
  EXPECT_NE(AllNotes(demand).find("no rule matches: lexical"), std::string::npos);
}

TEST(Rules, SkillsThatAreGoneAreLeftOut) {
  const auto rules = Make("rules", ThreeSkills(), {{"rules.gone", "soup"}});
  EXPECT_EQ(TopOf(Ask(*rules, "onion soup recipe")), "cooking");
}

// Two subjects told apart by words that a rule names: what right and wrong rules do to accuracy.
double Accuracy(const Classifier& classifier) {
  Random random(1234);
  double right = 0;
  constexpr int kTexts = 300;
  for (int i = 0; i < kTexts; ++i) {
    right +=
        TopOf(Ask(classifier, TextOf(i % 2, &random, 5))) == (i % 2 == 0 ? "chess" : "biology");
  }
  return right / kTexts;
}

constexpr const char* kChess = "rook, bishop, pawn, queen, castle";
constexpr const char* kBiology = "enzyme, protein, membrane, cell, gene";

TEST(Rules, WithFewSamplesARightPriorHelps) {
  double with = 0;
  double without = 0;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const TrainingSet few = TwoSubjects(8, seed);
    without += Accuracy(*LexicalClassifier::Train(few)) / 5;
    with +=
        Accuracy(*Make("rules", few, {{"rules.chess", kChess}, {"rules.biology", kBiology}})) / 5;
  }
  EXPECT_GT(with, without + 0.02);
}

TEST(Rules, WithManySamplesAWrongPriorIsOverridden) {
  const ClassifierOptions wrong = {{"rules.chess", kBiology}, {"rules.biology", kChess}};
  const TrainingSet few = TwoSubjects(8);
  const TrainingSet many = TwoSubjects(1500);
  const double harmed =
      Accuracy(*LexicalClassifier::Train(few)) - Accuracy(*Make("rules", few, wrong));
  const double left =
      Accuracy(*LexicalClassifier::Train(many)) - Accuracy(*Make("rules", many, wrong));
  EXPECT_GT(harmed, 0.05);
  EXPECT_LT(left, 0.01);
}

}  // namespace
}  // namespace moerge
