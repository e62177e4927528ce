#include "services/pipeline/aggregators/consult.h"

#include <algorithm>

#include "services/answers/author_prompt.h"
#include "services/pipeline/authors_or_judges.h"
#include "services/pipeline/authorship.h"
#include "services/pipeline/refusals.h"

namespace moerge {
namespace {

// Specialists that were asked, and their replacements, but did not answer.
std::vector<std::string> Silent(const Ensemble& ensemble) {
  std::vector<std::string> names;
  for (const Attempt& attempt : ensemble.record().attempts) {
    if (attempt.outcome == AttemptOutcome::kOk) continue;
    std::string name(NameOf(attempt.expert));
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

Task<Result<ChatReply>> ConsultMembers(Ensemble& ensemble) {
  const std::vector<const ExpertEntry*> line =
      AuthorsOrJudges(ensemble, &PolicyValues::author_expert);
  ensemble.seats().Dismiss(line.front());  // the generalist does not consult itself
  (void)co_await ensemble.Collect(ensemble.seats().size());
  const std::vector<Member*> specialists = ensemble.seats().Replied();
  const std::vector<std::string> silent = Silent(ensemble);
  for (const std::string& name : silent) {
    ensemble.record().NoteOnce("the specialist `" + name + "` did not answer");
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
