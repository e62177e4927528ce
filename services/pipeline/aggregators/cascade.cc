#include "services/pipeline/aggregators/cascade.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "config/base/text.h"
#include "router/vote/cascade.h"
#include "services/answers/follow_up.h"
#include "services/answers/token_probability.h"
#include "services/pipeline/conclusion.h"
#include "services/pipeline/follow_up_request.h"
#include "services/pipeline/refusals.h"

namespace moerge {
namespace {

class Descent {
 public:
  explicit Descent(Ensemble& ensemble)
      : ensemble_(ensemble), rule_(CascadeRuleOf(ensemble.round().policy)) {}

  Task<Result<ChatReply>> Run() {
    const Round& round = ensemble_.round();
    const bool tell =
        ensemble_.ballots().Compares() || ensemble_.Checks() || rule_.logprob_weight > 0;
    plan_ = PlanCascade(CascadeExperts(round.record.decision, *round.record.router->snapshot()),
                        rule_, tell);
    std::vector<ExpertId> order;
    for (const CascadeExpert& each : plan_.order) order.push_back(each.id);
    if (!tell) co_return co_await AskInTurn(order);
    ensemble_.seats().Reseat(order);
    if (rule_.logprob_weight > 0) AskForProbabilities();
    co_return co_await GoDown();
  }

 private:
  static CascadeBallot::Check CheckOf(const Member& member) {
    switch (member.checked) {
      case Member::Checked::kPassed: return CascadeBallot::Check::kPassed;
      case Member::Checked::kFailed: return CascadeBallot::Check::kFailed;
      case Member::Checked::kNot: break;
    }
    return CascadeBallot::Check::kNone;
  }

  // The first that answers, as it comes; the order holds only those good enough. Each is asked
  // once.
  Task<Result<ChatReply>> AskInTurn(const std::vector<ExpertId>& order) {
    std::vector<const ExpertEntry*> line;
    const auto add = [&line](const ExpertEntry* expert) {
      if (expert != nullptr && std::ranges::find(line, expert) == line.end())
        line.push_back(expert);
    };
    for (const ExpertId id : order) {
      add(ensemble_.record().router->snapshot()->FindExpert(id));
    }
    for (const Member& member : ensemble_.seats().all()) add(member.expert);
    co_return co_await ensemble_.Write(ensemble_.round().request, line);
  }

  void AskForProbabilities() {
    const ChatBody& body = *ensemble_.round().request.body;
    if (body.Field("logprobs").AsBool().value_or(false)) return;
    with_probabilities_ = VariantRequest(ensemble_.round().request, WithLogprobs(body));
    ensemble_.seats().AskAll(*with_probabilities_);
  }

  Task<Result<ChatReply>> GoDown() {
    CascadeStep step;
    while (!ensemble_.seats().AllAsked() && !ensemble_.Cancelled()) {
      ensemble_.AskNext();
      Member* ended = co_await ensemble_.Next();
      if (ended == nullptr || !ended->reply) continue;
      replied_.push_back(ended);
      ballots_.push_back(BallotOf(*ended));
      step = Step(ballots_, Waiting(), plan_.adequate, rule_);
      if (step.kind != CascadeStep::Kind::kNext) break;
    }
    if (replied_.empty()) co_return ensemble_.Failure();
    if (step.kind == CascadeStep::Kind::kNext) step = Step(ballots_, 0, plan_.adequate, rule_);
    Member& winner = *replied_[step.ballot];
    if (with_probabilities_) DropProbabilities(&*winner.reply);
    ensemble_.record().NoteOnce("good enough from a probability of " +
                                FormatNumber(plan_.adequate, 3) + " on; reached " +
                                FormatNumber(step.confidence, 3));
    co_return co_await Conclude(ensemble_, winner);
  }

  std::size_t Waiting() const {
    return static_cast<std::size_t>(
        std::ranges::count(ensemble_.seats().all(), false, &Member::asked));
  }

  CascadeBallot BallotOf(const Member& member) const {
    const bool open = member.answer < 0 && !member.text.empty();
    return {.answer = open ? CascadeBallot::kOpen : member.answer,
            .expected = member.expected,
            .token_probability = MeanTokenProbability(member.reply->json),
            .check = CheckOf(member)};
  }

  Ensemble& ensemble_;
  const CascadeRule rule_;
  CascadePlan plan_;
  std::optional<ChatRequest> with_probabilities_;
  std::vector<Member*> replied_;
  std::vector<CascadeBallot> ballots_;
};

}  // namespace

Status Cascade::Accepts(const ChatRequest& request) const { return RefuseChoices(request, name()); }

Task<Result<ChatReply>> Cascade::Answer(const Round& round) const {
  Ensemble ensemble(round, co_await ThisLoop());
  Descent descent(ensemble);
  co_return co_await ensemble.Run(descent.Run());
}

}  // namespace moerge
