#include "router/onboard/expert_set.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

namespace moerge {
namespace {

constexpr std::size_t kEnoughToJudge = 4;  // answers from which a guesser can be told
constexpr double kConstant = 0.8;          // share of one answer that makes a guesser ...
constexpr double kVaried = 0.3;            // ... where the right ones differ by at least that much
constexpr double kShrinkOverlap = 20;      // samples of no overlap that are added

struct Frequent {
  std::string answer;
  std::size_t count = 0;
  std::size_t total = 0;
  double share() const {
    return total == 0 ? 0 : static_cast<double>(count) / static_cast<double>(total);
  }
};

Frequent MostFrequent(const std::vector<std::string>& answers) {
  std::map<std::string, std::size_t> counts;
  Frequent most;
  for (const std::string& answer : answers) {
    if (answer.empty()) continue;
    ++most.total;
    const std::size_t count = ++counts[answer];
    if (count > most.count) {
      most.count = count;
      most.answer = answer;
    }
  }
  return most;
}

std::string Worded(const char* form, double a, double b = 0, double c = 0) {
  char text[160];
  std::snprintf(text, sizeof text, form, a, b, c);
  return text;
}

class Chooser {
 public:
  Chooser(const std::vector<KShotRecord>& records, const std::vector<std::string>& references,
          const KShotOptions& options)
      : records_(records), references_(references), options_(options) {}

  ExpertSet Run() {
    usual_ = MeanScore();
    for (std::size_t i = 0; i < records_.size(); ++i) Admit(i);
    while (set_.chosen.size() < options_.size && !open_.empty()) TakeBest();
    return std::move(set_);
  }

 private:
  struct Open {
    ChosenExpert expert;
    double value = 0;
  };

  double MeanScore() const {
    double sum = 0;
    double count = 0;
    for (const KShotRecord& record : records_) {
      for (const double score : record.scores) {
        if (std::isnan(score)) continue;
        sum += score;
        count += 1;
      }
    }
    return count > 0 ? sum / count : 0.5;
  }

  void Reject(std::size_t i, std::string why) { set_.rejected.push_back({i, std::move(why)}); }

  void Admit(std::size_t i) {
    const KShotRecord& record = records_[i];
    ChosenExpert expert;
    expert.record = i;
    for (const double score : record.scores) {
      if (std::isnan(score)) continue;
      expert.solved += score;
      ++expert.trials;
    }
    if (expert.trials == 0) return Reject(i, "was not measured on any sample");
    const Frequent given = MostFrequent(record.answers);
    const Frequent right = MostFrequent(references_);
    const bool constant = given.total >= kEnoughToJudge && given.share() >= kConstant &&
                          given.share() - right.share() >= kVaried;
    if (constant) {
      return Reject(i, Worded("guesses: gives one and the same answer to %.0f of %.0f samples",
                              static_cast<double>(given.count), static_cast<double>(given.total)));
    }
    if (expert.solved <= 0 && expert.trials >= kEnoughToJudge) {
      return Reject(i, "solves none of the samples");
    }
    const bool known = !std::isnan(record.prior);
    const double behind = known ? options_.prior_trials : 4;
    const auto trials = static_cast<double>(expert.trials);
    expert.abidance =
        (expert.solved + behind * (known ? record.prior : usual_)) / (trials + behind);
    open_.push_back({expert, expert.abidance});
  }

  // Share of samples that two get wrong alike: with the same answer where answers are known.
  double Overlap(const KShotRecord& a, const KShotRecord& b) const {
    double alike = 0;
    double both = kShrinkOverlap;
    for (std::size_t k = 0; k < references_.size(); ++k) {
      if (std::isnan(a.scores[k]) || std::isnan(b.scores[k])) continue;
      both += 1;
      const double wrong = (1 - a.scores[k]) * (1 - b.scores[k]);
      const bool answers = !a.answers.empty() && !b.answers.empty();
      if (!answers || (a.answers[k] == b.answers[k] && !a.answers[k].empty())) alike += wrong;
    }
    return alike / both;
  }

  void TakeBest() {
    const auto best = std::max_element(
        open_.begin(), open_.end(),
        [](const Open& a, const Open& b) { return a.value < b.value; });  // the first of equals
    ChosenExpert taken = best->expert;
    open_.erase(best);
    taken.reason = Reason(taken);
    for (Open& open : open_) {
      const double overlap = Overlap(records_[open.expert.record], records_[taken.record]);
      open.expert.overlap += overlap;
      open.value -= options_.overlap_charge * overlap;
    }
    set_.chosen.push_back(std::move(taken));
  }

  std::string Reason(const ChosenExpert& taken) const {
    std::string reason =
        Worded("solves %.4g of %.0f samples", taken.solved, static_cast<double>(taken.trials));
    const double prior = records_[taken.record].prior;
    if (!std::isnan(prior)) reason += Worded(", expected %.2f from elsewhere", prior);
    reason += Worded(": abidance %.2f", taken.abidance);
    if (set_.chosen.empty()) return reason;
    return reason + Worded("; wrong like those before it in %.0f %% of the samples",
                           100 * taken.overlap / static_cast<double>(set_.chosen.size()));
  }

  const std::vector<KShotRecord>& records_;
  const std::vector<std::string>& references_;
  const KShotOptions options_;
  double usual_ = 0.5;
  std::vector<Open> open_;
  ExpertSet set_;
};

}  // namespace

ExpertSet ChooseExperts(const std::vector<KShotRecord>& records,
                        const std::vector<std::string>& references, const KShotOptions& options) {
  return Chooser(records, references, options).Run();
}

}  // namespace moerge
