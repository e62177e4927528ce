#include "router/classify/nearest.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "config/base/random.h"
#include "registry/registry.h"
#include "router/classify/held_out_scores.h"
#include "router/classify/mean_scores.h"
#include "router/classify/neighbour_index.h"
#include "router/classify/text_classifier.h"
#include "router/learn/name_bytes.h"

namespace moerge {
namespace {

constexpr float kSteepness = 3;            // a vote is similarity to this power
constexpr float kTooSimilar = 0.98f;       // the same prompt stored twice must not vouch for itself
constexpr std::size_t kCalibrated = 2000;  // prompts at most

// What is known of the stored prompts.
struct Stored {
  std::vector<std::string> skills;
  std::vector<std::uint32_t> labels;  // by row; kNoSkill: unknown
  std::vector<std::string> experts;
  std::vector<std::uint8_t> scores;  // by row, then expert: 0..kFull; kNone: unknown
  std::vector<float> means;          // by expert
  static constexpr std::uint8_t kFull = 200;
  static constexpr std::uint8_t kNone = 255;
};

class Nearest final : public TextClassifier {
 public:
  struct Settings {
    std::uint64_t count = 100;
    Calibration calibration;
    float opinion = 0;  // how much the neighbours' scores count
  };

  Nearest(Stored stored, NeighbourIndex index, const Settings& settings)
      : TextClassifier(stored.skills),
        stored_(std::move(stored)),
        index_(std::move(index)),
        settings_(settings) {
    for (const std::string& name : stored_.experts) experts_.push_back(InternExpert(name));
  }

  std::string_view name() const override { return "knn"; }

  std::string Bytes() const override {
    ByteWriter out;
    PutNames(stored_.skills, &out);
    out.PutAll(stored_.labels);
    PutNames(stored_.experts, &out);
    out.PutAll(stored_.scores);
    out.PutAll(stored_.means);
    index_.Write(&out);
    out.Put(settings_.calibration);
    return out.Take();
  }

  // The logarithm of each skill's share of the votes; false: no votes.
  bool Votes(const std::vector<Neighbour>& neighbours, std::vector<float>* out) const {
    constexpr float kDoubt = 0.02f;  // of all votes: a skill without votes stays possible
    out->assign(stored_.skills.size(), 0);
    float sum = 0;
    for (const Neighbour& each : neighbours) {
      const std::uint32_t label = stored_.labels[each.row];
      if (label == TrainingSet::kNoSkill) continue;
      const float vote = std::pow(each.similarity, kSteepness);
      (*out)[label] += vote;
      sum += vote;
    }
    if (!(sum > 0)) return false;
    const float doubt = kDoubt / static_cast<float>(out->size());
    for (float& votes : *out) votes = std::log(votes / sum + doubt);
    return true;
  }

  void Calibrate(const TrainingSet& set, const std::vector<std::uint32_t>& sample);

 private:
  bool Probabilities(const Reading& reading, std::vector<float>* out,
                     std::vector<std::string>* notes) const override {
    index_.Search(reading.features(), settings_.count, &Found());
    if (skill_count() < 2 || !Votes(Found(), out)) return false;
    notes->push_back(Note(*out));
    settings_.calibration.Apply(out);
    return true;
  }

  void Opinions(const Reading&, Demand* demand) const override {
    if (settings_.opinion <= 0 || Found().empty()) return;
    for (std::size_t e = 0; e < experts_.size(); ++e) {
      demand->experts.push_back({experts_[e], Expected(Found(), e), settings_.opinion});
    }
  }

  // The neighbours of the request in hand.
  static std::vector<Neighbour>& Found() {
    thread_local std::vector<Neighbour> found;
    return found;
  }

  float Expected(const std::vector<Neighbour>& neighbours, std::size_t expert) const;
  std::string Note(const std::vector<float>& votes) const;

