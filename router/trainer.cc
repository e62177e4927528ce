#include "router/trainer.h"

#include <malloc.h>

#include "config/base/log.h"
#include "router/classify/lexical.h"

namespace moerge {
namespace {

constexpr std::string_view kLexicalKey = "router/lexical";
constexpr std::string_view kInstanceKey = "router/instance";
constexpr std::string_view kNoInstance = "none";  // there were no scores to learn from

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

// A cache entry is the fingerprint, a line end and the model's bytes; it holds the newest model
// alone.
std::string Trainer::Cached(const std::string& fingerprint, std::string_view key) {
  Result<std::optional<std::string>> blob = std::optional<std::string>();
  store_.Run([&](Store& store) { blob = store.GetBlob(key); });
  if (!blob.ok() || !blob->has_value() || !(*blob)->starts_with(fingerprint + "\n")) return {};
  return (*blob)->substr(fingerprint.size() + 1);
}

void Trainer::ToCache(const std::string& fingerprint, std::string_view key,
                      const std::string& bytes) {
  const std::string entry = fingerprint + "\n" + bytes;
  Status status = Ok{};
  store_.Run([&](Store& store) { status = store.PutBlob(key, entry); });
  if (status) return;
  LogWarning("a trained model could not be cached", {{"error", status.error().message}});
}

TrainedPtr Trainer::FromCache(const std::string& fingerprint) {
  auto lexical = LexicalClassifier::Restore(Cached(fingerprint, kLexicalKey));
  if (lexical == nullptr) return nullptr;
  const std::string bytes = Cached(fingerprint, kInstanceKey);
  auto trained = std::make_shared<Trained>();
  trained->fingerprint = fingerprint;
  trained->classifiers.emplace("lexical", std::move(lexical));
  if (bytes != kNoInstance) {
    trained->instance = InstanceModel::Restore(bytes);
    if (trained->instance == nullptr) return nullptr;
  }
  return trained;
}

TrainedPtr Trainer::Train(const Snapshot& snapshot, const TrainedPtr& before) {
  const TrainingSet set = Gather(snapshot);
  if (stop_->load()) return nullptr;
  if (before != nullptr && before->fingerprint == set.fingerprint) return before;
  if (TrainedPtr cached = FromCache(set.fingerprint)) return cached;
  auto trained = std::make_shared<Trained>();
  trained->fingerprint = set.fingerprint;
  SparseRows demand;
  const auto lexical = LexicalClassifier::Train(set, stop_, &demand);
  if (lexical == nullptr) return nullptr;
  trained->instance = InstanceModel::Train(set, demand, stop_);
  if (stop_->load()) return nullptr;
  ToCache(set.fingerprint, kLexicalKey, lexical->Bytes());
  ToCache(set.fingerprint, kInstanceKey,
          trained->instance == nullptr ? std::string(kNoInstance) : trained->instance->Bytes());
  LogInfo("router trained", {{"skills", set.skills.size()},
                             {"rows", lexical->quality().rows},
                             {"accuracy", lexical->quality().accuracy},
                             {"calibration_error", lexical->quality().calibration_error}});
  trained->classifiers.emplace("lexical", lexical);
  malloc_trim(0);  // training needs far more memory than serving
  return trained;
}

}  // namespace moerge
