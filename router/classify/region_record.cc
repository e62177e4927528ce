#include "router/classify/region_record.h"

#include <algorithm>
#include <cmath>

#include "router/classify/mean_scores.h"
#include "router/learn/name_bytes.h"

namespace moerge {

float RegionRecord::Expected(std::size_t region, std::size_t expert) const {
  const std::size_t at = region * experts.size() + expert;
  return (wins[at] + kDraw * means[expert]) / (trials[at] + kDraw);
}

void RegionRecord::Skills(std::size_t region, std::vector<float>* out) const {
  constexpr float kPrompts = 10;  // that all regions' skills count as
  const std::size_t count = skills.size();
  out->assign(count, 1.0f / static_cast<float>(std::max<std::size_t>(count, 1)));
  float all = static_cast<float>(count);
  float here = kPrompts;
  std::vector<float> usual(count, 1);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    usual[i % count] += labels[i];
    all += labels[i];
  }
  for (std::size_t s = 0; s < count; ++s) here += labels[region * count + s];
  for (std::size_t s = 0; s < count; ++s) {
    (*out)[s] = (labels[region * count + s] + kPrompts * usual[s] / all) / here;
  }
}

RegionRecord Record(const TrainingSet& set, const std::vector<std::uint32_t>& experts,
                    const std::vector<std::uint32_t>& region, std::size_t regions) {
  RegionRecord record;
  record.skills = set.skills;
  record.means = MeanScores(set, experts);
  for (const std::uint32_t e : experts) record.experts.push_back(set.experts[e]);
  record.prompts.assign(regions, 0);
  record.wins.assign(regions * experts.size(), 0);
  record.trials.assign(regions * experts.size(), 0);
  record.labels.assign(regions * set.skills.size(), 0);
  for (std::size_t row = 0; row < region.size(); ++row) {
    record.prompts[region[row]] += 1;
    if (set.labels[row] != TrainingSet::kNoSkill) {
      record.labels[region[row] * set.skills.size() + set.labels[row]] += 1;
    }
    for (std::size_t i = 0; i < experts.size(); ++i) {
      const float score = set.scores[row * set.experts.size() + experts[i]];
      if (std::isnan(score)) continue;
      record.wins[region[row] * experts.size() + i] += score;
      record.trials[region[row] * experts.size() + i] += 1;
    }
  }
  return record;
}

float FitShare(const RegionRecord& record, const TrainingSet& set,
               const std::vector<std::uint32_t>& region, const SparseRows& demand) {
  constexpr float kLeast = 0.001f;
  std::vector<std::vector<float>> skills(record.regions());
  for (std::size_t r = 0; r < skills.size(); ++r) record.Skills(r, &skills[r]);
  float best = 0;
  double least = INFINITY;
  for (int step = 0; step <= 10; ++step) {
    const float share = static_cast<float>(step) / 20;
    double loss = 0;
    for (const std::uint32_t row : set.Labelled()) {
      float told = 0;
      for (const Feature& cell : demand[row])
        told += cell.bucket == set.labels[row] ? cell.value : 0;
      const float own = skills[region[row]][set.labels[row]];
      loss -= std::log(std::max((1 - share) * told + share * own, kLeast));
    }
    if (loss < least) least = loss, best = share;
  }
  return best;
}

void RegionRecord::Write(ByteWriter* out) const {
  PutNames(skills, out);
  PutNames(experts, out);
  for (const auto* list : {&means, &wins, &trials, &labels, &prompts}) out->PutAll(*list);
  out->Put(share);
}

std::optional<RegionRecord> RegionRecord::Read(ByteReader* in, std::size_t regions) {
  RegionRecord record;
  record.skills = GetNames(in);
  record.experts = GetNames(in);
  for (auto* list :
       {&record.means, &record.wins, &record.trials, &record.labels, &record.prompts}) {
    *list = in->GetAll<float>();
  }
  record.share = in->Get<float>();
  const std::size_t cells = regions * record.experts.size();
  const bool fits = in->ok() && record.prompts.size() == regions &&
                    record.means.size() == record.experts.size() && record.wins.size() == cells &&
                    record.trials.size() == cells &&
                    record.labels.size() == regions * record.skills.size();
  if (!fits) return std::nullopt;
  return record;
}

}  // namespace moerge
