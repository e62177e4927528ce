#include "router/profile/joint_errors.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "registry/registry.h"
#include "router/learn/name_bytes.h"

namespace moerge {
namespace {

// Requests of overall strength that are added to what is known of a skill.
constexpr double kOverallRows = 20;

constexpr float kUnknown = std::numeric_limits<float>::quiet_NaN();

float ScoreOf(const TrainingSet& set, std::size_t row, std::size_t expert) {
  return set.scores[row * set.experts.size() + expert];
}

// What an expert is expected to score for each skill, shrunk toward its mean, which comes last.
std::vector<double> Expectations(const TrainingSet& set, const SparseRows& demand,
                                 const std::vector<std::uint32_t>& rows, std::size_t expert) {
  double sum = 0;
  double count = 0;
  std::vector<double> wins(set.skills.size(), 0);
  std::vector<double> trials(set.skills.size(), kOverallRows);
  for (const std::uint32_t row : rows) {
    const auto score = static_cast<double>(ScoreOf(set, row, expert));
    if (std::isnan(score)) continue;
    sum += score;
    count += 1;
    for (const Feature& part : demand[row]) {
      wins[part.bucket] += static_cast<double>(part.value) * score;
      trials[part.bucket] += static_cast<double>(part.value);
    }
  }
  const double mean = sum / count;
  for (std::size_t s = 0; s < wins.size(); ++s) {
    wins[s] = (wins[s] + kOverallRows * mean) / trials[s];
  }
  wins.push_back(mean);
  return wins;
}

// By row: score less expectation; NaN where there is no score.
std::vector<float> Errors(const TrainingSet& set, const SparseRows& demand,
                          const std::vector<std::uint32_t>& rows, std::size_t expert) {
  const std::vector<double> expected = Expectations(set, demand, rows, expert);
  std::vector<float> errors;
  errors.reserve(rows.size());
  for (const std::uint32_t row : rows) {
    const float score = ScoreOf(set, row, expert);
    double due = 0;
    double rest = 1;
    for (const Feature& part : demand[row]) {
      due += static_cast<double>(part.value) * expected[part.bucket];
      rest -= static_cast<double>(part.value);
    }
    due += rest * expected.back();
    errors.push_back(std::isnan(score) ? kUnknown : score - static_cast<float>(due));
  }
  return errors;
}

float Correlate(const std::vector<float>& a, const std::vector<float>& b) {
  double n = 0, sum_a = 0, sum_b = 0, aa = 0, bb = 0, ab = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::isnan(a[i]) || std::isnan(b[i])) continue;
    const auto x = static_cast<double>(a[i]);
    const auto y = static_cast<double>(b[i]);
    n += 1;
    sum_a += x;
    sum_b += y;
    aa += x * x;
    bb += y * y;
    ab += x * y;
  }
  if (n < 2) return 0;
  const double spread = (aa - sum_a * sum_a / n) * (bb - sum_b * sum_b / n);
  if (!(spread > 1e-12)) return 0;
  const double found = (ab - sum_a * sum_b / n) / std::sqrt(spread);
  return static_cast<float>(std::clamp(found, -1.0, 1.0) * n / (n + JointErrors::kShrink));
}

}  // namespace

void JointErrors::Name(std::vector<std::string> experts) {
  for (const std::string& name : experts) experts_.push_back(InternExpert(name));
  names_ = std::move(experts);
}

std::shared_ptr<const JointErrors> JointErrors::Train(const TrainingSet& set,
                                                      const SparseRows& demand,
                                                      const std::atomic<bool>* stop) {
  if (set.experts.empty() || demand.size() != set.documents.size()) return nullptr;
  const std::vector<std::uint32_t> experts = set.MostScored(kMinScores, kMaxExperts);
  const std::vector<std::uint32_t> rows = set.Scored();
  if (experts.size() < 2) return nullptr;
  std::vector<std::vector<float>> errors;
  std::vector<std::string> names;
  for (const std::uint32_t expert : experts) {
    errors.push_back(Errors(set, demand, rows, expert));
    names.push_back(set.experts[expert]);
  }
  auto joint = std::make_shared<JointErrors>();
  joint->correlations_.assign(experts.size() * experts.size(), 1);
  for (std::size_t a = 0; a < experts.size(); ++a) {
    if (stop != nullptr && stop->load()) return nullptr;
    for (std::size_t b = 0; b < a; ++b) {
      const float both = Correlate(errors[a], errors[b]);
      joint->correlations_[a * experts.size() + b] = both;
      joint->correlations_[b * experts.size() + a] = both;
    }
  }
  joint->Name(std::move(names));
  return joint;
}

std::string JointErrors::Bytes() const {
  ByteWriter out;
  PutNames(names_, &out);
  out.PutAll(correlations_);
  return out.Take();
}

std::shared_ptr<const JointErrors> JointErrors::Restore(std::string_view bytes) {
  ByteReader in(bytes);
  auto joint = std::make_shared<JointErrors>();
  std::vector<std::string> names = GetNames(&in);
  joint->correlations_ = in.GetAll<float>();
  const bool fits = in.ok() && in.AtEnd() && names.size() >= 2 &&
                    joint->correlations_.size() == names.size() * names.size();
  if (!fits) return nullptr;
  joint->Name(std::move(names));
  return joint;
}

}  // namespace moerge
