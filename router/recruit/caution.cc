#include "router/recruit/caution.h"

#include <algorithm>
#include <cmath>

namespace moerge {

void KeepStrongest(const ExpertTable& expert_table, double caution, Ranking* ranking) {
  std::vector<Ranked>& models = ranking->models;
  if (caution <= 0 || models.size() < 2) return;
  const Competence& competence = expert_table.competence;
  const auto strength = [&](const Ranked& model) {
    return competence.overall(model.expert).strength.mean;
  };
  const Ranked leader = models.front();
  // Of equals the one of higher utility, so that a leader among them stays.
  const auto strongest =
      std::max_element(models.begin(), models.end(),
                       [&](const Ranked& a, const Ranked& b) { return strength(a) < strength(b); });
  if (strongest->expert == leader.expert) return;
  const auto measured = [&](const Ranked& model) {
    return competence.overall(model.expert).measured > 0;
  };
  if (!measured(leader) || !measured(*strongest)) return;
  const double deviation = std::hypot(competence.Deviation(ranking->demand, leader.expert),
                                      competence.Deviation(ranking->demand, strongest->expert));
  const float lead = leader.utility - strongest->utility;
  if (static_cast<double>(lead) > caution * deviation) return;
  ranking->kept = {leader.expert, lead, static_cast<float>(caution * deviation)};
  std::rotate(models.begin(), strongest, strongest + 1);
}

}  // namespace moerge
