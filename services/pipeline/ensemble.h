// The models of a round's roster as aggregates use them: asked in parallel for their answers,
// whoever fails giving the seat to the next fallback; then asked for more, and one reply given to
// the client. Every reply is noted in the record as a Contribution, with the final answer that it
// states.
//
// Owner: the coroutine of an aggregator. Threads: its event loop. All work goes through Run.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "router/vote/ballots.h"
#include "router/vote/confidence.h"
#include "services/answers/final_answer.h"
#include "services/pipeline/answer_check.h"
#include "services/pipeline/call_group.h"
#include "services/pipeline/refusals.h"
#include "services/roles/election.h"

namespace moerge {

// An option of a policy that names experts, separated by commas.
using ExpertsOption = std::string PolicyValues::*;

class Ensemble {
 public:
  enum class Checked { kNot, kPassed, kFailed };
  struct Member {
    const ExpertEntry* expert = nullptr;
    double weight = 0;                     // evidence in nats, of the seat
    double expected = 0;                   // probability of a right answer, 0..1; 0: not known
    const ChatRequest* request = nullptr;  // in place of the round's; outlives the call
    bool asked = false;
    bool done = false;                        // it has answered or failed
    std::optional<Error> error = {};          // why it has no reply
    std::optional<ChatReply> reply = {};      // of its latest answer
    std::string text = {};                    // what a reader sees of that
    std::int32_t answer = -1;                 // number of its final answer; below 0: it states none
    Checked checked = Checked::kNot;          // its latest answer, by what the client said is good
    std::optional<Ledger::Entry> entry = {};  // of its latest answer
    std::size_t contribution = 0;             // of its latest answer

    bool fails() const { return checked == Checked::kFailed; }
  };
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
  // In the roster's order, then those that replaced some. References stay.
  std::deque<Member>& members() { return members_; }
  bool Cancelled() const;
  // Whether any of an answer has gone to the client's stream: no other may be given then.
  bool Answering() const { return round_.stream != nullptr && round_.stream->answering(); }

  // The tools of the roster first: one that answers is exact, and that is the answer. Otherwise
  // what `work` gives, after every call has ended, whatever happens.
  Task<Result<ChatReply>> Run(Task<Result<ChatReply>> work);

  // These experts and no others, in this order. REQUIRES: no expert was asked yet.
  void Reseat(const std::vector<ExpertId>& order);
  // Whether final answers of this request can be compared: they have a form, or call functions.
  bool RepliesCompare() const { return functions_ || form_.kind != AnswerKind::kAuto; }

  // Asks the next member that was not; `stream` as in CallGroup.
  void AskNext(ClientStream* stream = nullptr);
  bool AllAsked() const;
  Member& NextInLine();  // the one AskNext asks. REQUIRES: not AllAsked()
  std::size_t under_way() const { return calls_.under_way(); }
  // The next one to end; null: none was under way, or none has ended at `until`. One that failed
  // has no reply, and was replaced if there was a fallback.
  Task<Member*> Next(Deadline until = Deadline::Never());
  // Asks up to `count` members in parallel and awaits them, replaced ones too. False: fewer than
  // the policy's minimum answered; see Failure.
  Task<bool> Collect(std::size_t count);
  void Abort(Member& member);
  Task<void> EndCalls() { return calls_.End(); }

  // In parallel, in the order of `follow_ups`. What fails is remembered for Failure and is an
  // error here.
  Task<std::vector<Result<ChatReply>>> Send(std::span<FollowUpCall> follow_ups);

  // The same, one follow_up for each member, who takes what comes as its latest answer. How many
  // came.
  Task<std::size_t> AskAgain(const std::vector<Member*>& members,
                             std::span<FollowUpCall> follow_ups);

