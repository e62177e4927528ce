#include "router/classify/gate.h"

#include <algorithm>
#include <cmath>

#include "config/base/random.h"
#include "config/config.h"
#include "router/classify/telling_words.h"
#include "router/learn/softmax.h"

namespace moerge {
namespace {

constexpr int kGateFolds = 2;

SparseRows ShippedExamples() {
  SparseRows documents;
  for (const Skill& skill : ShippedSkills()) {
    for (const std::string& example : skill.examples) {
      RequestText text;
      text.user = example;
      documents.Add(ExtractFeatures(Window(text)));
    }
  }
  return documents;
}

// What a gate is fitted on: its own samples, then the background as so many failures.
struct Fitting {
  SparseRows rows;
  std::vector<float> targets;
  std::size_t own = 0;
  double background = 0;  // what one prompt of the background weighs
};

// An expert that comes with good samples alone shows what it is for by what they differ in from the
// background; one that comes with its failures too needs the background little.
Fitting Prepare(const GateSamples& own, const SparseRows& background) {
  constexpr double kLeastShare = 0.1;
  constexpr std::size_t kMaxBackground = 1000;
  Fitting fitting;
  double good = 0;
  for (std::size_t i = 0; i < own.scores.size(); ++i) {
    fitting.rows.Add(own.rows[i]);
    fitting.targets.push_back(own.scores[i]);
    good += static_cast<double>(own.scores[i]);
  }
  fitting.own = own.scores.size();
  const auto count = static_cast<double>(fitting.own);
  const double wanted = std::max(kLeastShare * count, 2 * good - count);
  const std::size_t taken =
      std::min({kMaxBackground, background.size(), static_cast<std::size_t>(std::ceil(wanted))});
  for (std::size_t i = 0; i < taken; ++i) {
    fitting.rows.Add(background[i * background.size() / taken]);
    fitting.targets.push_back(0);
  }
  fitting.background = taken == 0 ? 0 : wanted / static_cast<double>(taken);
  return fitting;
}

struct Line {
  std::vector<float> weights;  // by feature
  float bias = 0;

  float At(std::span<const Feature> row) const {
    float sum = 0;
    for (const Feature& cell : row) sum += cell.value * weights[cell.bucket];
    return sum;
  }
};

// Logistic regression by stochastic gradients, from bold to fine steps (Bottou 2010).
Line FitLine(const Fitting& fitting, std::vector<std::uint32_t> members) {
  constexpr int kEpochs = 6;
  constexpr double kRate = 8;  // rows have length 1
  constexpr double kL2 = 1;
  Line line{std::vector<float>(GateBackground::kWidth, 0), 0};
  Random random(1);
  const double lambda = kL2 / std::max<double>(1, static_cast<double>(members.size()));
  const double total = kEpochs * static_cast<double>(members.size());
  double steps = 0;
  double scale = 1;  // the weights are this times what is kept: shrinking costs one product
  for (int epoch = 0; epoch < kEpochs; ++epoch) {
    for (std::size_t i = members.size(); i > 1; --i) {
      std::swap(members[i - 1], members[random.Below(i)]);
    }
    for (const std::uint32_t row : members) {
      const auto cells = fitting.rows[row];
      const float score = line.At(cells) * static_cast<float>(scale) + line.bias;
      const float error = Sigmoid(score) - fitting.targets[row];
      const double rate = kRate * (1 - steps / total) / (1 + kRate * lambda * steps);
      steps += 1;
      scale *= 1 - rate * lambda;
      const auto step = static_cast<float>(-rate / scale) * error;
      for (const Feature& cell : cells) line.weights[cell.bucket] += step * cell.value;
      line.bias -= static_cast<float>(rate * 0.1) * error;
    }
  }
  for (float& weight : line.weights) weight *= static_cast<float>(scale);
  return line;
}

// The mean of the good samples, scaled to length 1, less that of the background: what an expert is
// for when it comes with hardly a failure. What all owners' prompts have in common weighs the same
// in every gate then, however many samples each has; a regression would make it the more certain
// the more there are.
Line MeanLine(const Fitting& fitting, const std::vector<std::uint32_t>& members) {
  std::vector<float> sums[2];
  for (auto& sum : sums) sum.assign(GateBackground::kWidth, 0);
  for (const std::uint32_t row : members) {
    const bool own = row < fitting.own;
    const float weight = own ? fitting.targets[row] : 1;
    for (const Feature& cell : fitting.rows[row]) sums[own][cell.bucket] += weight * cell.value;
  }
  for (auto& sum : sums) {
    float square = 0;
    for (const float value : sum) square += value * value;
    for (float& value : sum) value /= std::max(std::sqrt(square), 1e-9f);
  }
  Line line{std::move(sums[1]), 0};
  for (std::size_t f = 0; f < line.weights.size(); ++f) line.weights[f] -= sums[0][f];
  return line;
}

Line LineOf(const Fitting& fitting, const std::vector<std::uint32_t>& members) {
  constexpr float kHardly = 0.1f;
  float failures = 0;
  for (std::size_t i = 0; i < fitting.own; ++i) failures += 1 - fitting.targets[i];
  const bool hardly_any = failures < kHardly * static_cast<float>(fitting.own);
  return hardly_any ? MeanLine(fitting, members) : FitLine(fitting, members);
}

std::vector<std::uint32_t> MembersOf(const Fitting& fitting, int left_out) {
  std::vector<std::uint32_t> members;
  for (std::uint32_t i = 0; i < fitting.targets.size(); ++i) {
    if (static_cast<int>(i % kGateFolds) != left_out) members.push_back(i);
  }
  return members;
}

// The raw scores of all rows by weights that have not seen them.
std::vector<double> HeldOutScores(const Fitting& fitting) {
  std::vector<double> scores(fitting.targets.size(), 0);
  for (int fold = 0; fold < kGateFolds; ++fold) {
    const Line line = LineOf(fitting, MembersOf(fitting, fold));
    for (std::size_t i = static_cast<std::size_t>(fold); i < scores.size(); i += kGateFolds) {
      scores[i] = static_cast<double>(line.At(fitting.rows[i]));
    }
  }
  return scores;
}

struct Point {
  double x;
  double target;
  double weight;
};

struct Slant {
  double slope;
  double offset;
};

// Deviations into scores by least squares on held-out rows; with few, nearly the mean whatever the
// request. A line, since a curve would call everything certain for an expert that came with good
// samples alone, and then its number of samples would decide between experts.
Slant FitSlant(const std::vector<Point>& points) {
  constexpr double kPull = 5;       // rows' worth of no slope
  double weight = 2, x = 0, y = 1;  // plus one success and one failure
  for (const Point& point : points) {
    weight += point.weight;
    x += point.weight * point.x;
    y += point.weight * point.target;
  }
  double both = 0, square = kPull;
  for (const Point& point : points) {
    const double from = point.x - x / weight;
    both += point.weight * from * (point.target - y / weight);
    square += point.weight * from * from;
  }
  const double slope = std::max(both / square, 1e-4);
  return {slope, (y - slope * x) / weight};
}

}  // namespace

GateBackground::GateBackground() : idf_(kBuckets, 0) {
  const SparseRows documents = ShippedExamples();
  std::vector<std::size_t> frequency(kBuckets, 0);
  for (std::size_t row = 0; row < documents.size(); ++row) {
    for (const Feature& cell : documents[row]) ++frequency[cell.bucket];
  }
  // Words that the background never uses are the most telling.
  for (std::size_t b = 0; b < kBuckets; ++b) {
    idf_[b] = Telling(documents.size(), std::max<std::size_t>(frequency[b], 1));
  }
  std::vector<Feature> row;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    Project(documents[i], &row);
    rows_.Add(row);
  }
}

