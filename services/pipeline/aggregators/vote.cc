#include "services/pipeline/aggregators/vote.h"

#include <algorithm>
#include <vector>

#include "router/policy_options.h"
#include "router/vote/ballots.h"
#include "services/pipeline/conclusion.h"

namespace moerge {
namespace {

// One request's vote from the first call to the answer.
class Election {
 public:
  explicit Election(Ensemble& ensemble)
      : ensemble_(ensemble),
        rule_{Option("vote.confidence"), Option("vote.gain")},
        at_once_(static_cast<std::size_t>(Option("vote.at_once"))),
        minimum_(static_cast<std::size_t>(Option("answers.minimum"))) {}

  Task<Result<ChatReply>> Run() {
    co_await Poll();
    co_await ensemble_.EndCalls();
    if (ensemble_.Replied().size() < minimum_) co_return ensemble_.Failure();
    co_return co_await Conclude(ensemble_, *ensemble_.Leader());
  }

 private:
  using Member = Ensemble::Member;

  double Option(std::string_view name) const {
    return NumberOption(ensemble_.round().policy, name);
  }

  // Asks and counts until it is decided or nobody is left to ask.
  Task<void> Poll() {
    while (true) {
      while (Wants()) ensemble_.AskNext();
      const Member* ended = co_await ensemble_.Next();
      if (ended == nullptr || ensemble_.Cancelled()) co_return;
      if (IsDecided(ensemble_.Ballots(), Weights(&Member::done), rule_)) co_return;
    }
  }

  // Of those for whom `flag` is not set, in the order in which they are asked.
  std::vector<double> Weights(bool Member::*flag) const {
    std::vector<double> weights;
    for (const Member& member : ensemble_.members()) {
      if (!(member.*flag)) weights.push_back(member.weight);
    }
    return weights;
  }

  // Whether one more call should be made now: those under way could not decide the vote even if
  // they agreed with whoever leads.
  bool Wants() const {
    if (ensemble_.AllAsked()) return false;
    if (at_once_ > 0) return ensemble_.under_way() < at_once_;
    std::vector<Ballot> agreed = ensemble_.Ballots();
    const auto leader = moerge::Vote(agreed);
    const std::int32_t answer = leader ? agreed[*leader].answer : INT32_MAX;
    for (std::size_t i = 0; i < agreed.size(); ++i) {
      const Member& member = ensemble_.members()[i];
      if (member.asked && !member.done) agreed[i].answer = answer;
    }
    return !IsDecided(agreed, Weights(&Member::asked), rule_);
  }

  Ensemble& ensemble_;
  const StopRule rule_;
  const std::size_t at_once_;
  const std::size_t minimum_;
};

}  // namespace

Status Vote::Accepts(const ChatRequest& request) const { return RefuseChoices(request, name()); }

Task<Result<ChatReply>> Vote::Answer(const Round& round) const {
  Ensemble ensemble(round, co_await ThisLoop());
  Election election(ensemble);
  co_return co_await ensemble.Conduct(election.Run());
}

}  // namespace moerge
