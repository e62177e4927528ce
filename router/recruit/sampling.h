// Experts drawn at random, the likely ones more often: Symbolic-MoE (Chen et al. 2025), which draws
// k experts with replacement by the softmax of skill score times global strength. One drawn several
// times is asked once and its vote counts as often. Pure; any thread.
//
// Each draw takes the highest logarithmic weight plus Gumbel noise seeded by the expert's name, the
// request's text and its seed: the same distribution, and adding or removing another expert changes
// no draw that did not fall on it.
#pragma once

#include <vector>

#include "router/recruit/ranking.h"

namespace moerge {

struct Drawn {
  Ranked expert;
  std::size_t times;
};

// Most often drawn first, ties by utility. REQUIRES: there is a model.
std::vector<Drawn> DrawExperts(const RankInput& input, const Ranking& ranking, std::size_t draws);

}  // namespace moerge