const GateBackground& GateBackground::Shipped() {
  static const GateBackground background;
  return background;
}

void GateBackground::Project(std::span<const Feature> document, std::vector<Feature>* out) const {
  out->clear();
  float square = 0;
  for (const Feature& cell : document) {
    const float value = cell.value * idf_[cell.bucket];
    square += value * value;
    out->push_back({cell.bucket / 2, value});
  }
  const float scale = square > 0 ? 1 / std::sqrt(square) : 0;
  for (Feature& cell : *out) cell.value *= scale;
}

ExpertGate ExpertGate::Fit(const GateSamples& own, const GateBackground& background) {
  const Fitting fitting = Prepare(own, background.rows());
  ExpertGate gate;
  gate.Round(LineOf(fitting, MembersOf(fitting, -1)).weights);
  gate.Centre(background);
  std::vector<Point> points;
  const std::vector<double> held_out = HeldOutScores(fitting);
  for (std::size_t i = 0; i < held_out.size(); ++i) {
    points.push_back({(held_out[i] - static_cast<double>(gate.mean_)) / gate.deviation_,
                      static_cast<double>(fitting.targets[i]),
                      i < fitting.own ? 1.0 : fitting.background});
  }
  const Slant slant = FitSlant(points);
  gate.slope_ = static_cast<float>(slant.slope);
  gate.offset_ = static_cast<float>(slant.offset);
  return gate;
}

void ExpertGate::Round(const std::vector<float>& weights) {
  float largest = 1e-9f;
  for (const float weight : weights) largest = std::max(largest, std::fabs(weight));
  scale_ = largest / 32767;
  for (const float weight : weights) {
    weights_.push_back(static_cast<std::int16_t>(std::lround(weight / scale_)));
  }
}

void ExpertGate::Centre(const GateBackground& background) {
  double sum = 0;
  double square = 0;
  for (std::size_t i = 0; i < background.rows().size(); ++i) {
    const auto raw = static_cast<double>(Raw(background.rows()[i]));
    sum += raw;
    square += raw * raw;
  }
  const auto count = static_cast<double>(std::max<std::size_t>(background.rows().size(), 1));
  const double mean = sum / count;
  mean_ = static_cast<float>(mean);
  deviation_ = static_cast<float>(std::sqrt(std::max(square / count - mean * mean, 1e-12)));
}

float ExpertGate::Raw(std::span<const Feature> projected) const {
  float sum = 0;
  for (const Feature& cell : projected) {
    sum += cell.value * static_cast<float>(weights_[cell.bucket]);
  }
  return sum * scale_;
}

float ExpertGate::Deviations(std::span<const Feature> projected) const {
  return (Raw(projected) - mean_) / deviation_;
}

// A probability that bends where the line would leave 0..1, and keeps its order there.
float ExpertGate::Expected(float deviations) const {
  return Sigmoid(4 * (slope_ * deviations + offset_ - 0.5f));
}

void ExpertGate::Write(ByteWriter* out) const {
  out->PutAll(weights_);
  for (const float value : {scale_, mean_, deviation_, slope_, offset_}) out->Put(value);
}

std::optional<ExpertGate> ExpertGate::Read(ByteReader* in) {
  ExpertGate gate;
  gate.weights_ = in->GetAll<std::int16_t>();
  for (float* value : {&gate.scale_, &gate.mean_, &gate.deviation_, &gate.slope_, &gate.offset_}) {
    *value = in->Get<float>();
  }
  if (!in->ok() || gate.weights_.size() != GateBackground::kWidth) return std::nullopt;
  return gate;
}

}  // namespace moerge
