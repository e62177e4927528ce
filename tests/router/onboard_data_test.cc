// Expert sets from K samples, on recorded results where they are there: the set that is chosen
// votes better on the rest of the task than random sets and than the K samples' best.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <map>
#include <numeric>
#include <random>
#include <span>

#include "registry/table_reader.h"
#include "router/onboard/expert_set.h"

namespace moerge {
namespace {

struct TaskData {
  std::vector<const TableRow*> rows;
};

class Recorded : public ::testing::Test {
 protected:
  static constexpr const char* kPath = MOERGE_SOURCE_DIR "/../shared/data/mmlu_pro_train.jsonl.gz";

  bool Load() {
    if (!std::filesystem::exists(kPath)) {
      std::cout << "the recorded table is not here; nothing was checked\n";
      return false;
    }
    auto table = ReadTable(kPath);
    EXPECT_TRUE(table.ok());
    table_ = *std::move(table);
    for (const TableRow& row : table_.rows) {
      tasks_[row.category].rows.push_back(&row);
      for (const auto& [expert, score] : row.scores) sums_[expert][row.category].push_back(score);
    }
    return true;
  }

  // What is known of an expert from all tasks but one.
  double Elsewhere(const std::string& expert, const std::string& task) const {
    double sum = 0;
    double count = 0;
    for (const auto& [category, scores] : sums_.at(expert)) {
      if (category == task) continue;
      sum += std::accumulate(scores.begin(), scores.end(), 0.0);
      count += static_cast<double>(scores.size());
    }
    return sum / count;
  }

  std::vector<KShotRecord> Records(const std::string& task,
                                   std::span<const TableRow* const> samples, bool priors) const {
    std::map<std::string, KShotRecord> records;
    for (const auto& [expert, scores] : sums_) {
      KShotRecord& record = records[expert];
      record.expert = expert;
      record.scores.assign(samples.size(), std::nan(""));
      record.answers.assign(samples.size(), "");
      if (priors) record.prior = Elsewhere(expert, task);
    }
    for (std::size_t k = 0; k < samples.size(); ++k) {
      for (const auto& [expert, score] : samples[k]->scores) records[expert].scores[k] = score;
      for (const auto& [expert, answer] : samples[k]->answers) records[expert].answers[k] = answer;
    }
    std::vector<KShotRecord> list;
    for (auto& [expert, record] : records) list.push_back(std::move(record));
    return list;
  }

  // Accuracy of the plurality of the set's answers, ties to the one named first.
  static double Vote(const std::vector<std::string>& set, std::span<const TableRow* const> rows) {
    double right = 0;
    for (const TableRow* row : rows) {
      std::vector<std::pair<std::string, int>> votes;
      for (const std::string& expert : set) {
        for (const auto& [name, answer] : row->answers) {
          if (name != expert || answer.empty()) continue;
          auto at = std::find_if(votes.begin(), votes.end(),
                                 [&](const auto& vote) { return vote.first == answer; });
          if (at == votes.end()) at = votes.insert(at, {answer, 0});
          ++at->second;
        }
      }
      const auto best = std::max_element(votes.begin(), votes.end(),
                                         [](auto& a, auto& b) { return a.second < b.second; });
      right += best != votes.end() && best->first == row->reference;
    }
    return right / static_cast<double>(rows.size());
  }

  Table table_;
  std::map<std::string, TaskData> tasks_;
  std::map<std::string, std::map<std::string, std::vector<double>>> sums_;
};

std::vector<std::string> Names(const std::vector<KShotRecord>& records, const ExpertSet& set) {
  std::vector<std::string> names;
  for (const ChosenExpert& one : set.chosen) names.push_back(records[one.record].expert);
  return names;
}

std::vector<std::string> MostAccurate(const std::vector<KShotRecord>& records, std::size_t size,
                                      std::mt19937& random) {
  std::vector<std::pair<double, std::string>> order;
  for (const KShotRecord& record : records) {
    double sum = 0;
    for (const double score : record.scores) sum += std::isnan(score) ? 0 : score;
    const double tie = 1e-6 * static_cast<double>(random() % 1000);
    order.emplace_back(sum + tie, record.expert);
  }
  std::sort(order.rbegin(), order.rend());
  std::vector<std::string> names;
  for (std::size_t i = 0; i < size; ++i) names.push_back(order[i].second);
  return names;
}

TEST_F(Recorded, ChosenSetsVoteBetterThanRandomOnesAndThanTheSamplesBest) {
  if (!Load()) return;
  constexpr std::size_t kSize = 3;
  std::mt19937 random(7);
  for (const std::size_t k : {5u, 10u, 20u, 50u}) {
    double chosen = 0, accurate = 0, lottery = 0, alone = 0;
    int count = 0;
    for (int draw = 0; draw < 3; ++draw) {
      for (auto& [name, task] : tasks_) {
        std::shuffle(task.rows.begin(), task.rows.end(), random);
        const std::span<const TableRow* const> rows(task.rows);
        std::vector<std::string> references;
        for (const TableRow* row : rows.first(k)) references.push_back(row->reference);
        const auto known = Records(name, rows.first(k), true);
        const auto unknown = Records(name, rows.first(k), false);
        const auto rest = rows.subspan(k);
        chosen += Vote(Names(known, ChooseExperts(known, references, {.size = kSize})), rest);
        alone += Vote(Names(unknown, ChooseExperts(unknown, references, {.size = kSize})), rest);
        accurate += Vote(MostAccurate(known, kSize, random), rest);
        std::vector<std::string> any;
        for (const KShotRecord& record : known) any.push_back(record.expert);
        std::shuffle(any.begin(), any.end(), random);
        any.resize(kSize);
        lottery += Vote(any, rest);
        ++count;
      }
    }
    const auto mean = [&](double sum) { return 100 * sum / count; };
    std::cout << "K " << k << ": chosen " << mean(chosen) << ", without what is known elsewhere "
              << mean(alone) << ", most accurate " << mean(accurate) << ", random " << mean(lottery)
              << "\n";
    EXPECT_GT(chosen, lottery) << k;
    EXPECT_GT(chosen, accurate) << k;
    EXPECT_GT(alone, lottery) << k;
  }
}

TEST_F(Recorded, AConstantGuesserAmongThemIsRejected) {
  if (!Load()) return;
  const auto& [name, task] = *tasks_.begin();
  const std::span<const TableRow* const> rows(task.rows);
  for (const std::size_t k : {5u, 10u, 20u, 50u}) {
    auto records = Records(name, rows.first(k), false);
    std::vector<std::string> references;
    KShotRecord guesser{"guesser", {}, {}};
    for (const TableRow* row : rows.first(k)) {
      references.push_back(row->reference);
      guesser.answers.push_back("C");
      guesser.scores.push_back(row->reference == "C" ? 1 : 0);
    }
    records.push_back(guesser);
    const ExpertSet set = ChooseExperts(records, references, {.size = records.size()});
    const bool rejected =
        std::any_of(set.rejected.begin(), set.rejected.end(),
                    [&](const auto& one) { return one.record == records.size() - 1; });
    EXPECT_TRUE(rejected) << k;
  }
}

}  // namespace
}  // namespace moerge
