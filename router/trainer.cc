#include "router/trainer.h"

#include <malloc.h>

#include "config/base/log.h"
#include "router/classify/lexical.h"

namespace moerge {
namespace {

constexpr std::string_view kLexicalKey = "router/lexical";

// The cache holds one model: its fingerprint, a line end, its bytes.
std::string Pack(const std::string& fingerprint, const std::string& bytes) {
  return fingerprint + "\n" + bytes;
}

std::string_view Unpack(std::string_view blob, const std::string& fingerprint) {
  if (!blob.starts_with(fingerprint + "\n")) return {};
  return blob.substr(fingerprint.size() + 1);
}

}  // namespace

TrainingSet Trainer::Gather(const Snapshot& snapshot) {
  TrainingSetBuilder builder;
  for (const SkillEntry& skill : snapshot.skills) builder.AddSkill(skill.spec);
  Status status = Ok{};
  store_.Run([&](Store& store) {
    status = store.VisitObservations([&](const Observation& observation) {
      builder.AddObservation(observation);
      return !stop_->load();
    });
  });
  if (!status) {
    LogWarning("observations could not be read: training goes on without them",
               {{"error", status.error().message}});
  }
  return builder.Build();
}

TextClassifierPtr Trainer::Lexical(const TrainingSet& set) {
  Result<std::optional<std::string>> blob = std::optional<std::string>();
  store_.Run([&](Store& store) { blob = store.GetBlob(kLexicalKey); });
  if (blob.ok() && blob->has_value()) {
    auto cached = LexicalClassifier::Restore(Unpack(**blob, set.fingerprint));
    if (cached != nullptr) return cached;
  }
  auto trained = LexicalClassifier::Train(set, stop_);
  if (trained == nullptr) return nullptr;
  const std::string packed = Pack(set.fingerprint, trained->Bytes());
  Status status = Ok{};
  store_.Run([&](Store& store) { status = store.PutBlob(kLexicalKey, packed); });
  if (!status) {
    LogWarning("the trained classifier could not be cached", {{"error", status.error().message}});
  }
  LogInfo("classifier trained", {{"skills", set.skills.size()},
                                 {"rows", trained->quality().rows},
                                 {"accuracy", trained->quality().accuracy},
                                 {"calibration_error", trained->quality().calibration_error}});
  return trained;
}

TrainedPtr Trainer::Train(const Snapshot& snapshot, const TrainedPtr& before) {
  const TrainingSet set = Gather(snapshot);
  if (stop_->load()) return nullptr;
  if (before != nullptr && before->fingerprint == set.fingerprint) return before;
  auto trained = std::make_shared<Trained>();
  trained->fingerprint = set.fingerprint;
  TextClassifierPtr lexical = Lexical(set);
  if (lexical == nullptr) return nullptr;
  trained->classifiers.emplace("lexical", std::move(lexical));
  malloc_trim(0);  // training needs far more memory than serving
  return trained;
}

}  // namespace moerge
