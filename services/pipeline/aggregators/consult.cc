#include "services/pipeline/aggregators/consult.h"

#include <algorithm>

#include "services/answers/author_prompt.h"
#include "services/pipeline/authorship.h"

namespace moerge {
namespace {

// Specialists that were asked, and their replacements, but did not answer.
std::vector<std::string> Silent(const Ensemble& ensemble) {
  std::vector<std::string> names;
  for (const Attempt& attempt : ensemble.round().record.attempts) {
    if (attempt.outcome == AttemptOutcome::kOk) continue;
    std::string name(NameOf(attempt.expert));
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

// Leaves the specialists: the generalist does not consult itself.
void Dismiss(Ensemble& ensemble, const ExpertEntry* generalist) {
  if (ensemble.members().size() < 2) return;
  const auto at = std::ranges::find(ensemble.members(), generalist, &Ensemble::Member::expert);
  if (at != ensemble.members().end()) ensemble.members().erase(at);
}

Task<Result<ChatReply>> ConsultMembers(Ensemble& ensemble) {
  const std::vector<const ExpertEntry*> line =
      ensemble.AuthorsOrJudges(&PolicyValues::author_expert);
  Dismiss(ensemble, line.front());
  (void)co_await ensemble.Collect(ensemble.members().size());
  const std::vector<Ensemble::Member*> specialists = ensemble.Replied();
  const std::vector<std::string> silent = Silent(ensemble);
  for (const std::string& name : silent) {
    ensemble.NoteOnce("the specialist `" + name + "` did not answer");
  }
  if (specialists.empty()) {
    co_return co_await WriteAnswer(ensemble, ensemble.round().request, line);
  }
  const std::vector<Quote> quotes = QuotedTexts(ensemble.round(), specialists, line.front());
  const std::string instructions = ConsultInstructions(silent);
  co_return co_await WriteOrGiveBest(ensemble, instructions, quotes, line);
}

}  // namespace

Status Consult::Accepts(const ChatRequest& request) const {
  return RefuseForAuthors(request, name());
}

Task<Result<ChatReply>> Consult::Answer(const Round& round) const {
  Ensemble ensemble(round, co_await ThisLoop());
  co_return co_await ensemble.Run(ConsultMembers(ensemble));
}

}  // namespace moerge
