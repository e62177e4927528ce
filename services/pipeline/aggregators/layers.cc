#include "services/pipeline/aggregators/layers.h"

#include <algorithm>

#include "config/policy_options.h"
#include "services/answers/author_prompt.h"
#include "services/answers/judge_prompt.h"
#include "services/pipeline/authors_or_judges.h"
#include "services/pipeline/authorship.h"
#include "services/pipeline/conclusion.h"
#include "services/pipeline/judging.h"
#include "services/pipeline/refusals.h"

namespace moerge {
namespace {

constexpr std::string_view kLayers[] = {"layer 2", "layer 3", "layer 4", "layer 5",
                                        "layer 6", "layer 7", "layer 8"};

class Stack {
 public:
  explicit Stack(Ensemble& ensemble)
      : ensemble_(ensemble),
        depth_(ensemble.round().policy.options->layers_depth),
        review_(ensemble.round().policy.options->layers_review) {}

  Task<Result<ChatReply>> Run() {
    if (!co_await ensemble_.Collect(ensemble_.seats().size())) co_return ensemble_.Failure();
    members_ = ensemble_.seats().Replied();
    for (int layer = 2; layer <= depth_; ++layer) {
      co_await AnswerAnew(kLayers[layer - 2]);
    }
    if (auto instead = co_await ReplacementIfUnsure(ensemble_, *ensemble_.ballots().Leader())) {
      co_return *std::move(instead);
    }
    const std::vector<const ExpertEntry*> line =
        AuthorsOrJudges(ensemble_, &PolicyValues::author_expert);
    const std::vector<Quote> quotes = QuotedTexts(ensemble_.round(), members_, line.front());
    std::string instructions =
        SynthesisInstructions(ensemble_.round().policy.options->author_attribution);
    if (review_ && members_.size() > 1) instructions += co_await Review(quotes);
    co_return co_await WriteOrGiveBest(ensemble_, instructions, quotes, line);
  }

 private:
  Task<void> AnswerAnew(std::string_view role) {
    std::vector<Ensemble::FollowUpCall> follow_ups;
    for (const Member* member : members_) {
      const std::vector<Quote> quotes = QuotedTexts(ensemble_.round(), members_, member->expert);
      follow_ups.push_back({.expert = member->expert,
                            .request = AuthorRequest(ensemble_, LayerInstructions(), quotes),
                            .role = role});
    }
    (void)co_await ensemble_.AskAgain(members_, follow_ups);
  }

  // What the experts' rankings say; each sees the answers from another one on, so that none always
  // stands first.
  Task<std::string> Review(const std::vector<Quote>& quotes) {
    std::vector<Ensemble::FollowUpCall> follow_ups;
    const Judging judging(ensemble_);
    for (std::size_t i = 0; i < members_.size(); ++i) {
      std::vector<Quote> shown(quotes);
      std::ranges::rotate(shown, shown.begin() + static_cast<std::ptrdiff_t>(i));
      follow_ups.push_back(
          judging.FollowUpCallOf(members_[i]->expert, RankingInstructions(), shown, "ranking"));
    }
    const std::vector<Result<ChatReply>> replies = co_await ensemble_.Send(follow_ups);
    co_return ReviewNote(quotes, MeanRanks(quotes, replies));
  }

  // Those that a ranking leaves out share its last places.
  static std::vector<double> MeanRanks(const std::vector<Quote>& quotes,
                                       const std::vector<Result<ChatReply>>& replies) {
    std::vector<double> sums(quotes.size());
    int rankings = 0;
    for (const Result<ChatReply>& reply : replies) {
      if (!reply) continue;
      const std::vector<std::size_t> order = RankingIn(reply->content, quotes);
      if (order.empty()) continue;
      ++rankings;
      const double last = static_cast<double>(order.size() + 1 + quotes.size()) / 2;
      std::vector<double> ranks(quotes.size(), last);
      for (std::size_t i = 0; i < order.size(); ++i) ranks[order[i]] = static_cast<double>(i + 1);
      for (std::size_t i = 0; i < ranks.size(); ++i) sums[i] += ranks[i];
    }
    const double middle = static_cast<double>(quotes.size() + 1) / 2;
    for (double& sum : sums) sum = rankings == 0 ? middle : sum / rankings;
    return sums;
  }

  Ensemble& ensemble_;
  const int depth_;
  const bool review_;
  std::vector<Member*> members_;
};

}  // namespace

Status Layers::Accepts(const ChatRequest& request) const {
  return RefuseForAuthors(request, name());
}

Task<Result<ChatReply>> Layers::Answer(const Round& round) const {
  Ensemble ensemble(round, co_await ThisLoop());
  Stack stack(ensemble);
  co_return co_await ensemble.Run(stack.Run());
}

}  // namespace moerge
