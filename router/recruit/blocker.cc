#include "router/recruit/blocker.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "config/base/text.h"
#include "config/policy_options.h"
#include "registry/registry.h"
#include "router/profile/latency.h"
#include "router/profile/price.h"
#include "router/signals.h"

namespace moerge {
namespace {

constexpr std::size_t kExpertsNamed = 3;

// An expert over a limit: by how much, and in words.
struct LeftOut {
  double by = 0;
  std::uint32_t expert = 0;
  std::string how;
};

// The experts that one limit leaves out, nearest first. The sentence begins with `limit`.
struct Blocked {
  Exclusion what;
  std::string limit;    // "max_latency_ms of 200 ms"
  std::string nearest;  // "the fastest"
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

// The largest context comes first.
Blocked OverContext(const RankInput& input, const Ranking& ranking) {
  const RouteRequest& request = input.request;
  const auto how = [&](std::uint32_t expert) {
    const int context = input.expert_table.expert(expert).spec.context;
    return LeftOut{-static_cast<double>(context), expert,
                   "its context is " + std::to_string(context) + " tokens"};
  };
  std::string length = "a prompt of about " + std::to_string(request.prompt_tokens) + " tokens";
  if (request.max_tokens > 0) {
    length += ", and up to " + std::to_string(request.max_tokens) + " for the answer,";
  }
  return {Exclusion::kContext, std::move(length), "the largest",
          Find(ranking, Exclusion::kContext, how)};
}

Blocked OverLatencyLimit(const RankInput& input, const Ranking& ranking) {
  const auto how = [&](std::uint32_t expert) {
    const KnownLatency latency = LatencyOf(input.expert_table.expert(expert), input.health);
    const std::string high = Ms(latency.high_ms - latency.load_ms);
    const bool measured = latency.source == KnownLatency::Source::kMeasured;
    std::string takes = measured ? "90 % of its answers took up to " + high : "declares " + high;
    if (latency.source == KnownLatency::Source::kUnknown) takes.clear();
    if (latency.load_ms > 0) {
      takes += takes.empty() ? "" : ", and ";
      takes += "its model has to be loaded first, about " + Ms(latency.load_ms);
    }
    return LeftOut{latency.high_ms, expert, std::move(takes)};
  };
  return {Exclusion::kLatencyLimit, "max_latency_ms of " + Ms(input.request.max_latency_ms),
          "the fastest", Find(ranking, Exclusion::kLatencyLimit, how)};
}

Blocked OverCostLimit(const RankInput& input, const Ranking& ranking) {
  const RouteRequest& request = input.request;
  const auto how = [&](std::uint32_t expert) {
    const double cost = EstimatedCost(input.expert_table.expert(expert).spec.price,
                                      request.prompt_tokens, request.max_tokens);
    return LeftOut{cost, expert, "would cost about " + Dollars(cost)};
  };
  return {Exclusion::kCostLimit, "the cost limit of " + Dollars(request.max_cost_usd),
          "the cheapest", Find(ranking, Exclusion::kCostLimit, how)};
}

std::string InWords(const RankInput& input, const LeftOut& one) {
  return std::string(NameOf(input.expert_table.expert(one.expert).id)) + " (" + one.how + ")";
}

// "a (declares 900 ms), b (...) and 3 more"
std::string InWords(const RankInput& input, const std::vector<LeftOut>& experts) {
  std::vector<std::string> named;
  for (const LeftOut& one : experts) {
    if (named.size() < kExpertsNamed) named.push_back(InWords(input, one));
  }
  const std::size_t more = experts.size() - named.size();
  return Join(named, ", ") + (more > 0 ? " and " + std::to_string(more) + " more" : "");
}

// What the expert took of the tenant's latest requests.
int RequestsOf(const RankInput& input, std::uint32_t expert) {
  for (const ShareSignal& share : input.request.signals->shares) {
    if (share.expert == input.expert_table.expert(expert).spec.name) return share.requests;
  }
  return 0;
}

std::string TookItsMost(const RankInput& input, std::uint32_t expert) {
  return "`" + input.expert_table.expert(expert).spec.name + "` has taken " +
         std::to_string(RequestsOf(input, expert)) + " of the last " +
         std::to_string(input.policy.options->balance_window) +
         " requests, which is its most (balance.capacity)";
}

void ExplainCapacity(const RankInput& input, const Ranking& ranking, Decision* decision) {
  if (ranking.refused) {
    decision->blocker = {Exclusion::kCapacity, TookItsMost(input, *ranking.refused)};
    decision->reasons.push_back(decision->blocker.why);
    return;
  }
  for (const Ranking::Excluded& excluded : ranking.excluded) {
    if (excluded.why != Exclusion::kCapacity) continue;
    const bool best = ranking.models.empty() || excluded.expected > ranking.models[0].expected;
    if (best) decision->reasons.push_back("rerouted: " + TookItsMost(input, excluded.expert));
  }
}

}  // namespace

void ExplainBlockers(const RankInput& input, const Ranking& ranking, Decision* decision) {
  const bool none_left = decision->roster.empty() && !decision->abstained();
  const auto take = [&](const Blocked& blocked) {
    if (blocked.experts.empty()) return;
    if (none_left && decision->blocker.what == Exclusion::kNone) {
      decision->blocker = {blocked.what, blocked.limit + " leaves no expert: " + blocked.nearest +
                                             " that fits is " +
                                             InWords(input, blocked.experts.front())};
      decision->reasons.push_back(decision->blocker.why);
    } else {
      decision->reasons.push_back(blocked.limit + " leaves out " + InWords(input, blocked.experts));
    }
  };
  if (ranking.last_resort) {
    decision->reasons.push_back(
        "the backends of all experts that fit fail at present; they are asked all the same");
  }
  if (input.request.signals != nullptr) ExplainCapacity(input, ranking, decision);
  if (ranking.refused) return;
  if (none_left) take(OverContext(input, ranking));
  if (input.request.max_latency_ms > 0) take(OverLatencyLimit(input, ranking));
  if (input.request.max_cost_usd > 0) take(OverCostLimit(input, ranking));
}

}  // namespace moerge
