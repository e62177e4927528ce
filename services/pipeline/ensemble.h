// The models of a round's roster as aggregates use them: asked in parallel for their answers, each
// that fails giving its seat to the next fallback; then asked for more. In here are the calls. Who
// sits is kept by Seats, what they say by BallotBox, how one reply gets to the client by Delivery.
// Every reply is noted in the record as a Contribution, with the final answer that it states.
//
// Owner: the coroutine of an aggregator. Threads: its event loop. All work goes through Run.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "services/pipeline/answer_check.h"
#include "services/pipeline/ballot_box.h"
#include "services/pipeline/call_group.h"
#include "services/pipeline/delivery.h"
#include "services/pipeline/seats.h"

namespace moerge {

class Ensemble {
 public:
  // One more thing that an expert is asked for.
  struct FollowUpCall {
    const ExpertEntry* expert = nullptr;
    ChatRequest request;
    std::string_view role;  // lives for ever
    // Once it has answered.
    std::optional<Ledger::Entry> entry = {};
    std::size_t contribution = 0;
  };

  Ensemble(const Round& round, const Executor& loop);

  const Round& round() const { return round_; }
  ChatRecord& record() const { return round_.record; }
  Seats& seats() { return seats_; }
  const Seats& seats() const { return seats_; }
  BallotBox& ballots() { return ballots_; }
  Delivery& delivery() { return delivery_; }
  bool Cancelled() const;

  // The tools of the roster first: one that answers is exact, and that is the answer. Otherwise
  // what `work` gives, after every call has ended, whatever happens.
  Task<Result<ChatReply>> Run(Task<Result<ChatReply>> work);

  // Asks a member that was not asked yet; `stream` as in CallGroup.
  void Ask(Member& member, ClientStream* stream = nullptr);
  // The next in line. REQUIRES: not seats().AllAsked()
  void AskNext(ClientStream* stream = nullptr) { Ask(seats_.NextInLine(), stream); }
  std::size_t under_way() const { return calls_.under_way(); }
  // The next one to end; null: none was under way, or none has ended at `until`. One that failed
  // has no reply, and was replaced if there was a fallback. A reply is checked (Check).
  Task<Member*> Next(Deadline until = Deadline::Never());
  // Asks up to `count` members in parallel and awaits them, replaced ones too. False: fewer than
  // the policy's minimum answered; see Failure.
  Task<bool> Collect(std::size_t count);
  void Abort(const Member& member) { calls_.Abort(seats_.PlaceOf(member)); }
  Task<void> EndCalls() { return calls_.End(); }

  // In parallel, in the order of `follow_ups`. What fails is remembered for Failure and is an
  // error here.
  Task<std::vector<Result<ChatReply>>> Send(std::span<FollowUpCall> follow_ups);
  // The same, one follow-up for each member, that takes what comes as its latest answer. How many
  // came.
  Task<std::size_t> AskAgain(const std::vector<Member*>& members,
                             std::span<FollowUpCall> follow_ups);
  // One more member, whose answer is the reply to this follow-up.
  Member& Add(ChatReply reply, const FollowUpCall& follow_up);
  // The answer that one more expert writes, the first of `line` that can; streamed as it comes.
  Task<Result<ChatReply>> Write(const ChatRequest& request,
                                const std::vector<const ExpertEntry*>& line);

  // Whether there is something that answers are checked by.
  bool Checks() const { return check_.active(); }
  // Checks the member's latest answer, if it was not.
  Task<void> Check(Member& member);

  // Why there are not enough answers.
  Error Failure();

 private:
  Task<Result<ChatReply>> AskTools();
  std::size_t Note(const CallGroup::Ended& ended, std::string_view role);
  void Take(Member& member, ChatReply reply, const FollowUpCall& follow_up);
  void Remember(Error error);

  const Round& round_;
  const AnswerCheck check_;
  Seats seats_;
  BallotBox ballots_;
  Delivery delivery_;
  std::optional<Error> most_informative_error_;
  CallGroup calls_;
};

}  // namespace moerge
