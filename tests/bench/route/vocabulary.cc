// Whether a skill vocabulary built from free-form labels is as good as the true one: a scripted
// labeller calls each category of a results table by one of several names, some without a word in
// common; the recovered skills are compared with the categories, and routing learnt on them with
// routing learnt on the true ones.
//   bench_vocabulary --data DIR [--seed N]
#include <cstdio>
#include <map>
#include <string>

#include "config/base/hash.h"
#include "config/base/random.h"
#include "config/base/text.h"
#include "router/offline/table_router.h"
#include "router/vocabulary/vocabulary.h"
#include "tests/bench/route/common/arguments.h"
#include "tests/bench/route/common/tables.h"
#include "tests/router/vocabulary/adjusted_rand.h"

namespace moerge {
namespace {

const std::map<std::string, std::vector<std::string>> kNames = {
    {"math", {"algebra and calculus", "number problems", "mathematical reasoning"}},
    {"physics", {"mechanics", "forces and fields", "physical laws"}},
    {"chemistry", {"reactions and compounds", "chemical calculations", "stoichiometry"}},
    {"law", {"legal reasoning", "jurisprudence", "case law"}},
    {"engineering", {"technical design", "circuits and machines", "applied engineering"}},
    {"other", {"general knowledge", "miscellaneous facts", "trivia"}},
    {"economics", {"markets and prices", "macro and micro", "economic theory"}},
    {"health", {"medicine", "clinical knowledge", "human health"}},
    {"psychology", {"behaviour and mind", "mental processes", "psychological theory"}},
    {"business", {"management", "accounting and finance", "company practice"}},
    {"biology", {"life science", "cells and organisms", "genetics and evolution"}},
    {"philosophy", {"ethics and logic", "philosophical argument", "moral theory"}},
    {"computer science", {"algorithms", "programming and computers", "computing"}},
    {"history", {"past events", "historical sources", "eras and empires"}}};

std::string LabelOf(const TableRow& row, std::uint64_t seed) {
  const auto& names = kNames.at(row.category);
  return names[Hash64(row.id, seed) % names.size()];
}

VocabularyProposal Build(const std::vector<TableRow>& rows, std::uint64_t seed) {
  std::map<std::string, FreeLabel> labels;
  for (const TableRow& row : rows) {
    const std::string text = LabelOf(row, seed);
    FreeLabel& label = labels.emplace(text, FreeLabel{text, 0, {}}).first->second;
    ++label.count;
    label.prompts.push_back(row.prompt);
  }
  std::vector<FreeLabel> list;
  for (auto& [text, label] : labels) list.push_back(std::move(label));
  return *ProposeVocabulary(list);
}

double OneCall(const TableRouter& router, const std::vector<TableRow>& test) {
  double sum = 0;
  for (const TableRow& row : test) {
    const Decision decision = router.Route(row.prompt, {});
    sum += ScoreOf(row, NameOf(decision.roster.at(0).expert));
  }
  return sum / static_cast<double>(test.size());
}

int Run(const std::string& data, std::uint64_t seed) {
  const auto rows = ReadRows(data);
  if (!rows) return 1;
  const Parts parts = PartsOf(*rows, GroupedFolds(*rows, 5, seed).front());
  const VocabularyProposal proposal = Build(parts.train, seed);
  std::map<std::string, std::string> skill;
  std::map<std::string, std::size_t> index;
  for (const ProposedSkill& each : proposal.skills) {
    for (const std::string& label : each.labels) skill[label] = each.skill.name;
    index.emplace(each.skill.name, index.size());
    std::printf("%-28s %s\n", each.skill.name.c_str(), Join(each.labels, ", ").c_str());
  }
  std::map<std::string, std::size_t> category;
  std::vector<std::size_t> planted, found;
  std::vector<TableRow> relabelled = parts.train;
  for (TableRow& row : relabelled) {
    planted.push_back(category.emplace(row.category, category.size()).first->second);
    row.category = skill.at(NormalisedLabel(LabelOf(row, seed)));
    found.push_back(index.at(row.category));
  }
  std::printf("%zu skills from %zu categories, adjusted Rand %.3f\n", proposal.skills.size(),
              category.size(), AdjustedRand(planted, found));
  const double truth = OneCall(*TableRouter::Learn(parts.train), parts.test);
  const double label = OneCall(*TableRouter::Learn(relabelled), parts.test);
  std::printf("one call, %zu rows: true categories %.4f, recovered skills %.4f\n",
              parts.test.size(), truth, label);
  return 0;
}

}  // namespace
}  // namespace moerge

int main(int argc, char** argv) {
  const moerge::Arguments arguments(argc, argv);
  const std::string data = arguments.Text("--data");
  std::uint64_t seed = 1;
  arguments.Number("--seed", 0, &seed);
  if (data.empty()) {
    std::printf("usage: bench_vocabulary --data DIR [--seed N]\n");
    return 2;
  }
  return moerge::Run(data, seed);
}
