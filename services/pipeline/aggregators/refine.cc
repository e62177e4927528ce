#include "services/pipeline/aggregators/refine.h"

#include "config/policy_options.h"
#include "services/answers/author_prompt.h"
#include "services/answers/follow_up.h"
#include "services/pipeline/authors_or_judges.h"
#include "services/pipeline/authorship.h"
#include "services/pipeline/conclusion.h"
#include "services/pipeline/follow_up_request.h"
#include "services/pipeline/refusals.h"

namespace moerge {
namespace {

Task<Result<ChatReply>> RefineDrafts(Ensemble& ensemble) {
  const Round& round = ensemble.round();
  const auto drafts = round.policy.options->refine_drafts;
  const ChatRequest varied = VariantRequest(
      round.request,
      WithTemperature(*round.request.body, round.policy.options->refine_temperature));
  ensemble.seats().Divide(drafts, varied);
  if (!co_await ensemble.Collect(drafts)) co_return ensemble.Failure();
  if (auto instead = co_await ReplacementIfUnsure(ensemble, *ensemble.ballots().Leader())) {
    co_return *std::move(instead);
  }
  const std::vector<const ExpertEntry*> line =
      AuthorsOrJudges(ensemble, &PolicyValues::author_expert);
  const std::vector<Quote> quotes = QuotedTexts(round, ensemble.seats().Replied(), line.front());
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
