#include "services/pipeline/aggregators/debate.h"

#include "config/policy_options.h"
#include "services/answers/author_prompt.h"
#include "services/pipeline/authorship.h"
#include "services/pipeline/conclusion.h"
#include "services/pipeline/judging.h"
#include "services/pipeline/refusals.h"

namespace moerge {
namespace {

class Contest {
 public:
  explicit Contest(Ensemble& ensemble) : ensemble_(ensemble) {}

  Task<Result<ChatReply>> Run() {
    if (!co_await ensemble_.Collect(2)) co_return ensemble_.Failure();
    const std::vector<Member*> sides = ensemble_.seats().Replied();
    if (sides.size() == 1) {
      ensemble_.record().NoteOnce("no expert answered against `" +
                                  sides.front()->expert->spec.name + "`");
      co_return co_await Conclude(ensemble_, *sides.front());
    }
    Member& a = *sides[0];
    Member& b = *sides[1];
    const auto rounds = ensemble_.round().policy.options->debate_rounds;
    for (int round = 0; round < rounds && !Agree(a, b); ++round) {
      if (!co_await Rebut(a, b)) break;
    }
    if (Agree(a, b)) co_return co_await Conclude(ensemble_, a);
    co_return co_await Decide(a, b);
  }

 private:
  // Answers that cannot be compared are not equal.
  static bool Agree(const Member& a, const Member& b) {
    return a.answer >= 0 && a.answer == b.answer;
  }

  // One round: both read the other's latest answer. False: neither said anything more.
  Task<bool> Rebut(Member& a, Member& b) {
    std::vector<Ensemble::FollowUpCall> follow_ups;
    follow_ups.push_back(FollowUpCallOf(a, b));
    follow_ups.push_back(FollowUpCallOf(b, a));
    const std::vector<Member*> sides = {&a, &b};
    co_return co_await ensemble_.AskAgain(sides, follow_ups) > 0;
  }

  Ensemble::FollowUpCall FollowUpCallOf(Member& self, Member& other) const {
    const std::vector<Quote> quotes = QuotedTexts(ensemble_.round(), {&self, &other}, self.expert);
    return {.expert = self.expert,
            .request = AuthorRequest(ensemble_, RebuttalInstructions(), quotes),
            .role = "rebuttal"};
  }

  Task<Result<ChatReply>> Decide(Member& a, Member& b) {
    Judging judging(ensemble_);
    const std::optional<bool> second = co_await judging.SecondIsBetter(a, b);
    const bool heavier = b.weight > a.weight;
    Member& winner = second.value_or(heavier) ? b : a;
    ensemble_.record().NoteOnce(second ? "the judges chose `" + winner.expert->spec.name + "`"
                                       : "no verdict that holds with positions swapped: `" +
                                             winner.expert->spec.name + "` has more weight");
    co_return co_await Conclude(ensemble_, winner);
  }

  Ensemble& ensemble_;
};

}  // namespace

Status Debate::Accepts(const ChatRequest& request) const {
  return RefuseForAuthors(request, name());
}

Task<Result<ChatReply>> Debate::Answer(const Round& round) const {
  Ensemble ensemble(round, co_await ThisLoop());
  Contest contest(ensemble);
  co_return co_await ensemble.Run(contest.Run());
}

}  // namespace moerge
