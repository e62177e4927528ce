#include "router/classify/centroid.h"

#include <algorithm>
#include <cstdio>

#include "router/classify/held_out_scores.h"
#include "router/classify/skill_means.h"
#include "router/classify/text_classifier.h"
#include "router/learn/linear_model.h"
#include "router/learn/name_bytes.h"

namespace moerge {
namespace {

class Centroid final : public TextClassifier {
 public:
  Centroid(std::vector<std::string> skills, LinearModel model, const Calibration& calibration)
      : TextClassifier(skills),
        names_(std::move(skills)),
        model_(std::move(model)),
        calibration_(calibration) {}

  std::string_view name() const override { return "centroid"; }

  std::string Bytes() const override {
    ByteWriter out;
    PutNames(names_, &out);
    model_.Write(&out);
    out.Put(calibration_);
    return out.Take();
  }

 private:
  bool Probabilities(const Reading& reading, std::vector<float>* out,
                     std::vector<std::string>* notes) const override {
    if (skill_count() < 2 || model_.Score(reading.features(), out) == 0) return false;
    const auto best = std::max_element(out->begin(), out->end());
    char note[192];
    std::snprintf(note, sizeof note, "nearest to the mean of `%.100s`: cosine %.2f",
                  names_[static_cast<std::size_t>(best - out->begin())].c_str(),
                  static_cast<double>(*best));
    notes->emplace_back(note);
    calibration_.Apply(out);
    return true;
  }

  std::vector<std::string> names_;
  LinearModel model_;
  Calibration calibration_;
};

}  // namespace

ClassifierPtr TrainCentroid(const ClassifierTask& task) {
  constexpr int kFolds = 4;
  const TrainingSet& set = task.set;
  const std::vector<std::uint32_t> rows = set.Labelled();
  const HeldOut held_out = CrossScore(
      set, rows, kFolds,
      [&set](std::span<const std::uint32_t> members) -> DocumentScorer {
        auto model = std::make_shared<const LinearModel>(SkillMeans(set, members).Model());
        return [&set, model](std::uint32_t document, std::vector<float>* scores) {
          model->Score(set.documents[document], scores);
        };
      },
      task.stop);
  if (task.stop != nullptr && task.stop->load()) return nullptr;
  return std::make_shared<const Centroid>(set.skills, SkillMeans(set, rows).Model(),
                                          Calibrate(held_out));
}

ClassifierPtr RestoreCentroid(std::string_view bytes, const ClassifierTask&) {
  ByteReader in(bytes);
  std::vector<std::string> names = GetNames(&in);
  auto model = LinearModel::Read(&in);
  const auto calibration = in.Get<Calibration>();
  if (!model || !in.ok() || !in.AtEnd() || model->outputs() != names.size()) return nullptr;
  return std::make_shared<const Centroid>(std::move(names), std::move(*model), calibration);
}

}  // namespace moerge
