#include "services/pipeline/ensemble.h"

#include <exception>
#include <string>
#include <utility>

#include "config/base/utf8.h"
#include "config/policy_options.h"
#include "services/pipeline/dispatcher.h"
#include "services/pipeline/no_expert.h"
#include "services/pipeline/refusals.h"

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

BallotBox::Reading ReadingOf(const Round& round) {
  const ChatRequest& request = round.request;
  return {.form = FormOf(request.route.text.user, KindOf(round), WantsJson(request)),
          .functions = !FunctionsField(request).empty()};
}

}  // namespace

Ensemble::Ensemble(const Round& round, const Executor& loop)
    : round_(round),
      check_(round),
      seats_(round.record.decision, *round.record.router->snapshot()),
      ballots_(ReadingOf(round), seats_, round.record),
      delivery_(round.stream, round.request.include_usage, round.record),
      calls_(round, loop) {
  round.record.aggregate = round.policy.aggregate;
  round.record.keep_answers = round.policy.options->answers_keep == AnswersKept::kText;
}

bool Ensemble::Cancelled() const {
  return round_.scope.cancellation != nullptr && round_.scope.cancellation->cancelled();
}

Task<Result<ChatReply>> Ensemble::Run(Task<Result<ChatReply>> work) {
  Result<ChatReply> answer = co_await AskTools();
  if (answer.ok() || answer.error().code == ErrorCode::kCancelled) co_return answer;
  if (!record().attempts.empty()) Remember(answer.error());
  seats_.Fill();
  if (seats_.empty()) co_return Failure();
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
  for (const Seat& seat : record().decision.roster) {
    const ExpertEntry* expert = record().router->snapshot()->FindExpert(seat.expert);
    if (expert == nullptr || expert->spec.kind != ExpertKind::kTool) continue;
    last = co_await round_.dispatcher.Ask(round_.request, *expert, nullptr, round_.scope, record(),
                                          record());
    if (!last) continue;
    record().aggregate = {};
    co_return co_await delivery_.Deliver(*expert, *record().entry, *std::move(last));
  }
  co_return last;
}

void Ensemble::Ask(Member& member, ClientStream* stream) {
  member.asked = true;
  const CallGroup::Order order{.seat = seats_.PlaceOf(member),
                               .expert = *member.expert,
                               .request = member.request ? *member.request : round_.request,
                               .stream = stream};
  calls_.Start(order);
}

Task<Member*> Ensemble::Next(Deadline until) {
  std::optional<CallGroup::Ended> ended = co_await calls_.Next(until);
  if (!ended) co_return nullptr;
  Member& member = seats_.all()[ended->seat];
  member.done = true;
  if (!ended->reply) {
    member.error = ended->reply.error();
    Remember(*member.error);
    if (!Cancelled()) seats_.Replace();
    co_return &member;
  }
  member.entry = ended->entry;
  member.contribution = Note(*ended, "answer");
  ballots_.Record(member, *std::move(ended->reply));
  co_await Check(member);
  co_return &member;
}

Task<bool> Ensemble::Collect(std::size_t count) {
  const auto minimum = round_.policy.options->answers_minimum;
  for (std::size_t i = 0; i < count && !seats_.AllAsked(); ++i) AskNext();
  while (const Member* ended = co_await Next()) {
    if (!ended->reply && !seats_.AllAsked() && !Cancelled()) AskNext();
  }
  co_return seats_.Replied().size() >= minimum;
}

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

Member& Ensemble::Add(ChatReply reply, const FollowUpCall& follow_up) {
  Member& member = seats_.Add(*follow_up.expert);
  Take(member, std::move(reply), follow_up);
  return member;
}

void Ensemble::Take(Member& member, ChatReply reply, const FollowUpCall& follow_up) {
  member.entry = follow_up.entry;
  member.contribution = follow_up.contribution;
  ballots_.Record(member, std::move(reply));
}

std::size_t Ensemble::Note(const CallGroup::Ended& ended, std::string_view role) {
  std::vector<Contribution>& all = record().contributions;
  const std::string_view text = utf8::Truncate(ended.reply->content, Contribution::kKeptText);
  const Spending& spent = record().ledger.SettledBy(*ended.entry);
  all.push_back({.expert = ended.expert->id,
                 .role = role,
                 .text = std::string(text),
                 .usage = spent.usage,
                 .cost_usd = spent.cost_usd,
                 .ms = ended.ms});
  return all.size() - 1;
}

Task<Result<ChatReply>> Ensemble::Write(const ChatRequest& request,
                                        const std::vector<const ExpertEntry*>& line) {
  for (const ExpertEntry* expert : line) {
    record().expert = expert;
    const CallGroup::Order order{
        .expert = *expert, .request = request, .role = "author", .stream = round_.stream};
    calls_.Start(order);
    std::optional<CallGroup::Ended> ended = co_await calls_.Next();
    if (ended->reply) {
      record().NoteAnswer(*expert, *ended->entry);
      co_return std::move(ended->reply);
    }
    Remember(ended->reply.error());
    const bool over = Cancelled() || round_.scope.deadline.Passed() || delivery_.Answering();
    if (over) co_return std::move(ended->reply).error();
  }
  co_return Failure();
}

Task<void> Ensemble::Check(Member& member) {
  if (!check_.active() || member.checked != Member::Checked::kNot) co_return;
  const std::optional<Verification> verdict = co_await check_.Of(member.text);
  if (verdict) ballots_.NoteCheck(member, *verdict);
}

void Ensemble::Remember(Error error) {
  if (!most_informative_error_ || IsMoreInformative(error, *most_informative_error_))
    most_informative_error_ = std::move(error);
}

Error Ensemble::Failure() {
  const std::size_t replies = seats_.Replied().size();
  const std::optional<Error>& last = most_informative_error_;
  if (replies == 0) return last ? *last : NoExpertError(record().decision);
  const auto minimum = round_.policy.options->answers_minimum;
  std::string message = "only " + std::to_string(replies) + " of the " + std::to_string(minimum) +
                        " answers that policy `" + round_.policy.name +
                        "` wants (option answers.minimum) came";
  if (last) message += "; last error: " + last->message;
  return Error{.code = ErrorCode::kUpstream, .message = std::move(message)};
}

}  // namespace moerge
