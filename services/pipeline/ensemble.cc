#include "services/pipeline/ensemble.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "config/base/text.h"
#include "config/base/utf8.h"
#include "config/policy_options.h"
#include "router/recruit/combination.h"
#include "services/answers/follow_up.h"
#include "services/answers/tool_calls.h"
#include "services/pipeline/dispatcher.h"
#include "services/pipeline/no_expert.h"
#include "services/pipeline/text_answer.h"

namespace moerge {
namespace {

bool WantsJson(const ChatRequest& request) {
  const auto type = request.body->Field("response_format").Find("type").AsString();
  return type && type->starts_with("json");
}

// What the policy says of the request's most probable skill, or of all.
AnswerKind KindOf(const Round& round) {
  const PolicyValues& options = *round.policy.options;
  const std::vector<SkillProbability>& skills = round.record.decision.demand.skills;
  if (!skills.empty() && !options.kinds.empty()) {
    const auto kind = options.kinds.find(std::string(NameOf(skills.front().skill)));
    if (kind != options.kinds.end()) return kind->second;
  }
  return options.answers_kind;
}

AnswerForm FormOf(const Round& round) {
  return FormOf(round.request.route.text.user, KindOf(round), WantsJson(round.request));
}

bool IsModel(const ExpertEntry* expert) {
  return expert != nullptr && expert->spec.kind != ExpertKind::kTool;
}

}  // namespace

Ensemble::Ensemble(const Round& round, const Executor& loop)
    : round_(round),
      form_(FormOf(round)),
      check_(round),
      functions_(!FunctionsField(round.request).empty()),
      calls_(round, loop) {
  round.record.aggregate = round.policy.aggregate;
  round.record.keep_answers = round.policy.options->answers_keep == AnswersKept::kText;
}

bool Ensemble::Cancelled() const {
  return round_.scope.cancellation != nullptr && round_.scope.cancellation->cancelled();
}

const ExpertEntry* Ensemble::Find(ExpertId id) const {
  return round_.record.router->snapshot()->FindExpert(id);
}

Task<Result<ChatReply>> Ensemble::Run(Task<Result<ChatReply>> work) {
  Result<ChatReply> answer = co_await AskTools();
  if (answer.ok() || answer.error().code == ErrorCode::kCancelled) co_return answer;
  if (!round_.record.attempts.empty()) Remember(answer.error());
  Seat();
  if (members_.empty()) co_return Failure();
  std::exception_ptr failure;
  try {
    answer = co_await std::move(work);
  } catch (...) {
    failure = std::current_exception();
  }
  co_await calls_.End();  // calls under way refer to this
  if (failure) std::rethrow_exception(failure);
  if (Cancelled()) co_return Error{ErrorCode::kCancelled, "the client closed its connection"};
  co_return answer;
}

Task<Result<ChatReply>> Ensemble::AskTools() {
  Result<ChatReply> last = Error{ErrorCode::kNoExpert, "no expert answered"};
  for (const moerge::Seat& seat : round_.record.decision.roster) {
    const ExpertEntry* expert = Find(seat.expert);
    if (expert == nullptr || IsModel(expert)) continue;
    last = co_await round_.dispatcher.Ask(round_.request, *expert, nullptr, round_.scope,
                                          round_.record, round_.record);
    if (!last) continue;
    round_.record.NoteAnswer(*expert, *round_.record.entry);
    round_.record.aggregate = {};
    if (Status sent = co_await SendToStream(*last); !sent) co_return std::move(sent).error();
    co_return last;
  }
  co_return last;
}

void Ensemble::Seat() {
  const Decision& decision = round_.record.decision;
  for (const moerge::Seat& seat : decision.roster) {
    const ExpertEntry* expert = Find(seat.expert);
    if (!IsModel(expert)) continue;
    members_.push_back(
        {.expert = expert, .weight = seat.weight, .expected = ExpectedOf(seat.expert)});
  }
  for (const ExpertId id : decision.fallbacks) {
    const ExpertEntry* expert = Find(id);
    if (IsModel(expert)) spares_.push_back(expert);
  }
  std::ranges::reverse(spares_);
  if (members_.empty()) Replace();  // a tool alone was recruited
}

// The next fallback in the seat of one that failed.
void Ensemble::Replace() {
  if (spares_.empty() || Cancelled()) return;
  const ExpertEntry* spare = spares_.back();
  spares_.pop_back();
  members_.push_back(MemberOf(*spare));
}

// Of an expert that was not recruited: the weight of its expected score.
Ensemble::Member Ensemble::MemberOf(const ExpertEntry& expert) const {
  const double expected = ExpectedOf(expert.id);
  return {.expert = &expert,
          .weight = VoteWeight(static_cast<float>(expected), 0),
          .expected = expected};
}

double Ensemble::ExpectedOf(ExpertId expert) const {
  const auto& candidates = round_.record.decision.candidates;
  const auto known = std::ranges::find(candidates, expert, &Candidate::expert);
  return known == candidates.end() ? 0 : known->expected;
}

void Ensemble::Reseat(const std::vector<ExpertId>& order) {
  std::deque<Member> seated = std::exchange(members_, {});
  spares_.clear();
  for (const ExpertId id : order) {
    const auto seat =
        std::ranges::find(seated, id, [](const Member& member) { return member.expert->id; });
    if (seat != seated.end()) {
      members_.push_back(*seat);
      continue;
    }
    if (const ExpertEntry* expert = Find(id); IsModel(expert)) {
      members_.push_back(MemberOf(*expert));
    }
  }
}

bool Ensemble::AllAsked() const { return std::ranges::all_of(members_, &Member::asked); }

Ensemble::Member& Ensemble::NextInLine() {
  return *std::ranges::find(members_, false, &Member::asked);
}

void Ensemble::AskNext(ClientStream* stream) {
  Member& next = NextInLine();
  next.asked = true;
  const CallGroup::Order order{.seat = SeatOf(next),
                               .expert = *next.expert,
                               .request = next.request ? *next.request : round_.request,
                               .stream = stream};
  calls_.Start(order);
}

Task<Ensemble::Member*> Ensemble::Next(Deadline until) {
  std::optional<CallGroup::Ended> ended = co_await calls_.Next(until);
  if (!ended) co_return nullptr;
  Member& member = members_[ended->seat];
  member.done = true;
  if (!ended->reply) {
    member.error = ended->reply.error();
    Remember(*member.error);
    Replace();
    co_return &member;
  }
  member.entry = ended->entry;
  member.contribution = Note(*ended, "answer");
  RecordReply(member, *std::move(ended->reply));
  co_await Check(member);
  co_return &member;
}

Task<bool> Ensemble::Collect(std::size_t count) {
  const auto minimum = round_.policy.options->answers_minimum;
  for (std::size_t i = 0; i < count && !AllAsked(); ++i) AskNext();
  while (const Member* ended = co_await Next()) {
    if (!ended->reply && !AllAsked() && !Cancelled()) AskNext();
  }
  co_return Replied().size() >= minimum;
}

std::size_t Ensemble::SeatOf(const Member& member) const {
  const auto at =
      std::ranges::find_if(members_, [&member](const Member& each) { return &each == &member; });
  return static_cast<std::size_t>(at - members_.begin());
}

void Ensemble::Abort(Member& member) { calls_.Abort(SeatOf(member)); }

Task<std::vector<Result<ChatReply>>> Ensemble::Send(std::span<FollowUpCall> follow_ups) {
  std::vector<Result<ChatReply>> replies(follow_ups.size(),
                                         Error{ErrorCode::kCancelled, "it was not asked"});
  for (std::size_t i = 0; i < follow_ups.size(); ++i) {
    const CallGroup::Order order{.seat = i,
                                 .expert = *follow_ups[i].expert,
                                 .request = follow_ups[i].request,
                                 .role = follow_ups[i].role};
    calls_.Start(order);
  }
  while (auto ended = co_await calls_.Next()) {
    FollowUpCall& follow_up = follow_ups[ended->seat];
    if (ended->reply) {
      follow_up.contribution = Note(*ended, follow_up.role);
      follow_up.entry = ended->entry;
    } else {
      Remember(ended->reply.error());
    }
    replies[ended->seat] = std::move(ended->reply);
  }
  co_return replies;
}

Task<std::size_t> Ensemble::AskAgain(const std::vector<Member*>& members,
                                     std::span<FollowUpCall> follow_ups) {
  std::vector<Result<ChatReply>> replies = co_await Send(follow_ups);
  std::size_t came = 0;
  for (std::size_t i = 0; i < replies.size(); ++i) {
    if (!replies[i]) continue;
    Take(*members[i], *std::move(replies[i]), follow_ups[i]);
    ++came;
  }
  co_return came;
}

std::size_t Ensemble::Note(const CallGroup::Ended& ended, std::string_view role) {
  std::vector<Contribution>& all = round_.record.contributions;
  const std::string_view text = utf8::Truncate(ended.reply->content, Contribution::kKeptText);
  const Spending& spent = round_.record.ledger.SettledBy(*ended.entry);
  all.push_back({.expert = ended.expert->id,
                 .role = role,
                 .text = std::string(text),
                 .usage = spent.usage,
                 .cost_usd = spent.cost_usd,
                 .ms = ended.ms});
  return all.size() - 1;
}

void Ensemble::Take(Member& member, ChatReply reply, const FollowUpCall& follow_up) {
  member.entry = follow_up.entry;
  member.contribution = follow_up.contribution;
  RecordReply(member, std::move(reply));
}

void Ensemble::RecordReply(Member& member, ChatReply reply) {
  member.text = WithoutThinking(reply.content);
  auto answer = AnswerIn(reply, member.text);
  Contribution& contribution = round_.record.contributions[member.contribution];
  contribution.weight = member.weight;
  contribution.answer = answer.value_or(std::string());
  member.answer = answer ? NumberOf(*std::move(answer)) : -1;
  member.checked = Checked::kNot;
  member.reply = std::move(reply);
}

Task<void> Ensemble::Check(Member& member) {
  if (!check_.active() || member.checked != Checked::kNot) co_return;
  const std::optional<Verification> verdict = co_await check_.Of(member.text);
  if (!verdict) co_return;
  member.checked = verdict->passed ? Checked::kPassed : Checked::kFailed;
  round_.record.contributions[member.contribution].check =
      verdict->passed ? "passed" : verdict->why;
}

Ensemble::Member& Ensemble::Add(const ExpertEntry& expert) {
  return members_.emplace_back(Member{.expert = &expert, .asked = true, .done = true});
}

std::optional<std::string> Ensemble::AnswerIn(const ChatReply& reply, std::string_view text) const {
  if (!functions_) return FinalAnswer(text, form_);
  auto calls = CanonicalCalls(reply.json);
  return calls ? calls : "no call";
}

bool Ensemble::AgreesWith(const Member& member, const ChatReply& reply,
                          const FollowUpCall& follow_up) {
  auto answer = AnswerIn(reply, WithoutThinking(reply.content));
  round_.record.contributions[follow_up.contribution].answer = answer.value_or(std::string());
  const std::int32_t number = answer ? NumberOf(*std::move(answer)) : -1;
  more_voices_.push_back({number, member.expected});
  NoteConfidence(member);
  return number == member.answer;
}

std::int32_t Ensemble::NumberOf(std::string answer) {
  const auto known = std::ranges::find(answers_, answer);
  const auto number = static_cast<std::int32_t>(known - answers_.begin());
  if (known == answers_.end()) answers_.push_back(std::move(answer));
  return number;
}

std::vector<Ensemble::Member*> Ensemble::Replied() {
  std::vector<Member*> replied;
  for (Member& member : members_) {
    if (member.reply) replied.push_back(&member);
  }
  return replied;
}

std::vector<Ballot> Ensemble::Ballots() const {
  std::vector<Ballot> ballots;
  for (const Member& member : members_) {
    ballots.push_back({member.fails() ? -1 : member.answer, member.weight});
  }
  return ballots;
}

const std::string& Ensemble::AnswerOf(const Member& member) const {
  static const std::string none;
  return member.answer < 0 ? none : answers_[static_cast<std::size_t>(member.answer)];
}

Ensemble::Member* Ensemble::Leader() {
  const std::vector<Ballot> ballots = Ballots();
  if (const auto won = WinnerOf(ballots)) return &members_[*won];
  const std::vector<Member*> replied = Replied();
  const auto sound = std::ranges::find(replied, false, &Member::fails);
  if (sound != replied.end()) return *sound;
  return replied.empty() ? nullptr : replied.front();
}

void Ensemble::Score(const Member& member, double score) {
  round_.record.contributions[member.contribution].weight = score;
}

void Ensemble::NoteWinner(const Member& winner) {
  ChatRecord& record = round_.record;
  for (const Member& member : members_) {
    if (!member.reply) continue;
    const bool same = winner.answer >= 0 && member.answer == winner.answer;
    record.contributions[member.contribution].won = same || &member == &winner;
  }
  NoteConfidence(winner);
}

// By all that was said and did not fail its check; only where it can be compared, and where
// something is known of who said it.
void Ensemble::NoteConfidence(const Member& winner) {
  round_.record.answer_confidence.reset();
  if (winner.answer < 0) return;
  std::vector<Voice> voices(more_voices_);
  for (const Member& member : members_) {
    if (member.reply && !member.fails()) voices.push_back({member.answer, member.expected});
  }
  const double confidence = CalibratedVoteConfidence(voices, winner.answer);
  if (confidence > 0) round_.record.answer_confidence = confidence;
}

Task<Result<ChatReply>> Ensemble::Deliver(Member& member) {
  round_.record.NoteAnswer(*member.expert, *member.entry);
  if (Status sent = co_await SendToStream(*member.reply); !sent) co_return std::move(sent).error();
  co_return *std::move(member.reply);
}

Result<ChatReply> Ensemble::DeliverStreamed(Member& member) {
  round_.record.NoteAnswer(*member.expert, *member.entry);
  return *std::move(member.reply);
}

Task<Result<ChatReply>> Ensemble::DeliverText(const ExpertEntry& expert, std::string_view text) {
  ChatRecord& record = round_.record;
  record.expert = &expert;
  record.answered = true;
  record.usage = {.estimated = false};
  const TextAnswer answer{.id = record.decision.id,
                          .model = expert.spec.name,
                          .created = UnixSeconds(record.decision.time),
                          .text = text,
                          .usage = record.usage};
  ChatReply reply = MakeTextReply(answer);
  if (Status sent = co_await SendToStream(reply); !sent) co_return std::move(sent).error();
  co_return reply;
}

Task<Result<ChatReply>> Ensemble::Write(const ChatRequest& request,
                                        const std::vector<const ExpertEntry*>& line) {
  ChatRecord& record = round_.record;
  for (const ExpertEntry* expert : line) {
    record.expert = expert;
    const CallGroup::Order order{
        .expert = *expert, .request = request, .role = "author", .stream = round_.stream};
    calls_.Start(order);
    std::optional<CallGroup::Ended> ended = co_await calls_.Next();
    if (ended->reply) {
      record.NoteAnswer(*expert, *ended->entry);
      co_return std::move(ended->reply);
    }
    Remember(ended->reply.error());
    const bool over = Cancelled() || round_.scope.deadline.Passed() || Answering();
    if (over) co_return std::move(ended->reply).error();
  }
  co_return Failure();
}

void Ensemble::NoteOnce(std::string note) const {
  std::vector<std::string>& notes = round_.record.notes;
  if (std::ranges::find(notes, note) == notes.end()) notes.push_back(std::move(note));
}

void Ensemble::Remember(Error error) {
  if (!most_informative_error_ || IsMoreInformative(error, *most_informative_error_))
    most_informative_error_ = std::move(error);
}

Error Ensemble::Failure() const {
  const auto replies = std::ranges::count_if(
      members_, [](const Member& member) { return member.reply.has_value(); });
  if (replies == 0)
    return most_informative_error_ ? *most_informative_error_
                                   : NoExpertError(round_.record.decision);
  const auto minimum = round_.policy.options->answers_minimum;
  std::string message = "only " + std::to_string(replies) + " of the " + std::to_string(minimum) +
                        " answers that policy `" + round_.policy.name +
                        "` wants (option answers.minimum) came";
  if (most_informative_error_) message += "; last error: " + most_informative_error_->message;
  return Error{.code = ErrorCode::kUpstream, .message = std::move(message)};
}

ChatRequest Ensemble::FollowUp(ChatBodyPtr body) const {
  const ChatRequest& of = round_.request;
  ChatRequest request;
  request.route.prompt_tokens = PromptTokens(*body);
  request.route.max_tokens = of.route.max_tokens;
  request.body = std::move(body);
  request.model = of.model;
  request.stream = of.stream;
  request.include_usage = of.include_usage;
  request.limits = of.limits;
  request.not_for_tools = "it is asked about other experts' answers";
  request.origin = of.origin;
  return request;
}

ChatRequest Ensemble::Variant(ChatBodyPtr body) const {
  ChatRequest request = FollowUp(std::move(body));
  request.route.prompt_tokens = round_.request.route.prompt_tokens;
  return request;
}

Task<Status> Ensemble::SendToStream(const ChatReply& reply) {
  if (round_.stream == nullptr) co_return Ok{};
  const StreamHead head{.id = round_.record.decision.id,
                        .model = round_.record.expert->spec.name,
                        .created = UnixSeconds(round_.record.decision.time),
                        .with_usage = round_.request.include_usage};
  co_return co_await StreamReply(reply, head, *round_.stream);
}

}  // namespace moerge
