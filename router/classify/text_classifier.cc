#include "router/classify/text_classifier.h"

#include <algorithm>

#include "registry/registry.h"

namespace moerge {
namespace {

constexpr std::size_t kKept = 16;
constexpr float kLeast = 0.001f;  // what is less probable, but for the first, changes no decision

// The indices of the most probable skills, best first, ties by index: at most kKept, and none below
// kLeast but for the first.
std::span<const std::uint32_t> Best(const std::vector<float>& probabilities) {
  thread_local std::vector<std::uint32_t> order;
  order.clear();
  if (probabilities.empty()) return order;
  const float largest = *std::max_element(probabilities.begin(), probabilities.end());
  const float least = std::min(kLeast, largest);
  for (std::uint32_t i = 0; i < probabilities.size(); ++i) {
    if (probabilities[i] >= least) order.push_back(i);
  }
  const std::size_t kept = std::min(kKept, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), order.end(),
                    [&](std::uint32_t a, std::uint32_t b) {
                      if (probabilities[a] != probabilities[b]) {
                        return probabilities[a] > probabilities[b];
                      }
                      return a < b;
                    });
  return {order.data(), kept};
}

class UniformClassifier final : public TextClassifier {
 public:
  UniformClassifier(std::string_view name, const std::vector<std::string>& skills)
      : TextClassifier(skills), name_(name) {}
  std::string_view name() const override { return name_; }

 private:
  bool Probabilities(const Reading&, std::vector<float>*,
                     std::vector<std::string>*) const override {
    return false;
  }
  std::string name_;
};

}  // namespace

TextClassifier::TextClassifier(const std::vector<std::string>& skills) {
  for (const std::string& skill : skills) {
    const auto index = static_cast<std::uint32_t>(skills_.size());
    skills_.push_back(InternSkill(skill));
    index_.emplace(skills_.back(), index);
  }
}

bool TextClassifier::FromDemand(const Demand& demand, std::vector<float>* out) const {
  out->assign(skills_.size(), -1);
  float left = 1;
  std::size_t named = 0;
  for (const SkillProbability& part : demand.skills) {
    const auto at = index_.find(part.skill);
    if (at == index_.end()) continue;
    (*out)[at->second] = part.probability;
    left -= part.probability;
    ++named;
  }
  const std::size_t others = skills_.size() - named;
  const float share = others == 0 ? 0 : std::max(left, 0.0f) / static_cast<float>(others);
  for (float& probability : *out) probability = probability < 0 ? share : probability;
  return demand.confidence > 0;
}

Demand TextClassifier::Classify(const Reading& reading) const {
  thread_local std::vector<float> probabilities;
  Demand demand;
  demand.classifier = name();
  demand.bytes_read = reading.window().bytes_read();
  demand.bytes_total = reading.window().bytes_total();
  if (std::string note = reading.window().Note(); !note.empty()) {
    demand.notes.push_back(std::move(note));
  }
  probabilities.clear();
  const bool told = Probabilities(reading, &probabilities, &demand.notes);
  if (!told && !skills_.empty()) {
    probabilities.assign(skills_.size(), 1.0f / static_cast<float>(skills_.size()));
  }
  const auto best = Best(probabilities);
  demand.skills.reserve(best.size());
  for (const std::uint32_t i : best) demand.skills.push_back({skills_[i], probabilities[i]});
  if (told && !best.empty()) demand.confidence = probabilities[best[0]];
  Opinions(reading, &demand);
  return demand;
}

ClassifierPtr MakeUniformClassifier(std::string_view name, const std::vector<std::string>& skills) {
  return std::make_shared<UniformClassifier>(name, skills);
}

}  // namespace moerge
