#include "services/pipeline/aggregators/vote.h"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "router/policy_options.h"
#include "router/recruit/combination.h"
#include "router/vote/ballots.h"
#include "services/answers/final_answer.h"
#include "services/pipeline/call_group.h"
#include "services/pipeline/dispatcher.h"
#include "services/pipeline/no_expert.h"
#include "services/pipeline/text_answer.h"

namespace moerge {
namespace {

bool WantsJson(const ChatRequest& request) {
  const auto type = request.body->Field("response_format").Find("type").AsString();
  return type && type->starts_with("json");
}

Error CannotHonour(std::string field, std::string why) {
  return Error{.code = ErrorCode::kInvalid,
               .message = "this policy's experts vote on final answers (aggregate `vote`), and " +
                          std::move(why) +
                          "; use a policy with aggregate `first`, or an expert by "
                          "name",
               .param = std::move(field)};
}

// One request's vote from the first call to the answer.
class Election {
 public:
  Election(const Round& round, const Executor& loop)
      : round_(round),
        form_(FormOf(round.request.route.text.user,
                     *ParseAnswerKind(TextOption(round.policy, "vote.answer")),
                     WantsJson(round.request))),
        rule_{NumberOption(round.policy, "vote.confidence"),
              NumberOption(round.policy, "vote.gain")},
        at_once_(static_cast<std::size_t>(NumberOption(round.policy, "vote.at_once"))),
        minimum_(static_cast<std::size_t>(NumberOption(round.policy, "vote.minimum"))),
        calls_(round, loop) {}

  Task<Result<ChatReply>> Run() {
    Result<ChatReply> exact = co_await AskTools();
    if (exact.ok() || exact.error().code == ErrorCode::kCancelled) co_return exact;
    Remember(std::move(exact).error());
    Seat();
    std::exception_ptr failure;
    try {
      co_await Poll();
    } catch (...) {
      failure = std::current_exception();
    }
    co_await calls_.End();  // calls under way refer to this
    if (failure) std::rethrow_exception(failure);
    if (Cancelled()) co_return Error{ErrorCode::kCancelled, "the client closed its connection"};
    co_return co_await Decide();
  }

 private:
  struct Voter {
    const ExpertEntry* expert;
    double weight;
    bool asked = false;
    bool done = false;  // it has answered or failed
    std::optional<ChatReply> reply = {};
    Usage usage = {};
    double cost_usd = 0;
  };

  bool Cancelled() const {
    return round_.scope.cancellation != nullptr && round_.scope.cancellation->cancelled();
  }
  const ExpertEntry* Find(ExpertId id) const {
    return round_.record.router->snapshot()->FindExpert(id);
  }

  // A tool that answers is exact; nobody votes on that.
  Task<Result<ChatReply>> AskTools() {
    Result<ChatReply> last = Error{ErrorCode::kNoExpert, "no expert answered"};
    for (const moerge::Seat& seat : round_.record.decision.roster) {
      const ExpertEntry* expert = Find(seat.expert);
      if (expert == nullptr || expert->spec.kind != ExpertKind::kTool) continue;
      last = co_await round_.dispatcher.Ask(round_.request, *expert, round_.scope, round_.record);
      if (!last) continue;
      round_.record.expert = expert;
      if (Status sent = co_await Deliver(*last); !sent) co_return std::move(sent).error();
      co_return last;
    }
    co_return last;
  }

  void Seat() {
    const Decision& decision = round_.record.decision;
    for (const moerge::Seat& seat : decision.roster) {
      const ExpertEntry* expert = Find(seat.expert);
      if (expert == nullptr || expert->spec.kind == ExpertKind::kTool) continue;
      voters_.push_back({.expert = expert, .weight = seat.weight});
    }
    for (const ExpertId id : decision.fallbacks) {
      const ExpertEntry* expert = Find(id);
      if (expert == nullptr || expert->spec.kind == ExpertKind::kTool) continue;
      spares_.push_back(expert);
    }
    std::ranges::reverse(spares_);
    ballots_.resize(voters_.size());
    for (std::size_t i = 0; i < voters_.size(); ++i) ballots_[i].weight = voters_[i].weight;
    if (voters_.empty()) Replace();  // a tool alone was recruited
  }

  // Asks and counts until it is decided or nobody is left to ask.
  Task<void> Poll() {
    while (true) {
      while (Wants()) Ask();
      std::optional<CallGroup::Ended> ended = co_await calls_.Next();
      if (!ended) co_return;
      Count(std::move(*ended));
      const std::vector<double> waiting = Weights(&Voter::done);
      if (Cancelled() || IsDecided(ballots_, waiting, rule_)) co_return;
    }
  }

  // Of those for whom `flag` is not set, in the order in which they are asked.
  std::vector<double> Weights(bool Voter::*flag) const {
    std::vector<double> weights;
    for (const Voter& voter : voters_) {
      if (!(voter.*flag)) weights.push_back(voter.weight);
    }
    return weights;
  }

  // Whether one more call should be made now: those under way could not decide the vote even if
  // they agreed with whoever leads.
  bool Wants() const {
    if (std::ranges::all_of(voters_, &Voter::asked)) return false;
    if (at_once_ > 0) return calls_.under_way() < at_once_;
    std::vector<Ballot> agreed = ballots_;
    const auto leader = moerge::Vote(agreed);
    const std::int32_t answer = leader ? agreed[*leader].answer : INT32_MAX;
    for (std::size_t i = 0; i < voters_.size(); ++i) {
      if (voters_[i].asked && !voters_[i].done) agreed[i].answer = answer;
    }
    return !IsDecided(agreed, Weights(&Voter::asked), rule_);
  }

