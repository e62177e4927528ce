#include "services/pipeline/aggregators/refine.h"

#include "config/policy_options.h"
#include "services/answers/author_prompt.h"
#include "services/answers/follow_up.h"
#include "services/pipeline/authorship.h"
#include "services/pipeline/conclusion.h"

namespace moerge {
namespace {

// So many seats, the members' own and then theirs again; what they weigh together stays.
void SeatDrafts(Ensemble& ensemble, std::size_t drafts, const ChatRequest& varied) {
  const std::size_t experts = ensemble.members().size();
  for (std::size_t i = experts; i < drafts; ++i) {
    ensemble.members().push_back(ensemble.members()[i % experts]);
  }
  for (std::size_t i = 0; i < ensemble.members().size(); ++i) {
    Ensemble::Member& member = ensemble.members()[i];
    const std::size_t of_one = drafts / experts + (i % experts < drafts % experts ? 1 : 0);
    if (of_one < 2) continue;
    member.request = &varied;
    member.weight /= static_cast<double>(of_one);
  }
}

Task<Result<ChatReply>> RefineDrafts(Ensemble& ensemble) {
  const Round& round = ensemble.round();
  const auto drafts = round.policy.options->refine_drafts;
  const ChatRequest varied = ensemble.Variant(
      WithTemperature(*round.request.body, round.policy.options->refine_temperature));
  SeatDrafts(ensemble, drafts, varied);
  if (!co_await ensemble.Collect(drafts)) co_return ensemble.Failure();
  if (auto instead = co_await ReplacementIfUnsure(ensemble, *ensemble.Leader())) {
    co_return *std::move(instead);
  }
  const std::vector<const ExpertEntry*> line =
      ensemble.AuthorsOrJudges(&PolicyValues::author_expert);
  const std::vector<Quote> quotes = QuotedTexts(round, ensemble.Replied(), line.front());
  const std::string instructions(RefinementInstructions());
  co_return co_await WriteOrGiveBest(ensemble, instructions, quotes, line);
}

}  // namespace

Status Refine::Accepts(const ChatRequest& request) const {
  return RefuseForAuthors(request, name());
}

Task<Result<ChatReply>> Refine::Answer(const Round& round) const {
  Ensemble ensemble(round, co_await ThisLoop());
  co_return co_await ensemble.Run(RefineDrafts(ensemble));
}

}  // namespace moerge
