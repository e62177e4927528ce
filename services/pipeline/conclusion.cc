#include "services/pipeline/conclusion.h"

#include <algorithm>
#include <string>
#include <utility>

#include "config/base/text.h"
#include "config/policy_options.h"
#include "services/answers/follow_up.h"
#include "services/answers/paraphrase_prompt.h"
#include "services/answers/repair_prompt.h"
#include "services/pipeline/authors_or_judges.h"
#include "services/pipeline/authorship.h"
#include "services/pipeline/follow_up_request.h"

namespace moerge {
namespace {

class Doubt {
 public:
  Doubt(Ensemble& ensemble, Member& winner)
      : ensemble_(ensemble),
        policy_(ensemble.round().policy),
        winner_(winner),
        floor_(policy_.options->confidence_floor) {}

  // Whether the answer is to be given as it is.
  Task<bool> Resolved() {
    if (Sure()) co_return true;
    const auto times = policy_.options->confidence_paraphrases;
    if (times == 0 || winner_.answer < 0) co_return false;
    co_await AskInOtherWords(times);
    co_return Sure();
  }

  Task<Result<ChatReply>> InPlace() {
    ensemble_.record().NoteOnce("the answer is right with a probability of " +
                                FormatNumber(Confidence(), 2) + ", the policy wants " +
                                FormatNumber(floor_, 2));
    if (policy_.options->confidence_below == BelowConfidence::kEscalate)
      co_return co_await Escalate();
    ensemble_.record().NoteOnce("abstained");
    co_return co_await ensemble_.delivery().DeliverText(*winner_.expert,
                                                        policy_.options->confidence_words);
  }

 private:
  double Confidence() const { return ensemble_.record().answer_confidence.value_or(0); }
  bool Sure() const { return floor_ <= 0 || Confidence() >= floor_; }

  // The question in other words by the expert itself, then its answers to those.
  Task<void> AskInOtherWords(std::size_t times) {
    std::vector<Ensemble::FollowUpCall> follow_ups;
    const std::string question = ParaphraseQuestion(ensemble_.round().request.route.text.user);
    for (std::size_t i = 0; i < times; ++i) {
      const std::string instructions = ParaphraseInstructions(i);
      const OwnQuestion own{instructions, question, 0};
      follow_ups.push_back({.expert = winner_.expert,
                            .request = FollowUpRequest(ensemble_.round().request, BodyOf(own)),
                            .role = "paraphrase"});
    }
    const std::vector<Result<ChatReply>> phrased = co_await ensemble_.Send(follow_ups);
    co_await Answer(phrased);
  }

  Task<void> Answer(const std::vector<Result<ChatReply>>& phrased) {
    std::vector<Ensemble::FollowUpCall> follow_ups;
    for (const Result<ChatReply>& text : phrased) {
      if (!text || Trim(text->content).empty()) continue;
      const std::string question = WithoutThinking(text->content);
      follow_ups.push_back(
          {.expert = winner_.expert,
           .request = FollowUpRequest(ensemble_.round().request,
                                      WithQuestion(*ensemble_.round().request.body, question)),
           .role = "again"});
    }
    const std::vector<Result<ChatReply>> replies = co_await ensemble_.Send(follow_ups);
    std::size_t same = 0;
    for (std::size_t i = 0; i < replies.size(); ++i) {
      if (replies[i] && Agrees(*replies[i], follow_ups[i])) ++same;
    }
    ensemble_.record().NoteOnce("asked in other words `" + winner_.expert->spec.name +
                                "` said the same " + std::to_string(same) + " of " +
                                std::to_string(replies.size()) + " times");
  }

  bool Agrees(const ChatReply& reply, const Ensemble::FollowUpCall& follow_up) {
    return ensemble_.ballots().Agrees(winner_, reply, follow_up.contribution);
  }

  // An expert that has not answered yet, best first; its answer stands whatever it is.
  Task<Result<ChatReply>> Escalate() {
    std::vector<const ExpertEntry*> line =
        AuthorsOrJudges(ensemble_, &PolicyValues::confidence_expert);
    std::erase_if(line,
                  [this](const ExpertEntry* expert) { return ensemble_.seats().Has(expert); });
    if (!line.empty()) {
      Result<ChatReply> answer = co_await WriteAnswer(ensemble_, ensemble_.round().request, line);
      if (answer)
        ensemble_.record().NoteOnce("escalated to `" + ensemble_.record().expert->spec.name + "`");
      if (answer.ok() || ensemble_.delivery().Answering() || ensemble_.Cancelled())
        co_return answer;
    }
    ensemble_.record().NoteOnce(
        "no expert is left to escalate to: this is the best answer there is");
    co_return co_await DeliverChecked(ensemble_, winner_);
  }

  Ensemble& ensemble_;
  const Policy& policy_;
  Member& winner_;
  const double floor_;
};

// One more try of the same expert, told what is wrong. False: nothing better came.
Task<bool> Repair(Ensemble& ensemble, Member& member) {
  const std::vector<Quote> quotes = QuotedTexts(ensemble.round(), {&member}, member.expert);
  const std::string instructions = RepairInstructions(ensemble.ballots().CheckOf(member));
  std::vector<Ensemble::FollowUpCall> follow_ups;
  follow_ups.push_back({.expert = member.expert,
                        .request = AuthorRequest(ensemble, instructions, quotes),
                        .role = "repair"});
  const std::vector<Member*> one = {&member};
  if (co_await ensemble.AskAgain(one, follow_ups) == 0) co_return false;
  co_await ensemble.Check(member);
  co_return !member.fails();
}

}  // namespace

Task<Result<ChatReply>> DeliverChecked(Ensemble& ensemble, Member& member) {
  co_await ensemble.Check(member);
  if (!member.fails()) co_return co_await ensemble.delivery().Deliver(member);
  const std::string why = ensemble.ballots().CheckOf(member);
  if (co_await Repair(ensemble, member)) {
    ensemble.record().NoteOnce("repaired by `" + member.expert->spec.name + "`: " + why);
    co_return co_await ensemble.delivery().Deliver(member);
  }
  Member* best = ensemble.ballots().Leader();
  if (best->fails()) {
    ensemble.record().NoteOnce("no answer passed the check: " + why);
    best = &member;
  }
  co_return co_await ensemble.delivery().Deliver(*best);
}

Task<Result<ChatReply>> Conclude(Ensemble& ensemble, Member& winner) {
  ensemble.ballots().NoteWinner(winner);
  Doubt doubt(ensemble, winner);
  if (co_await doubt.Resolved()) co_return co_await DeliverChecked(ensemble, winner);
  co_return co_await doubt.InPlace();
}

Task<std::optional<Result<ChatReply>>> ReplacementIfUnsure(Ensemble& ensemble, Member& leader) {
  ensemble.ballots().NoteWinner(leader);
  Doubt doubt(ensemble, leader);
  if (co_await doubt.Resolved()) co_return std::nullopt;
  co_return co_await doubt.InPlace();
}

}  // namespace moerge