  void Ask() {
    const auto next = std::ranges::find(voters_, false, &Voter::asked);
    next->asked = true;
    calls_.Start(static_cast<std::size_t>(next - voters_.begin()), *next->expert);
  }

  void Count(CallGroup::Ended ended) {
    Voter& voter = voters_[ended.seat];
    voter.done = true;
    if (!ended.reply) {
      Remember(std::move(ended.reply).error());
      return Replace();
    }
    voter.usage = ended.usage;
    voter.cost_usd = ended.cost_usd;
    const auto answer = FinalAnswer(ended.reply->content, form_);
    if (answer) ballots_[ended.seat].answer = NumberOf(*answer);
    round_.record.votes.push_back(
        {voter.expert->id, answer.value_or(std::string()), voter.weight, false});
    voter.reply = std::move(*ended.reply);
  }

  // The next fallback in the seat of one that failed.
  void Replace() {
    if (spares_.empty() || Cancelled()) return;
    const ExpertEntry* spare = spares_.back();
    spares_.pop_back();
    const auto& candidates = round_.record.decision.candidates;
    const auto known = std::ranges::find(candidates, spare->id, &Candidate::expert);
    const float weight =
        known == candidates.end() ? VoteWeight(0, 0) : VoteWeight(known->expected, 0);
    voters_.push_back({.expert = spare, .weight = weight});
    ballots_.push_back({.weight = weight});
  }

  std::int32_t NumberOf(const std::string& answer) {
    const auto known = std::ranges::find(answers_, answer);
    const auto number = static_cast<std::int32_t>(known - answers_.begin());
    if (known == answers_.end()) answers_.push_back(answer);
    return number;
  }

  void Remember(Error error) {
    if (!worst_ || MoreTelling(error, *worst_)) worst_ = std::move(error);
  }

  Task<Result<ChatReply>> Decide() {
    const auto replies = static_cast<std::size_t>(
        std::ranges::count_if(voters_, [](const Voter& voter) { return voter.reply.has_value(); }));
    if (replies == 0) co_return *worst_;
    if (replies < minimum_) co_return TooFew(replies);
    Voter& winner = voters_[Winner()];
    ChatRecord& record = round_.record;
    record.expert = winner.expert;
    record.answered = true;
    record.usage = winner.usage;
    record.cost_usd = winner.cost_usd;
    record.AddAside({-winner.usage.prompt_tokens, -winner.usage.completion_tokens, false},
                    -winner.cost_usd);
    if (Status sent = co_await Deliver(*winner.reply); !sent) co_return std::move(sent).error();
    co_return std::move(*winner.reply);
  }

  // By vote, or the strongest that replied if no reply states an answer.
  std::size_t Winner() {
    ChatRecord& record = round_.record;
    const auto won = moerge::Vote(ballots_);
    if (!won) {
      const auto first =
          std::ranges::find_if(voters_, [](const Voter& voter) { return voter.reply.has_value(); });
      return static_cast<std::size_t>(first - voters_.begin());
    }
    const std::string& answer = answers_[static_cast<std::size_t>(ballots_[*won].answer)];
    for (CastVote& vote : record.votes) vote.won = vote.answer == answer;
    record.vote_confidence = VoteConfidence(ballots_);
    return *won;
  }

  Error TooFew(std::size_t replies) const {
    return Error{.code = ErrorCode::kUpstream,
                 .message = "only " + std::to_string(replies) + " of the " +
                            std::to_string(minimum_) + " answers that policy `" +
                            round_.policy.name + "` wants (option vote.minimum) came" +
                            (worst_ ? "; the last news: " + worst_->message : std::string())};
  }

  // To the client's stream if there is one.
  Task<Status> Deliver(const ChatReply& reply) {
    if (round_.stream == nullptr) co_return Ok{};
    const TextAnswer answer{.id = round_.record.decision.id,
                            .model = round_.record.expert->spec.name,
                            .created = UnixSeconds(round_.record.decision.time),
                            .text = reply.content,
                            .finish_reason = reply.finish_reason.empty()
                                                 ? std::string_view("stop")
                                                 : std::string_view(reply.finish_reason),
                            .usage = reply.usage};
    co_return co_await StreamTextAnswer(answer, round_.request.include_usage, *round_.stream);
  }

  const Round& round_;
  const AnswerForm form_;
  const StopRule rule_;
  const std::size_t at_once_;
  const std::size_t minimum_;
  std::vector<Voter> voters_;               // in the roster's order, then replacements
  std::vector<Ballot> ballots_;             // by voter
  std::vector<const ExpertEntry*> spares_;  // last one next
  std::vector<std::string> answers_;        // by number
  std::optional<Error> worst_;
  CallGroup calls_;
};

}  // namespace

Status Vote::Accepts(const ChatRequest& request) const {
  for (const char* field : {"tools", "functions"}) {
    const json::Value value = request.body->Field(field);
    if (value.is_array() && value.size() > 0) {
      return CannotHonour(field, "cannot vote on calls of functions");
    }
  }
  if (request.body->Field("n").AsInt().value_or(1) > 1) {
    return CannotHonour("n", "give one answer, not several");
  }
  return Ok{};
}

Task<Result<ChatReply>> Vote::Answer(const Round& round) const {
  Election election(round, co_await ThisLoop());
  co_return co_await election.Run();
}

}  // namespace moerge
