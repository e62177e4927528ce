// The classifier that compares the experts' own gates.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "registry/registry.h"
#include "router/classify/gate.h"
#include "router/classify/text_classifier.h"

namespace moerge {
namespace {

struct NamedGate {
  std::string expert;
  ExpertId id;
  ExpertGate gate;
};

class Gates final : public TextClassifier {
 public:
  Gates(const std::vector<std::string>& skills, std::shared_ptr<const LexicalClassifier> lexical,
        std::vector<NamedGate> gates, float weight)
      : TextClassifier(skills),
        lexical_(std::move(lexical)),
        gates_(std::move(gates)),
        weight_(weight) {}

  std::string_view name() const override { return "gate"; }
  const std::vector<NamedGate>& gates() const { return gates_; }

  std::string Bytes() const override {
    ByteWriter out;
    out.Put<std::uint64_t>(gates_.size());
    for (const NamedGate& each : gates_) {
      out.PutText(each.expert);
      each.gate.Write(&out);
    }
    return out.Take();
  }

 private:
  bool Probabilities(const Reading& reading, std::vector<float>* out,
                     std::vector<std::string>*) const override {
    return FromDemand(lexical_->Classify(reading), out);
  }

  void Opinions(const Reading& reading, Demand* demand) const override {
    thread_local std::vector<Feature> projected;
    background_.Project(reading.features(), &projected);
    float widest = 0;
    const NamedGate* open = nullptr;
    float best = -1;
    for (const NamedGate& each : gates_) {
      const float deviations = each.gate.Deviations(projected);
      const float expected = each.gate.Expected(deviations);
      demand->experts.push_back({each.id, expected, weight_});
      if (expected > best) best = expected, widest = deviations, open = &each;
    }
    if (open == nullptr) {
      demand->notes.emplace_back("no expert has samples enough for a gate of its own");
      return;
    }
    char note[256];
    std::snprintf(
        note, sizeof note,
        "of %zu gates `%.100s` opens widest: %.1f deviations above the background, expected "
        "%.2f",
        gates_.size(), open->expert.c_str(), static_cast<double>(widest),
        static_cast<double>(best));
    demand->notes.emplace_back(note);
  }

  std::shared_ptr<const LexicalClassifier> lexical_;
  std::vector<NamedGate> gates_;
  float weight_;
  // Made with the classifier: no request should wait for it.
  const GateBackground& background_ = GateBackground::Shipped();
};

// What is the expert's own: the prompts it has scores for, at most so many, evenly taken.
GateSamples OwnSamples(const TrainingSet& set, std::uint32_t expert) {
  std::vector<std::uint32_t> own;
  for (std::uint32_t row = 0; row < set.documents.size(); ++row) {
    if (!std::isnan(set.scores[row * set.experts.size() + expert])) own.push_back(row);
  }
  const std::size_t kept = std::min(own.size(), ExpertGate::kMaxSamples);
  GateSamples samples;
  std::vector<Feature> projected;
  for (std::size_t i = 0; i < kept; ++i) {
    const std::uint32_t row = own[i * own.size() / kept];
    GateBackground::Shipped().Project(set.documents[row], &projected);
    samples.rows.Add(projected);
    samples.scores.push_back(set.scores[row * set.experts.size() + expert]);
  }
  return samples;
}

float GateWeight(const ClassifierTask& task) {
  return static_cast<float>(task.options->gate_experts);
}

}  // namespace

ClassifierPtr TrainGates(const ClassifierTask& task) {
  constexpr std::size_t kMaxExperts = 64;
  std::vector<NamedGate> gates;
  for (const std::uint32_t e : task.set.MostScored(ExpertGate::kMinSamples, kMaxExperts)) {
    if (task.stop != nullptr && task.stop->load()) return nullptr;
    const std::string& name = task.set.experts[e];
    gates.push_back({name, InternExpert(name),
                     ExpertGate::Fit(OwnSamples(task.set, e), GateBackground::Shipped())});
  }
  return std::make_shared<const Gates>(task.set.skills, task.lexical, std::move(gates),
                                       GateWeight(task));
}

ClassifierPtr RestoreGates(std::string_view bytes, const ClassifierTask& task) {
  ByteReader in(bytes);
  const auto count = in.Get<std::uint64_t>();
  std::vector<NamedGate> gates;
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    std::string name = in.GetText();
    auto gate = ExpertGate::Read(&in);
    if (!gate) return nullptr;
    const ExpertId id = InternExpert(name);
    gates.push_back({std::move(name), id, *std::move(gate)});
  }
  if (!in.ok() || !in.AtEnd()) return nullptr;
  return std::make_shared<const Gates>(task.set.skills, task.lexical, std::move(gates),
                                       GateWeight(task));
}

std::map<std::string, std::string> GateBytes(const Classifier& gates) {
  std::map<std::string, std::string> bytes;
  for (const NamedGate& each : dynamic_cast<const Gates&>(gates).gates()) {
    ByteWriter out;
    each.gate.Write(&out);
    bytes.emplace(each.expert, out.Take());
  }
  return bytes;
}

}  // namespace moerge