  Stored stored_;
  NeighbourIndex index_;
  Settings settings_;
  std::vector<ExpertId> experts_;
};

void Nearest::Calibrate(const TrainingSet& set, const std::vector<std::uint32_t>& sample) {
  HeldOut held_out;
  held_out.classes = stored_.skills.size();
  std::vector<Neighbour> neighbours;
  std::vector<float> votes;
  for (const std::uint32_t row : sample) {
    index_.Search(set.documents[row], settings_.count + 8, &neighbours);
    std::erase_if(neighbours, [&](const Neighbour& each) {
      return each.row == row || each.similarity > kTooSimilar;
    });
    neighbours.resize(std::min<std::size_t>(neighbours.size(), settings_.count));
    if (!Votes(neighbours, &votes)) continue;
    held_out.scores.insert(held_out.scores.end(), votes.begin(), votes.end());
    held_out.labels.push_back(set.labels[row]);
  }
  settings_.calibration = moerge::Calibrate(held_out);
}

// The neighbours' mean, drawn toward the expert's own over all prompts as if it were this many
// neighbours more.
float Nearest::Expected(const std::vector<Neighbour>& neighbours, std::size_t expert) const {
  constexpr float kDraw = 20;
  float weights = 0;
  float sum = 0;
  for (const Neighbour& each : neighbours) {
    const std::uint8_t score = stored_.scores[each.row * experts_.size() + expert];
    if (score == Stored::kNone) continue;
    const float weight = each.similarity / neighbours.front().similarity;
    weights += weight;
    sum += weight * static_cast<float>(score) / Stored::kFull;
  }
  return (sum + kDraw * stored_.means[expert]) / (weights + kDraw);
}

std::string Nearest::Note(const std::vector<float>& votes) const {
  const auto best =
      static_cast<std::uint32_t>(std::max_element(votes.begin(), votes.end()) - votes.begin());
  const auto agree = std::count_if(Found().begin(), Found().end(), [&](const Neighbour& each) {
    return stored_.labels[each.row] == best;
  });
  char note[256];
  std::snprintf(note, sizeof note,
                "%ld of the %zu most similar stored prompts (of %zu) are `%.100s`; the nearest has "
                "cosine %.2f",
                static_cast<long>(agree), Found().size(), index_.size(),
                stored_.skills[best].c_str(), static_cast<double>(Found().front().similarity));
  return note;
}

Stored StoredFrom(const TrainingSet& set) {
  constexpr std::size_t kMinScores = 30;
  constexpr std::size_t kMaxExperts = 64;
  const std::vector<std::uint32_t> experts = set.MostScored(kMinScores, kMaxExperts);
  Stored stored;
  stored.skills = set.skills;
  stored.labels = set.labels;
  stored.means = MeanScores(set, experts);
  for (const std::uint32_t e : experts) stored.experts.push_back(set.experts[e]);
  for (std::size_t row = 0; row < set.labels.size(); ++row) {
    for (const std::uint32_t e : experts) {
      const float score = set.scores[row * set.experts.size() + e];
      stored.scores.push_back(std::isnan(score)
                                  ? Stored::kNone
                                  : static_cast<std::uint8_t>(std::lround(score * Stored::kFull)));
    }
  }
  return stored;
}

std::vector<std::uint32_t> Sample(std::vector<std::uint32_t> rows) {
  Random random(11);
  for (std::size_t i = 0; i < std::min(kCalibrated, rows.size()); ++i) {
    std::swap(rows[i], rows[i + random.Below(rows.size() - i)]);
  }
  rows.resize(std::min(kCalibrated, rows.size()));
  return rows;
}

Nearest::Settings SettingsOf(const ClassifierOptions& options) {
  Nearest::Settings settings;
  settings.count = options->knn_k;
  settings.opinion = static_cast<float>(options->knn_experts);
  return settings;
}

bool Fits(const Stored& stored, std::size_t rows) {
  const auto known = [&](std::uint32_t label) {
    return label == TrainingSet::kNoSkill || label < stored.skills.size();
  };
  return stored.labels.size() == rows && stored.means.size() == stored.experts.size() &&
         stored.scores.size() == rows * stored.experts.size() &&
         std::all_of(stored.labels.begin(), stored.labels.end(), known);
}

}  // namespace

ClassifierPtr TrainNearest(const ClassifierTask& task) {
  auto nearest = std::make_shared<Nearest>(
      StoredFrom(task.set), NeighbourIndex::Build(task.set.documents), SettingsOf(task.options));
  if (task.stop != nullptr && task.stop->load()) return nullptr;
  nearest->Calibrate(task.set, Sample(task.set.Labelled()));
  return nearest;
}

ClassifierPtr RestoreNearest(std::string_view bytes, const ClassifierTask& task) {
  ByteReader in(bytes);
  Stored stored;
  stored.skills = GetNames(&in);
  stored.labels = in.GetAll<std::uint32_t>();
  stored.experts = GetNames(&in);
  stored.scores = in.GetAll<std::uint8_t>();
  stored.means = in.GetAll<float>();
  auto index = NeighbourIndex::Read(&in);
  Nearest::Settings settings = SettingsOf(task.options);
  settings.calibration = in.Get<Calibration>();
  if (!index || !in.ok() || !in.AtEnd() || !Fits(stored, index->size())) return nullptr;
  return std::make_shared<const Nearest>(std::move(stored), *std::move(index), settings);
}

}  // namespace moerge
