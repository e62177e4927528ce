// What the members of a round say, as it is compared and counted: their final answers, which of
// them has the most weight, how likely that is right. Pure: no calls in here.
//
// Owner: the round's Ensemble. Threads: the round's event loop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "router/vote/ballots.h"
#include "router/vote/confidence.h"
#include "services/answers/final_answer.h"
#include "services/pipeline/chat_record.h"
#include "services/pipeline/seats.h"
#include "services/verify/verifier.h"

namespace moerge {

class BallotBox {
 public:
  // How a round's answers are read.
  struct Reading {
    AnswerForm form = {};
    bool functions = false;  // the answer is the calls of functions, whatever its text
  };

  // Both outlive the box. What is said is noted in the record's contributions.
  BallotBox(const Reading& reading, Seats& seats, ChatRecord& record);

  // Whether final answers can be compared: they have a form, or are calls of functions.
  bool Compares() const { return reading_.functions || reading_.form.kind != AnswerKind::kAuto; }

  // Makes this the latest answer of a member whose contribution is there, not checked yet.
  void Record(Member& member, ChatReply reply);
  // Takes the reply with this contribution as another answer of the member's expert: whether it is
  // the same, which changes how likely the member's is right.
  bool Agrees(const Member& member, const ChatReply& reply, std::size_t contribution);
  // What the check of the member's latest answer says.
  void NoteCheck(Member& member, const Verification& verdict);
  // Why the latest answer failed its check.
  const std::string& CheckOf(const Member& member) const;
  // What a scorer gave to the latest answer, 0..1.
  void Score(const Member& member, double score);

  // One by member; answers that failed their check count for nothing.
  std::vector<Ballot> Ballots() const;
  const std::string& AnswerOf(const Member& member) const;  // empty: it states none
  // The member that gave the answer with the most weight; of several the first. The strongest that
  // replied if none states an answer; null: none replied. Answers that failed their check stand
  // behind all others.
  Member* Leader() const;
  // Marks the winning answer, and how likely it is right.
  void NoteWinner(const Member& winner);

 private:
  std::int32_t NumberOf(std::string answer);
  std::optional<std::string> AnswerIn(const ChatReply& reply, std::string_view text) const;
  std::int32_t NoteAnswer(const ChatReply& reply, std::string_view text, std::size_t contribution);
  void NoteConfidence(const Member& winner);

  const Reading reading_;
  Seats& seats_;
  ChatRecord& record_;
  std::vector<std::string> answers_;  // by number
  std::vector<Voice> more_voices_;    // of members that were asked again
};

}  // namespace moerge