  // Members with a reply, in their order.
  std::vector<Member*> Replied();
  // One by member.
  std::vector<Ballot> Ballots() const;
  const std::string& AnswerOf(const Member& member) const;  // empty: it states none
  // The member that gave the answer with the most weight; of several the first. The strongest that
  // replied if none states an answer; null: none replied. Answers that failed their check stand
  // behind all others and count for nothing.
  Member* Leader();
  // Whether there is something that answers are checked by.
  bool Checks() const { return check_.active(); }
  // Checks the member's latest answer, if it was not. Next() does that with what it gives.
  Task<void> Check(Member& member);
  // Why it failed.
  const std::string& CheckOf(const Member& member) const {
    return round_.record.contributions[member.contribution].check;
  }
  // A member for an answer that one more expert wrote.
  Member& Add(const ExpertEntry& expert);
  // What a scorer gave to the member's latest answer, 0..1.
  void Score(const Member& member, double score);
  // Marks the winning answer, and how likely it is right.
  void NoteWinner(const Member& winner);
  // Takes the reply to an follow_up as the member's latest answer.
  void Take(Member& member, ChatReply reply, const FollowUpCall& follow_up);

  // Counts another answer of the member's expert: whether it is the same, which changes how likely
  // the member's is right.
  bool AgreesWith(const Member& member, const ChatReply& reply, const FollowUpCall& follow_up);

  // The latest reply of `member`, as the answer of the request: it goes to the stream, or is given.
  Task<Result<ChatReply>> Deliver(Member& member);
  // The same for one that went to the stream as it came.
  Result<ChatReply> DeliverStreamed(Member& member);
  // The same for an answer at hand as text, whose cost is counted already.
  Task<Result<ChatReply>> DeliverText(const ExpertEntry& expert, std::string_view text);
  // The answer that one more expert writes, the first of `line` that can; streamed as it comes.
  Task<Result<ChatReply>> Write(const ChatRequest& request,
                                const std::vector<const ExpertEntry*>& line);
  // Experts that may write or judge: those that the policy's option names (separated by commas),
  // then all candidates, highest expected first. Where some were measured as authors
  // (`author.expert`) or judges (`judge.experts`) for what the request needs, these come before the
  // others, the best first (services/roles/election.h), and judges below `judge.agreement` are
  // missing; the notes say which author was elected, and which may not judge.
  std::vector<const ExpertEntry*> AuthorsOrJudges(ExpertsOption option) const;
  // Notes that `expert` was elected from the line of this option, if it was.
  void NoteElected(ExpertsOption option, const ExpertEntry& expert) const;

  // Why there are not enough answers.
  Error Failure() const;
  // What the reply's notes are to say.
  void NoteOnce(std::string note) const;

  // The client's request in another body, asked of members in its place.
  ChatRequest Variant(ChatBodyPtr body) const;
  // A request of moerge's own, for the same client: the same limits, origin and time.
  ChatRequest FollowUp(ChatBodyPtr body) const;

 private:
  Task<Result<ChatReply>> AskTools();
  void Seat();
  void Replace();
  Member MemberOf(const ExpertEntry& expert) const;
  std::size_t SeatOf(const Member& member) const;
  const ExpertEntry* Find(ExpertId id) const;
  RoleLine LineUpFor(ExpertsOption option, const std::vector<const ExpertEntry*>& named) const;
  void NoteWhyElected(const RoleLine& line, const std::vector<const ExpertEntry*>& named,
                      const ExpertEntry& expert) const;
  std::vector<const ExpertEntry*> Named(ExpertsOption option) const;
  std::vector<const ExpertEntry*> ByExpected() const;
  std::int32_t NumberOf(std::string answer);
  std::optional<std::string> AnswerIn(const ChatReply& reply, std::string_view text) const;
  double ExpectedOf(ExpertId expert) const;
  std::size_t Note(const CallGroup::Ended& ended, std::string_view role);
  void RecordReply(Member& member, ChatReply reply);
  void NoteConfidence(const Member& winner);
  void Remember(Error error);
  Task<Status> SendToStream(const ChatReply& reply);

  const Round& round_;
  const AnswerForm form_;
  const AnswerCheck check_;
  const bool functions_;
  std::deque<Member> members_;
  std::vector<const ExpertEntry*> spares_;  // last one next
  std::vector<std::string> answers_;        // by number
  std::vector<Voice> more_voices_;          // of members that were asked again
  std::optional<Error> most_informative_error_;
  CallGroup calls_;
};

}  // namespace moerge
