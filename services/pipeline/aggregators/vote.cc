#include "services/pipeline/aggregators/vote.h"

#include <algorithm>
#include <vector>

#include "config/base/text.h"
#include "config/policy_options.h"
#include "router/vote/ballots.h"
#include "router/vote/numbers.h"
#include "services/pipeline/conclusion.h"
#include "services/pipeline/refusals.h"

namespace moerge {
namespace {

constexpr double kLeastWeight = 1e-6;

// One request's vote from the first call to the answer.
class VoteTally {
 public:
  explicit VoteTally(Ensemble& ensemble)
      : ensemble_(ensemble),
        options_(*ensemble.round().policy.options),
        rule_{options_.vote_confidence, options_.vote_gain} {}

  Task<Result<ChatReply>> Run() {
    if (options_.vote_numbers == NumbersRule::kPlurality) {
      co_await Poll();
    } else {
      (void)co_await ensemble_.Collect(ensemble_.seats().size());
    }
    co_await ensemble_.EndCalls();
    if (ensemble_.seats().Replied().size() < options_.answers_minimum)
      co_return ensemble_.Failure();
    co_return co_await Conclude(ensemble_, Winner());
  }

 private:
  // Numbers are combined only if every answer is a number.
  Member& Winner() {
    Member& leader = *ensemble_.ballots().Leader();
    if (options_.vote_numbers == NumbersRule::kPlurality) return leader;
    std::vector<Measured> values;
    std::vector<Member*> whose;
    for (Member* member : ensemble_.seats().Replied()) {
      if (member->answer < 0 || member->fails()) continue;
      const auto value = ParseDouble(ensemble_.ballots().AnswerOf(*member));
      if (!value) return leader;
      values.push_back({*value, std::max(member->weight, kLeastWeight)});
      whose.push_back(member);
    }
    if (values.empty()) return leader;
    if (options_.vote_numbers == NumbersRule::kMedian) return *whose[WeightedMedian(values)];
    const double mean = TrimmedMean(values);
    ensemble_.record().NoteOnce("the answers' trimmed mean is " + FormatNumber(mean, 6));
    return *whose[Nearest(values, mean)];
  }

  // Asks and counts until it is decided or no expert is left to ask.
  Task<void> Poll() {
    while (true) {
      while (Wants()) ensemble_.AskNext();
      const Member* ended = co_await ensemble_.Next();
      if (ended == nullptr || ensemble_.Cancelled()) co_return;
      if (IsDecided(ensemble_.ballots().Ballots(), Weights(&Member::done), rule_)) co_return;
    }
  }

  // Of those for which `flag` is not set, in the order in which they are asked.
  std::vector<double> Weights(bool Member::*flag) const {
    std::vector<double> weights;
    for (const Member& member : ensemble_.seats().all()) {
      if (!(member.*flag)) weights.push_back(member.weight);
    }
    return weights;
  }

  // Whether one more call should be made now: those under way could not decide the vote even if
  // they agreed with whoever leads.
  bool Wants() const {
    if (ensemble_.seats().AllAsked()) return false;
    if (options_.vote_at_once > 0) return ensemble_.under_way() < options_.vote_at_once;
    std::vector<Ballot> agreed = ensemble_.ballots().Ballots();
    const auto leader = WinnerOf(agreed);
    const std::int32_t answer = leader ? agreed[*leader].answer : INT32_MAX;
    for (std::size_t i = 0; i < agreed.size(); ++i) {
      const Member& member = ensemble_.seats().all()[i];
      if (member.asked && !member.done) agreed[i].answer = answer;
    }
    return !IsDecided(agreed, Weights(&Member::asked), rule_);
  }

  Ensemble& ensemble_;
  const PolicyValues& options_;
  const StopRule rule_;
};

}  // namespace

Status Vote::Accepts(const ChatRequest& request) const { return RefuseChoices(request, name()); }

Task<Result<ChatReply>> Vote::Answer(const Round& round) const {
  Ensemble ensemble(round, co_await ThisLoop());
  VoteTally tally(ensemble);
  co_return co_await ensemble.Run(tally.Run());
}

}  // namespace moerge
