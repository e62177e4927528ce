#include "services/signals/auction_signal.h"

#include <deque>

#include "config/base/task_group.h"
#include "router/recruit/auction.h"
#include "services/signals/routing_prompt.h"

namespace moerge {
namespace {

// One expert that bids. As old as the auction.
struct Bidder {
  const ExpertEntry* expert;
  BidStatistics usual;
  Contender contender;
  SignalCall note;
  std::optional<double> bid;
};

// An auction of its own to cancel, which ends with the request as well.
struct Ending {
  explicit Ending(Cancellation* request) {
    if (request != nullptr) with = request->OnCancel([this] { cancellation.Cancel(); });
  }
  Cancellation cancellation;
  Cancellation::Registration with;
};

std::deque<Bidder> Invite(const SignalTask& task, const SignalTools& tools) {
  const Decision preview =
      task.router.Route(task.request.route, WithoutBids(task.policy), &task.health);
  const Snapshot& snapshot = *task.router.snapshot();
  std::deque<Bidder> bidders;
  for (const Candidate& candidate : Invited(preview, snapshot, task.policy)) {
    const ExpertEntry* expert = snapshot.FindExpert(candidate.expert);
    Bidder bidder{.expert = expert, .usual = {}, .contender = {}, .note = {}, .bid = {}};
    bidder.usual = tools.shared.bids.Of(task.request.origin->client, expert->spec.name);
    bidder.contender = {.expected = candidate.expected,
                        .offset = candidate.utility - candidate.expected,
                        .z = {},
                        .highest_z = bidder.usual.Z(100)};
    bidder.note.kind = "bid";
    bidder.note.target = expert->spec.name;
    bidders.push_back(std::move(bidder));
  }
  return bidders;
}

Task<void> Ask(const SignalTask& task, SignalCaller& caller, const ChatBodyPtr& body,
               const CallScope& scope, Bidder* bidder) {
  const ExpertCall call =
      task.CallOf(body, Share(task.router.snapshot(), *bidder->expert), scope.deadline);
  const SignalCaller::Site site{task.ledger, scope.cancellation};
  Result<ChatReply> reply = co_await caller.Chat(call, site, &bidder->note);
  if (!reply) co_return;
  bidder->bid = BidFromLogprobs(reply->json);
  if (!bidder->bid) bidder->bid = ParseBid(reply->content);
  if (bidder->bid) {
    bidder->contender.z = bidder->usual.Z(*bidder->bid);
    co_return;
  }
  bidder->note.outcome = SignalOutcome::kFailed;
  bidder->note.error = "the answer holds no number from 0 to 100";
}

// Experts whose call has failed will not bid: their expected score stands.
std::vector<Contender> Contenders(const std::deque<Bidder>& bidders) {
  std::vector<Contender> contenders;
  for (const Bidder& bidder : bidders) {
    contenders.push_back(bidder.contender);
    if (bidder.note.outcome != SignalOutcome::kOk) contenders.back().z = 0;
  }
  return contenders;
}

Task<void> Hold(const SignalTask& task, const SignalTools& tools, const ChatBodyPtr& body,
                std::deque<Bidder>* bidders) {
  const auto places = static_cast<std::size_t>(std::max(task.policy.experts, 1));
  const double weight = task.policy.options->auction_weight;
  Ending ending(task.scope.cancellation);
  const CallScope limits = task.Within(task.policy.options->auction_deadline_ms);
  const CallScope scope{limits.deadline, &ending.cancellation};
  const Executor loop = co_await ThisLoop();
  TaskGroup group(loop);
  for (Bidder& bidder : *bidders) {
    group.Start("bid", Ask(task, tools.caller, body, scope, &bidder));
  }
  while (group.running() > 0 && !Settled(Contenders(*bidders), places, weight)) {
    co_await group.AwaitOne(Deadline::Never());
  }
  ending.cancellation.Cancel();
  co_await group.Join();
}

void Take(const SignalTask& task, const SignalTools& tools, std::deque<Bidder> bidders,
          Signals* signals) {
  const bool left = task.scope.cancellation != nullptr && task.scope.cancellation->cancelled();
  for (Bidder& bidder : bidders) {
    const std::string& name = bidder.expert->spec.name;
    if (bidder.bid) {
      tools.shared.bids.Add(task.request.origin->client, name, *bidder.bid);
      signals->bids.push_back({name, *bidder.bid, *bidder.contender.z});
    } else if (bidder.note.outcome != SignalOutcome::kCancelled) {
      signals->notes.push_back("auction: no bid of " + name + ": " + bidder.note.error);
    }
    if (bidder.note.outcome == SignalOutcome::kCancelled && !left) {
      bidder.note.error = "it could not have won any more";
    }
    signals->calls.push_back(std::move(bidder.note));
  }
}

}  // namespace

Task<void> GatherBids(const SignalTask& task, const SignalTools& tools, Signals* signals) {
  std::deque<Bidder> bidders = Invite(task, tools);
  if (bidders.size() < 2) {
    signals->notes.push_back("auction: fewer than two experts could bid");
    co_return;
  }
  const RoutingQuestion question{.instructions = BidInstructions(),
                                 .text = task.request.route.text,
                                 .max_tokens = task.policy.options->auction_max_tokens,
                                 .logprobs = task.policy.options->auction_logprobs};
  auto body = ChatBody::Parse(RoutingBody(question));
  if (!body) co_return;
  co_await Hold(task, tools, *body, &bidders);
  Take(task, tools, std::move(bidders), signals);
}

}  // namespace moerge
