#include "services/onboarding.h"

#include <algorithm>
#include <map>
#include <set>

#include "config/base/hash.h"
#include "config/base/text.h"
#include "config/validate.h"
#include "registry/evidence.h"
#include "registry/profile_import.h"
#include "registry/provisional.h"
#include "router/onboard/infer_text.h"
#include "router/onboard/skill_shares.h"
#include "router/profile/posterior.h"

namespace moerge {
namespace {

constexpr std::size_t kMaxExamples = 100;
constexpr std::size_t kMaxExampleBytes = 4096;

// The same prompt is the same sample.
std::string SampleId(const std::string& expert, const std::string& prompt) {
  const std::uint64_t hash = Hash64(prompt);
  const std::string bytes(reinterpret_cast<const char*>(&hash), sizeof hash);
  return expert + "/" + Hex(bytes);
}

Observation ObservationOf(const std::string& expert, const api::ExpertSample& sample) {
  return {SampleId(expert, sample.prompt),
          sample.prompt,
          sample.skill,
          std::string(kOnboardingSource),
          {{expert, sample.score}}};
}

// What is kept of the expert, with the new ones over it, by id.
Result<std::map<std::string, Observation>> AllSamples(
    Store& store, const std::string& expert, const std::vector<api::ExpertSample>& samples) {
  std::map<std::string, Observation> all;
  const Status visited = store.observations().Visit([&](const Observation& one) {
    const bool ours =
        one.source == kOnboardingSource && one.scores.size() == 1 && one.scores[0].first == expert;
    if (ours) all[one.id] = one;
    return true;
  });
  if (!visited) return visited.error();
  for (const api::ExpertSample& sample : samples) {
    Observation one = ObservationOf(expert, sample);
    all[one.id] = std::move(one);
  }
  return all;
}

std::vector<JudgedSample> Judged(const Router& router,
                                 const std::map<std::string, Observation>& samples) {
  std::vector<JudgedSample> judged;
  for (const auto& [id, one] : samples) {
    JudgedSample sample{one.skill, one.scores[0].second, {}};
    if (one.skill.empty()) sample.shares = SharesOf(InferText(router, one.prompt));
    judged.push_back(std::move(sample));
  }
  return judged;
}

double PriorOf(const ExpertEntry& expert, const Demand& demand) {
  const Overall overall = OverallOf(expert);
  double expected = 0;
  double covered = 0;
  for (const SkillProbability& part : demand.skills) {
    const Posterior posterior = PosteriorOf(expert, overall, part.skill);
    if (!posterior.known) continue;
    const auto probability = static_cast<double>(part.probability);
    expected += probability * posterior.mean;
    covered += probability;
  }
  if (covered < 0.5) return std::numeric_limits<double>::quiet_NaN();
  return expected / covered;
}

// What the samples need, on average.
Demand MeanDemand(const Router& router, const std::vector<TableRow>& samples) {
  std::map<SkillId, float> sums;
  for (const TableRow& sample : samples) {
    for (const SkillProbability& part : InferText(router, sample.prompt).skills) {
      sums[part.skill] += part.probability / static_cast<float>(samples.size());
    }
  }
  Demand mean;
  for (const auto& [skill, probability] : sums) mean.skills.push_back({skill, probability});
  return mean;
}

std::vector<KShotRecord> RecordsOf(const std::vector<TableRow>& samples) {
  std::map<std::string, KShotRecord> records;
  for (std::size_t k = 0; k < samples.size(); ++k) {
    const auto record = [&](const std::string& expert) -> KShotRecord& {
      KShotRecord& found = records[expert];
      found.expert = expert;
      found.scores.resize(samples.size(), std::numeric_limits<double>::quiet_NaN());
      return found;
    };
    for (const auto& [expert, score] : samples[k].scores) record(expert).scores[k] = score;
    for (const auto& [expert, answer] : samples[k].answers) {
      KShotRecord& found = record(expert);
      found.answers.resize(samples.size());
      found.answers[k] = answer;
    }
  }
  std::vector<KShotRecord> list;
  for (auto& [expert, record] : records) list.push_back(std::move(record));
  return list;
}

Skill SkillOf(const Snapshot& snapshot, const api::TaskBody& task) {
  const SkillEntry* present = snapshot.FindSkill(task.name);
  Skill skill = present == nullptr ? Skill{} : present->spec;
  skill.name = task.name;
  if (!task.description.empty()) skill.description = task.description;
  for (const TableRow& sample : task.samples) {
    const bool fits =
        sample.prompt.size() <= kMaxExampleBytes && skill.examples.size() < kMaxExamples;
    const bool known = std::find(skill.examples.begin(), skill.examples.end(), sample.prompt) !=
                       skill.examples.end();
    if (fits && !known) skill.examples.push_back(sample.prompt);
  }
  return skill;
}

}  // namespace

Result<StoreChange> OnboardSamples(Store& store, const Router& router, const std::string& expert,
                                   const std::vector<api::ExpertSample>& samples, WallTime now) {
  const auto all = AllSamples(store, expert, samples);
  if (!all) return all.error();
  if (all->size() > kMaxKeptSamples) {
    return Error{.code = ErrorCode::kInvalid,
                 .message = "at most " + std::to_string(kMaxKeptSamples) +
                            " samples are kept of one expert; import a results table instead",
                 .param = "samples"};
  }
  StoreChange change;
  change.forget_evidence = {{expert, std::string(kOnboardingSource)}};
  for (const api::ExpertSample& sample : samples) {
    change.add_observations.push_back(ObservationOf(expert, sample));
  }
  change.put_evidence = EvidenceOf(Judged(router, *all));
  for (Evidence& cell : change.put_evidence) {
    cell.expert = expert;
    cell.source = kOnboardingSource;
    cell.updated = now;
  }
  return change;
}

std::map<std::string, double> ClaimsOfText(const Router& router, std::string_view text) {
  if (text.empty()) return {};
  return ClaimsOf(InferText(router, text));
}

TaskSet ChooseForTask(const Router& router, const api::TaskBody& task) {
  TaskSet out;
  out.records = RecordsOf(task.samples);
  const Demand demand = MeanDemand(router, task.samples);
  std::vector<std::string> references;
  for (const TableRow& sample : task.samples) references.push_back(sample.reference);
  for (KShotRecord& record : out.records) {
    const ExpertEntry* entry = router.snapshot()->FindExpert(record.expert);
    if (entry == nullptr || MeasuredTrials(*entry) <= 0) continue;
    record.prior = PriorOf(*entry, demand);
  }
  KShotOptions options;
  options.size = task.experts;
  out.set = ChooseExperts(out.records, references, options);
  return out;
}

Result<StoreChange> TaskChange(const Snapshot& snapshot, const api::TaskBody& task, WallTime now) {
  const Skill skill = SkillOf(snapshot, task);
  if (Status sound = Validate(skill); !sound) return std::move(sound).error();
  std::vector<TableRow> rows = task.samples;
  for (TableRow& row : rows) row.category = task.name;
  StoreChange change = ImportProfile(rows, snapshot, "task:" + task.name, now).change;
  const SkillEntry* present = snapshot.FindSkill(task.name);
  change.put_skills.clear();
  if (present == nullptr || present->spec.origin == Origin::kStore) change.put_skills = {skill};
  return change;
}

}  // namespace moerge
