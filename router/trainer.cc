#include "router/trainer.h"

#include <malloc.h>

#include <algorithm>
#include <map>

#include "config/base/hash.h"
#include "config/base/log.h"
#include "router/classify/catalogue.h"

namespace moerge {
namespace {

constexpr std::string_view kLexicalKey = "router/lexical";
constexpr std::string_view kInstanceKey = "router/instance";
constexpr std::string_view kJointKey = "router/joint";
constexpr std::string_view kNothing = "none";  // there were no scores to learn from

// The classifiers that policies name beyond the ones that are always there, each with one of the
// policies that do.
std::map<std::string, const Policy*> Wanted(const Snapshot& snapshot) {
  std::map<std::string, const Policy*> wanted;
  for (const Policy& policy : snapshot.policies) {
    if (FindClassifierKind(policy.classifier) == nullptr) continue;
    wanted.emplace(ClassifierKey(policy), &policy);
  }
  return wanted;
}

// Of all that is learnt from skills.
std::uint64_t SkillStamp(const Snapshot& snapshot) {
  std::uint64_t stamp = snapshot.skills.size();
  for (const SkillEntry& skill : snapshot.skills) {
    stamp = Hash64(skill.spec.name, Hash64(skill.spec.description, stamp));
    for (const std::string& example : skill.spec.examples) stamp = Hash64(example, stamp);
  }
  return stamp;
}

bool HasAll(const Trained& trained, const std::map<std::string, const Policy*>& wanted) {
  return std::all_of(wanted.begin(), wanted.end(),
                     [&](const auto& each) { return trained.classifiers.contains(each.first); });
}

template <class Model>
std::string BytesOf(const Model* model) {
  return model == nullptr ? std::string(kNothing) : model->Bytes();
}

}  // namespace

TrainingSet Trainer::Gather(const Snapshot& snapshot) {
  TrainingSetBuilder builder;
  for (const SkillEntry& skill : snapshot.skills) builder.AddSkill(skill.spec);
  Status status = Ok{};
  store_.Run([&](Store& store) {
    status = store.observations().Visit([&](const Observation& observation) {
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
  store_.Run([&](Store& store) { blob = store.blobs().Get(key); });
  if (!blob.ok() || !blob->has_value() || !(*blob)->starts_with(fingerprint + "\n")) return {};
  return (*blob)->substr(fingerprint.size() + 1);
}

void Trainer::ToCache(const std::string& fingerprint, std::string_view key,
                      const std::string& bytes) {
  const std::string entry = fingerprint + "\n" + bytes;
  Status status = Ok{};
  store_.Run([&](Store& store) { status = store.blobs().Put(key, entry); });
  if (status) return;
  LogWarning("a trained model could not be cached", {{"error", status.error().message}});
}

bool Trainer::BaseFromCache(Trained* trained) {
  trained->lexical = LexicalClassifier::Restore(Cached(trained->fingerprint, kLexicalKey));
  if (trained->lexical == nullptr) return false;
  const std::string instance = Cached(trained->fingerprint, kInstanceKey);
  const std::string joint = Cached(trained->fingerprint, kJointKey);
  trained->instance = InstanceModel::Restore(instance);
  trained->joint = JointErrors::Restore(joint);
  return (instance == kNothing || trained->instance != nullptr) &&
         (joint == kNothing || trained->joint != nullptr);
}

bool Trainer::TrainBase(const TrainingSet& set, Trained* trained) {
  SparseRows demand;
  trained->lexical = LexicalClassifier::Train(set, stop_, &demand);
  if (trained->lexical == nullptr) return false;
  trained->instance = InstanceModel::Train(set, demand, stop_);
  trained->joint = JointErrors::Train(set, demand, stop_);
  if (stop_->load()) return false;
  ToCache(set.fingerprint, kLexicalKey, trained->lexical->Bytes());
  ToCache(set.fingerprint, kInstanceKey, BytesOf(trained->instance.get()));
  ToCache(set.fingerprint, kJointKey, BytesOf(trained->joint.get()));
  const Quality& quality = trained->lexical->quality();
  LogInfo("router trained", {{"skills", set.skills.size()},
                             {"rows", quality.rows},
                             {"accuracy", quality.accuracy},
                             {"calibration_error", quality.calibration_error}});
  return true;
}

ClassifierPtr Trainer::MakeClassifier(const Policy& policy, const TrainingSet& set,
                                      const Trained& trained) {
  const ClassifierKind& kind = *FindClassifierKind(policy.classifier);
  const ClassifierOptions options = OptionsOf(policy, policy.classifier);
  const std::string key = "router/" + ClassifierKey(policy);
  const ClassifierTask task{set, trained.lexical, options, nullptr, stop_};
  if (kind.restore != nullptr) {
    const std::string bytes = Cached(set.fingerprint, key);
    if (ClassifierPtr cached = bytes.empty() ? nullptr : kind.restore(bytes, task)) return cached;
  }
  ClassifierPtr made = kind.train(task);
  if (made == nullptr || kind.restore == nullptr) return made;
  if (const std::string bytes = made->Bytes(); !bytes.empty()) {
    ToCache(set.fingerprint, key, bytes);
  }
  return made;
}

TrainedPtr Trainer::Train(const Snapshot& snapshot, const TrainedPtr& before) {
  TrainedPtr trained = Renewed(snapshot, before);
  // Training needs far more memory than serving, and holds it until here.
  if (trained != before) malloc_trim(0);
  return trained;
}

TrainedPtr Trainer::Renewed(const Snapshot& snapshot, const TrainedPtr& before) {
  const std::map<std::string, const Policy*> wanted = Wanted(snapshot);
  const std::pair material(snapshot.training_revision, SkillStamp(snapshot));
  if (before != nullptr && material == material_ && HasAll(*before, wanted)) return before;
  const TrainingSet set = Gather(snapshot);
  if (stop_->load()) return nullptr;
  material_ = material;
  const bool same = before != nullptr && before->fingerprint == set.fingerprint;
  if (same && HasAll(*before, wanted)) return before;
  auto trained = std::make_shared<Trained>();
  trained->fingerprint = set.fingerprint;
  if (same) {
    *trained = *before;
  } else if (!BaseFromCache(trained.get()) && !TrainBase(set, trained.get())) {
    return nullptr;
  }
  std::erase_if(trained->classifiers, [&](const auto& old) { return !wanted.contains(old.first); });
  for (const auto& [key, policy] : wanted) {
    if (trained->classifiers.contains(key)) continue;
    ClassifierPtr made = MakeClassifier(*policy, set, *trained);
    if (made == nullptr) return nullptr;
    trained->classifiers.emplace(key, std::move(made));
  }
  return trained;
}

}  // namespace moerge
