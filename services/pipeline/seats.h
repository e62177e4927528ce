// Who answers in a round: the models of its roster in their seats, the fallbacks that may take one,
// and what each has answered. Pure: no calls in here.
//
// Owner: the round's Ensemble, which alone says what members have answered; aggregators arrange who
// sits before any is asked. Threads: the round's event loop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "router/decision.h"
#include "services/calls/chat_request.h"

namespace moerge {

struct Member {
  enum class Checked { kNot, kPassed, kFailed };

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

class Seats {
 public:
  // Both outlive it.
  Seats(const Decision& decision, const Snapshot& snapshot);

  // Seats the roster's models; the next fallback if there is none. REQUIRES: once.
  void Fill();

  // In the roster's order, then those that replaced some. References stay once one was asked.
  std::deque<Member>& all() { return members_; }
  const std::deque<Member>& all() const { return members_; }
  std::size_t size() const { return members_.size(); }
  bool empty() const { return members_.empty(); }
  bool AllAsked() const;
  // The first that was not asked. REQUIRES: not AllAsked()
  Member& NextInLine();
  std::size_t PlaceOf(const Member& member) const;
  // Those with a reply, in their order.
  std::vector<Member*> Replied();
  bool Has(const ExpertEntry* expert) const;

  // How they are arranged. REQUIRES: no member was asked yet.
  // These experts and no others, in this order; no fallbacks.
  void Reseat(const std::vector<ExpertId>& order);
  // So many seats: the members' own and then theirs again. An expert with several is asked `varied`
  // in each, and what it weighs in all stays. REQUIRES: not empty(); `varied` outlives the calls.
  void Divide(std::size_t seats, const ChatRequest& varied);
  // Clears the seat of this expert, unless it is the only member.
  void Dismiss(const ExpertEntry* expert);
  // Every member is asked this in place of the round's request. REQUIRES: it outlives the calls.
  void AskAll(const ChatRequest& request);

  // The next fallback takes a seat, if there is one.
  void Replace();
  // A member that is not asked for its answer, since it is at hand.
  Member& Add(const ExpertEntry& expert);

 private:
  Member MemberOf(const ExpertEntry& expert) const;
  double ExpectedOf(ExpertId expert) const;

  const Decision& decision_;
  const Snapshot& snapshot_;
  std::deque<Member> members_;
  std::vector<const ExpertEntry*> spares_;  // last one next
};

}  // namespace moerge
