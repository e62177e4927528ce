#include "services/pipeline/authors_or_judges.h"

#include <algorithm>
#include <utility>

#include "config/base/text.h"
#include "config/policy_options.h"
#include "config/roles.h"
#include "services/roles/election.h"

namespace moerge {
namespace {

using Experts = std::vector<const ExpertEntry*>;

// The role that an option's experts have; empty: none that is measured.
std::string_view RoleOf(ExpertsOption option) {
  if (option == &PolicyValues::author_expert) return kAuthorRole;
  return option == &PolicyValues::judge_experts ? kJudgeRole : std::string_view();
}

void AddUsable(const ExpertEntry* expert, Experts* line) {
  const bool usable =
      expert != nullptr && expert->spec.kind != ExpertKind::kTool && expert->spec.enabled;
  if (usable && std::ranges::find(*line, expert) == line->end()) line->push_back(expert);
}

Experts NamedBy(const Round& round, ExpertsOption option) {
  Experts named;
  const std::string& names = (*round.policy.options).*option;
  const std::vector<std::string>& pool = round.request.route.experts;
  for (const std::string_view each : Split(names, ',')) {
    const std::string_view name = Trim(each);
    const bool allowed = pool.empty() || std::ranges::find(pool, name) != pool.end();
    if (allowed) AddUsable(round.record.router->snapshot()->FindExpert(name), &named);
  }
  return named;
}

Experts ByExpected(const Ensemble& ensemble) {
  const ChatRecord& record = ensemble.record();
  std::vector<const Candidate*> ranked;
  for (const Candidate& candidate : record.decision.candidates) {
    if (candidate.excluded == Exclusion::kNone) ranked.push_back(&candidate);
  }
  std::ranges::stable_sort(ranked, std::ranges::greater(), &Candidate::expected);
  Experts line;
  for (const Candidate* candidate : ranked) {
    AddUsable(record.router->snapshot()->FindExpert(candidate->expert), &line);
  }
  for (const Member& member : ensemble.seats().all()) AddUsable(member.expert, &line);
  return line;
}

RoleLine LineUpFor(const Ensemble& ensemble, ExpertsOption option, const Experts& named) {
  const Round& round = ensemble.round();
  const std::string_view role = RoleOf(option);
  const bool judges = role == kJudgeRole;
  const RoleCall call{.snapshot = *round.record.router->snapshot(),
                      .demand = round.record.decision.demand,
                      .role = role,
                      .floor = judges ? round.policy.options->judge_agreement : 0};
  return LineUp(call, named, ByExpected(ensemble));
}

// A named expert is the policy's choice.
void NoteWhyElected(ChatRecord& record, const RoleLine& line, const Experts& named,
                    const ExpertEntry& expert) {
  if (std::ranges::find(named, &expert) != named.end()) return;
  std::string why = line.WhyElected(expert);
  if (!why.empty()) record.NoteOnce(std::move(why));
}

}  // namespace

std::vector<const ExpertEntry*> AuthorsOrJudges(const Ensemble& ensemble, ExpertsOption option) {
  const Experts named = NamedBy(ensemble.round(), option);
  RoleLine line = LineUpFor(ensemble, option, named);
  ChatRecord& record = ensemble.record();
  for (const ExpertEntry* expert : line.left_out) record.NoteOnce(line.WhyLeftOut(*expert));
  if (RoleOf(option) == kAuthorRole && !line.experts.empty()) {
    NoteWhyElected(record, line, named, *line.experts.front());
  }
  return std::move(line.experts);
}

void NoteElected(const Ensemble& ensemble, ExpertsOption option, const ExpertEntry& expert) {
  const Experts named = NamedBy(ensemble.round(), option);
  NoteWhyElected(ensemble.record(), LineUpFor(ensemble, option, named), named, expert);
}

}  // namespace moerge
