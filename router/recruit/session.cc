#include "router/recruit/session.h"

#include <algorithm>
#include <cstdio>

#include "config/policy_options.h"
#include "registry/registry.h"

namespace moerge {
namespace {

bool IsTool(const Snapshot& snapshot, ExpertId id) {
  const ExpertEntry* expert = snapshot.FindExpert(id);
  return expert != nullptr && expert->spec.kind == ExpertKind::kTool;
}

std::vector<ExpertId> LineOf(const Decision& decision) {
  std::vector<ExpertId> line;
  for (const Seat& seat : decision.roster) line.push_back(seat.expert);
  line.insert(line.end(), decision.fallbacks.begin(), decision.fallbacks.end());
  return line;
}

std::string Points(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", value);
  return text;
}

float WeightOf(const Decision& decision, const Candidate& keeper, ExpertId id) {
  for (const Seat& seat : decision.roster) {
    if (seat.expert == id) return seat.weight;
  }
  return std::max(id == keeper.expert ? keeper.expected : 0.0f, 0.01f);
}

// As many are seated as before, and the line is no longer than before.
void PutFirst(const Candidate& keeper, std::size_t place, Decision* decision) {
  std::vector<ExpertId> line = LineOf(*decision);
  const std::size_t length = line.size();
  std::erase(line, keeper.expert);
  line.insert(line.begin() + static_cast<std::ptrdiff_t>(place), keeper.expert);
  line.resize(length);
  std::vector<Seat> roster;
  for (std::size_t i = 0; i < decision->roster.size(); ++i) {
    roster.push_back({line[i], WeightOf(*decision, keeper, line[i])});
  }
  if (roster.size() == 1) roster.front().weight = 1;
  decision->fallbacks.assign(line.begin() + static_cast<std::ptrdiff_t>(roster.size()), line.end());
  decision->roster = std::move(roster);
}

const Candidate* Find(const Decision& decision, ExpertId id) {
  const auto at = std::find_if(decision.candidates.begin(), decision.candidates.end(),
                               [&](const Candidate& each) { return each.expert == id; });
  return at == decision.candidates.end() ? nullptr : &*at;
}

}  // namespace

SessionRule SessionRuleOf(const Policy& policy) {
  SessionRule rule;
  rule.margin = policy.options->session_margin;
  rule.max_switches = policy.options->session_max_switches;
  return rule;
}

void KeepSession(const SessionSignal& session, const Candidate* keeper, const Policy& policy,
                 const Snapshot& snapshot, Decision* decision) {
  const auto say = [&](const std::string& what) {
    decision->reasons.push_back("conversation: " + what);
  };
  const std::vector<ExpertId> line = LineOf(*decision);
  const auto first =
      std::find_if_not(line.begin(), line.end(), [&](ExpertId id) { return IsTool(snapshot, id); });
  if (first == line.end()) return;
  if (keeper == nullptr || keeper->excluded != Exclusion::kNone) {
    return say(session.expert + ", which answered last, cannot be asked" +
               (keeper == nullptr ? std::string()
                                  : " (" + std::string(ExclusionName(keeper->excluded)) + ")"));
  }
  const SessionRule rule = SessionRuleOf(policy);
  const Candidate* leader = Find(*decision, *first);
  const double lead =
      leader == nullptr || policy.recruiter == "random" ? 0 : leader->utility - keeper->utility;
  const std::string better = std::string(NameOf(*first)) + " is better by " + Points(lead);
  const bool tired = session.switches >= rule.max_switches;
  if (*first == keeper->expert) {
    decision->kept_session = true;
    return say(session.expert + " answered last and is the best again");
  }
  if (lead > rule.margin && !tired) {
    return say(better + " than " + session.expert +
               ", which answered last: more than the margin of " + Points(rule.margin));
  }
  PutFirst(*keeper, static_cast<std::size_t>(first - line.begin()), decision);
  decision->kept_session = true;
  say(session.expert + " answered last and keeps it: " + better +
      (lead > rule.margin
           ? ", but it has changed hands " + std::to_string(session.switches) + " times"
           : ", within the margin of " + Points(rule.margin)));
}

}  // namespace moerge
