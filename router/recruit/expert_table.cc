#include "router/recruit/expert_table.h"

#include <unordered_map>

#include "router/profile/latency.h"

namespace moerge {

ExpertTable::ExpertTable(SnapshotPtr from, std::vector<float> typical_ms)
    : snapshot(std::move(from)),
      competence(snapshot),
      latency_ms(typical_ms.empty() ? TypicalLatencies(*snapshot, nullptr) : std::move(typical_ms)),
      mappings(competence, latency_ms) {
  std::unordered_map<const Backend*, std::int32_t> index;
  traits.reserve(snapshot->experts.size());
  for (const ExpertEntry& entry : snapshot->experts) {
    Traits t;
    t.price = static_cast<float>(BlendedPrice(entry.spec.price));
    t.context = entry.spec.context;
    t.enabled = entry.spec.enabled;
    t.tool = entry.spec.kind == ExpertKind::kTool;
    t.vision = entry.spec.vision;
    t.functions = entry.spec.function_calling;
    t.retires = !entry.retired.empty();
    if (entry.backend != nullptr) {
      const auto [at, fresh] =
          index.try_emplace(entry.backend, static_cast<std::int32_t>(backends.size()));
      if (fresh) backends.push_back(entry.backend->name);
      t.backend = at->second;
    }
    traits.push_back(t);
  }
}

}  // namespace moerge
