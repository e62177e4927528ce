#include "router/recruit/obstacle.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "config/base/text.h"
#include "registry/registry.h"
#include "router/profile/latency.h"
#include "router/profile/price.h"

namespace moerge {
namespace {

constexpr std::size_t kExpertsNamed = 3;

// One that is left out: by how much, and in words.
struct LeftOut {
  double by = 0;
  std::uint32_t expert = 0;
  std::string how;
};

// Who is left out for one thing; the sentence begins with `ceiling`.
struct Obstructed {
  Exclusion what;
  std::string ceiling;
  std::string some;     // ": too slow are "
  std::string nearest;  // "the fastest"; empty: none is
  std::vector<LeftOut> experts;
};

std::string Ms(double value) {
  const bool whole = value >= 100 && value < 1e9;
  return (whole ? std::to_string(std::llround(value)) : FormatNumber(value, 4)) + " ms";
}

std::string Dollars(double value) { return FormatNumber(value, 4) + " USD"; }

template <class How>
std::vector<LeftOut> Find(const Ranking& ranking, Exclusion what, const How& how) {
  std::vector<LeftOut> found;
  for (const auto& excluded : ranking.excluded) {
    if (excluded.why == what) found.push_back(how(excluded.expert));
  }
  std::ranges::stable_sort(found, {}, &LeftOut::by);
  return found;
}

Obstructed Unhealthy(const RankInput& input, const Ranking& ranking) {
  const auto how = [&](std::uint32_t expert) {
    const std::string& backend = input.panel.expert(expert).spec.backend;
    return LeftOut{0, expert, "whose backend `" + backend + "` fails at present"};
  };
  return {
      Exclusion::kUnhealthy, "unhealthy", " are ", {}, Find(ranking, Exclusion::kUnhealthy, how)};
}

Obstructed TooSlow(const RankInput& input, const Ranking& ranking) {
  const auto how = [&](std::uint32_t expert) {
    const KnownLatency latency = LatencyOf(input.panel.expert(expert), input.health);
    const std::string high = Ms(latency.high_ms);
    const bool measured = latency.source == KnownLatency::Source::kMeasured;
    return LeftOut{
        latency.high_ms, expert,
        measured ? "nine tenths of whose answers took up to " + high : "which declares " + high};
  };
  return {Exclusion::kTooSlow, "max_latency_ms of " + Ms(input.request.max_latency_ms),
          ": too slow are ", "the fastest", Find(ranking, Exclusion::kTooSlow, how)};
}

Obstructed TooDear(const RankInput& input, const Ranking& ranking) {
  const RouteRequest& request = input.request;
  const auto how = [&](std::uint32_t expert) {
    const double cost = EstimatedCost(input.panel.expert(expert).spec.price, request.prompt_tokens,
                                      request.max_tokens);
    return LeftOut{cost, expert, "which would cost about " + Dollars(cost)};
  };
  return {Exclusion::kTooDear, "a ceiling of " + Dollars(request.max_cost_usd), ": too dear are ",
          "the cheapest", Find(ranking, Exclusion::kTooDear, how)};
}

std::string InWords(const RankInput& input, const LeftOut& one) {
  return std::string(NameOf(input.panel.expert(one.expert).id)) + ", " + one.how;
}

// "max_latency_ms of 200 ms: too slow are a, which declares 900 ms, b, ..."
std::string Some(const RankInput& input, const Obstructed& obstructed) {
  std::vector<std::string> named;
  for (const LeftOut& one : obstructed.experts) {
    if (named.size() < kExpertsNamed) named.push_back(InWords(input, one));
  }
  const std::size_t more = obstructed.experts.size() - named.size();
  return obstructed.ceiling + obstructed.some + Join(named, ", ") +
         (more > 0 ? " and " + std::to_string(more) + " more" : "");
}

// No expert is nearer to being healthy than another.
std::string Nobody(const RankInput& input, const Obstructed& obstructed) {
  if (obstructed.nearest.empty()) return Some(input, obstructed);
  return obstructed.ceiling + " leaves nobody: " + obstructed.nearest +
         " of those that would fit is " + InWords(input, obstructed.experts.front());
}

}  // namespace

void ExplainObstacles(const RankInput& input, const Ranking& ranking, Decision* decision) {
  const bool nobody = decision->roster.empty() && !decision->abstained;
  const auto take = [&](const Obstructed& obstructed) {
    if (obstructed.experts.empty()) return;
    if (nobody && decision->obstacle.what == Exclusion::kNone) {
      decision->obstacle = {obstructed.what, Nobody(input, obstructed)};
      decision->reasons.push_back(decision->obstacle.why);
    } else {
      decision->reasons.push_back(Some(input, obstructed));
    }
  };
  if (nobody) take(Unhealthy(input, ranking));
  if (input.request.max_latency_ms > 0) take(TooSlow(input, ranking));
  if (input.request.max_cost_usd > 0) take(TooDear(input, ranking));
}

}  // namespace moerge
