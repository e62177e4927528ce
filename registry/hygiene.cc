#include "registry/hygiene.h"

#include "registry/evidence.h"
#include "registry/registry.h"

namespace moerge {
namespace {

Error NotFromItems(const std::string& source) {
  return Error{.code = ErrorCode::kConflict,
               .message = "`" + source +
                          "` counts shares of several skills, which its items do not tell; forget "
                          "the whole source, or send the items again with other scores",
               .param = "source"};
}

WallTime DateOf(const StoredState& state, const Evidence& cell) {
  for (const EvidenceRowPtr& row : state.evidence.RowsOfExpert(InternExpert(cell.expert))) {
    if (row->source == cell.source) return row->updated;
  }
  return {};
}

}  // namespace

Result<Forgotten> ForgetItems(Store& store, const StoredState& state, const std::string& source,
                              const std::set<std::string>& ids) {
  if (SourceFamily(source) == kFeedbackSource || source == kOnboardingSource) {
    return NotFromItems(source);
  }
  Forgotten out;
  std::vector<Observation> kept;
  std::set<std::string> missing = ids;
  const Status visited = store.observations().Visit([&](const Observation& one) {
    if (one.source != source) return true;
    if (missing.erase(one.id) > 0) {
      out.ids.push_back(one.id);
    } else {
      kept.push_back({one.id, "", one.skill, one.source, one.scores});
    }
    return true;
  });
  if (!visited.ok()) return visited.error();
  if (kept.empty() && out.ids.empty()) {
    return Error{.code = ErrorCode::kNotFound,
                 .message = "there are no items of the source `" + source + "`",
                 .param = "source"};
  }
  out.missing.assign(missing.begin(), missing.end());
  out.left = kept.size();
  for (const std::string& id : out.ids) out.change.forget_observations.push_back({source, id});
  out.change.forget_evidence = {{"", source}};
  out.change.put_evidence = SummariseObservations(kept);
  for (Evidence& cell : out.change.put_evidence) cell.updated = DateOf(state, cell);
  return out;
}

}  // namespace moerge
