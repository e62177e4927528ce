#include "services/pipeline/aggregators/synthesize.h"

#include "config/policy_options.h"
#include "services/answers/author_prompt.h"
#include "services/pipeline/authors_or_judges.h"
#include "services/pipeline/authorship.h"
#include "services/pipeline/conclusion.h"
#include "services/pipeline/refusals.h"

namespace moerge {
namespace {

// The experts behind the letters that the answer names.
void NoteSources(Ensemble& ensemble, const std::vector<Member*>& members) {
  std::string note = "letters:";
  for (std::size_t i = 0; i < members.size(); ++i) {
    note += (i == 0 ? " " : ", ") + QuoteLabel(i) + " " + members[i]->expert->spec.name;
  }
  ensemble.record().NoteOnce(std::move(note));
}

Task<Result<ChatReply>> SynthesizeReplies(Ensemble& ensemble) {
  if (!co_await ensemble.Collect(ensemble.seats().size())) co_return ensemble.Failure();
  const std::vector<Member*> members = ensemble.seats().Replied();
  if (auto instead = co_await ReplacementIfUnsure(ensemble, *ensemble.ballots().Leader())) {
    co_return *std::move(instead);
  }
  if (members.size() == 1) co_return co_await DeliverChecked(ensemble, *members.front());
  const bool attributed = ensemble.round().policy.options->author_attribution;
  if (attributed) NoteSources(ensemble, members);
  const std::vector<const ExpertEntry*> line =
      AuthorsOrJudges(ensemble, &PolicyValues::author_expert);
  const std::vector<Quote> quotes = QuotedTexts(ensemble.round(), members, line.front());
  const std::string instructions = SynthesisInstructions(attributed);
  co_return co_await WriteOrGiveBest(ensemble, instructions, quotes, line);
}

}  // namespace

Status Synthesize::Accepts(const ChatRequest& request) const {
  return RefuseForAuthors(request, name());
}

Task<Result<ChatReply>> Synthesize::Answer(const Round& round) const {
  Ensemble ensemble(round, co_await ThisLoop());
  co_return co_await ensemble.Run(SynthesizeReplies(ensemble));
}

}  // namespace moerge
