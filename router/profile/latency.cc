#include "router/profile/latency.h"

#include <algorithm>

namespace moerge {

KnownLatency LatencyOf(const Expert& expert, const Latency& measured) {
  using Source = KnownLatency::Source;
  if (expert.kind == ExpertKind::kTool) return {Source::kComputed, 0, 0};
  if (measured.typical_ms > 0) return {Source::kMeasured, measured.typical_ms, measured.high_ms};
  if (expert.latency_ms <= 0) return {};
  const auto declared = static_cast<float>(expert.latency_ms);
  return {Source::kDeclared, declared, declared};
}

KnownLatency LatencyOf(const ExpertEntry& expert, const Health* health) {
  if (health == nullptr) return LatencyOf(expert.spec, Latency{});
  KnownLatency known = LatencyOf(expert.spec, health->MeasuredLatency(expert.id));
  const float wait = health->LoadWaitMs(expert);
  known.typical_ms += wait;
  known.high_ms += wait;
  known.load_ms = wait;
  return known;
}

std::vector<float> TypicalLatencies(const Snapshot& snapshot, const LatencyTable* measured) {
  std::vector<float> all;
  all.reserve(snapshot.experts.size());
  for (const ExpertEntry& expert : snapshot.experts) {
    const Latency found = measured == nullptr ? Latency{} : measured->Typical(expert.id);
    all.push_back(LatencyOf(expert.spec, found).typical_ms);
  }
  return all;
}

bool MuchChanged(const std::vector<float>& before, const std::vector<float>& now) {
  constexpr float kMuch = 1.25f;
  return !std::equal(before.begin(), before.end(), now.begin(), now.end(), [](float a, float b) {
    return a <= b * kMuch && b <= a * kMuch;  // so 0 equals 0 alone
  });
}

}  // namespace moerge
