// The experts that may write or judge for a round: Ensemble::AuthorsOrJudges.
#include <algorithm>

#include "config/base/text.h"
#include "config/policy_options.h"
#include "config/roles.h"
#include "services/pipeline/ensemble.h"

namespace moerge {
namespace {

// The role that an option's experts have; empty: none that is measured.
std::string_view RoleOf(ExpertsOption option) {
  if (option == &PolicyValues::author_expert) return kAuthorRole;
  return option == &PolicyValues::judge_experts ? kJudgeRole : std::string_view();
}

void AddUsable(const ExpertEntry* expert, std::vector<const ExpertEntry*>* line) {
  const bool usable =
      expert != nullptr && expert->spec.kind != ExpertKind::kTool && expert->spec.enabled;
  if (usable && std::ranges::find(*line, expert) == line->end()) line->push_back(expert);
}

}  // namespace

std::vector<const ExpertEntry*> Ensemble::Named(ExpertsOption option) const {
  std::vector<const ExpertEntry*> named;
  const std::string& names = (*round_.policy.options).*option;
  const std::vector<std::string>& pool = round_.request.route.experts;
  for (const std::string_view each : Split(names, ',')) {
    const std::string_view name = Trim(each);
    const bool allowed = pool.empty() || std::ranges::find(pool, name) != pool.end();
    if (allowed) AddUsable(round_.record.router->snapshot()->FindExpert(name), &named);
  }
  return named;
}

std::vector<const ExpertEntry*> Ensemble::ByExpected() const {
  std::vector<const Candidate*> ranked;
  for (const Candidate& candidate : round_.record.decision.candidates) {
    if (candidate.excluded == Exclusion::kNone) ranked.push_back(&candidate);
  }
  std::ranges::stable_sort(ranked, std::ranges::greater(), &Candidate::expected);
  std::vector<const ExpertEntry*> line;
  for (const Candidate* candidate : ranked) AddUsable(Find(candidate->expert), &line);
  for (const Member& member : members_) AddUsable(member.expert, &line);
  return line;
}

RoleLine Ensemble::LineUpFor(ExpertsOption option,
                             const std::vector<const ExpertEntry*>& named) const {
  const std::string_view role = RoleOf(option);
  const bool judges = role == kJudgeRole;
  const RoleCall call{.snapshot = *round_.record.router->snapshot(),
                      .demand = round_.record.decision.demand,
                      .role = role,
                      .floor = judges ? round_.policy.options->judge_agreement : 0};
  return LineUp(call, named, ByExpected());
}

std::vector<const ExpertEntry*> Ensemble::AuthorsOrJudges(ExpertsOption option) const {
  const std::vector<const ExpertEntry*> named = Named(option);
  RoleLine line = LineUpFor(option, named);
  for (const ExpertEntry* expert : line.left_out) NoteOnce(line.WhyLeftOut(*expert));
  if (RoleOf(option) == kAuthorRole && !line.experts.empty()) {
    NoteWhyElected(line, named, *line.experts.front());
  }
  return std::move(line.experts);
}

void Ensemble::NoteElected(ExpertsOption option, const ExpertEntry& expert) const {
  const std::vector<const ExpertEntry*> named = Named(option);
  NoteWhyElected(LineUpFor(option, named), named, expert);
}

// A named expert is the policy's choice.
void Ensemble::NoteWhyElected(const RoleLine& line, const std::vector<const ExpertEntry*>& named,
                              const ExpertEntry& expert) const {
  if (std::ranges::find(named, &expert) != named.end()) return;
  std::string why = line.WhyElected(expert);
  if (!why.empty()) NoteOnce(std::move(why));
}

}  // namespace moerge
