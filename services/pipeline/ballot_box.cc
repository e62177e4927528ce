#include "services/pipeline/ballot_box.h"

#include <algorithm>
#include <utility>

#include "services/answers/tool_calls.h"

namespace moerge {

BallotBox::BallotBox(const Reading& reading, Seats& seats, ChatRecord& record)
    : reading_(reading), seats_(seats), record_(record) {}

void BallotBox::Record(Member& member, ChatReply reply) {
  member.text = WithoutThinking(reply.content);
  member.answer = NoteAnswer(reply, member.text, member.contribution);
  record_.contributions[member.contribution].weight = member.weight;
  member.checked = Member::Checked::kNot;
  member.reply = std::move(reply);
}

bool BallotBox::Agrees(const Member& member, const ChatReply& reply, std::size_t contribution) {
  const std::int32_t number = NoteAnswer(reply, WithoutThinking(reply.content), contribution);
  more_voices_.push_back({number, member.expected});
  NoteConfidence(member);
  return number == member.answer;
}

// The answer's number; below 0: it states none.
std::int32_t BallotBox::NoteAnswer(const ChatReply& reply, std::string_view text,
                                   std::size_t contribution) {
  auto answer = AnswerIn(reply, text);
  record_.contributions[contribution].answer = answer.value_or(std::string());
  return answer ? NumberOf(*std::move(answer)) : -1;
}

std::optional<std::string> BallotBox::AnswerIn(const ChatReply& reply,
                                               std::string_view text) const {
  if (!reading_.functions) return FinalAnswer(text, reading_.form);
  auto calls = CanonicalCalls(reply.json);
  return calls ? calls : "no call";
}

std::int32_t BallotBox::NumberOf(std::string answer) {
  const auto known = std::ranges::find(answers_, answer);
  const auto number = static_cast<std::int32_t>(known - answers_.begin());
  if (known == answers_.end()) answers_.push_back(std::move(answer));
  return number;
}

void BallotBox::NoteCheck(Member& member, const Verification& verdict) {
  member.checked = verdict.passed ? Member::Checked::kPassed : Member::Checked::kFailed;
  record_.contributions[member.contribution].check = verdict.passed ? "passed" : verdict.why;
}

const std::string& BallotBox::CheckOf(const Member& member) const {
  return record_.contributions[member.contribution].check;
}

void BallotBox::Score(const Member& member, double score) {
  record_.contributions[member.contribution].weight = score;
}

std::vector<Ballot> BallotBox::Ballots() const {
  std::vector<Ballot> ballots;
  for (const Member& member : seats_.all()) {
    ballots.push_back({member.fails() ? -1 : member.answer, member.weight});
  }
  return ballots;
}

const std::string& BallotBox::AnswerOf(const Member& member) const {
  static const std::string none;
  return member.answer < 0 ? none : answers_[static_cast<std::size_t>(member.answer)];
}

Member* BallotBox::Leader() const {
  const std::vector<Ballot> ballots = Ballots();
  if (const auto won = WinnerOf(ballots)) return &seats_.all()[*won];
  const std::vector<Member*> replied = seats_.Replied();
  const auto sound = std::ranges::find(replied, false, &Member::fails);
  if (sound != replied.end()) return *sound;
  return replied.empty() ? nullptr : replied.front();
}

void BallotBox::NoteWinner(const Member& winner) {
  for (const Member& member : seats_.all()) {
    if (!member.reply) continue;
    const bool same = winner.answer >= 0 && member.answer == winner.answer;
    record_.contributions[member.contribution].won = same || &member == &winner;
  }
  NoteConfidence(winner);
}

// By all that was said and did not fail its check; only where it can be compared, and where
// something is known of who said it.
void BallotBox::NoteConfidence(const Member& winner) {
  record_.answer_confidence.reset();
  if (winner.answer < 0) return;
  std::vector<Voice> voices(more_voices_);
  for (const Member& member : seats_.all()) {
    if (member.reply && !member.fails()) voices.push_back({member.answer, member.expected});
  }
  const double confidence = CalibratedVoteConfidence(voices, winner.answer);
  if (confidence > 0) record_.answer_confidence = confidence;
}

}  // namespace moerge
