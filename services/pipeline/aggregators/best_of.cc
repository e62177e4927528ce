#include "services/pipeline/aggregators/best_of.h"

#include <algorithm>
#include <functional>

#include "config/policy_options.h"
#include "services/pipeline/conclusion.h"
#include "services/pipeline/judging.h"
#include "services/pipeline/refusals.h"

namespace moerge {
namespace {

// Whether two of them give the same final answer.
bool SomeAgree(const std::vector<Member*>& members) {
  for (const Member* a : members) {
    for (const Member* b : members) {
      if (a != b && a->answer >= 0 && a->answer == b->answer) return true;
    }
  }
  return false;
}

class Choice {
 public:
  explicit Choice(Ensemble& ensemble) : ensemble_(ensemble) {}

  Task<Result<ChatReply>> Run() {
    if (!co_await ensemble_.Collect(ensemble_.seats().size())) co_return ensemble_.Failure();
    members_ = ensemble_.seats().Replied();
    KeepSound();
    Member& best = *co_await Pick();
    co_return co_await Conclude(ensemble_, best);
  }

 private:
  // Filter first, then choose.
  void KeepSound() {
    if (std::ranges::all_of(members_, &Member::fails)) return;
    std::erase_if(members_, std::mem_fn(&Member::fails));
  }

  Task<Member*> Pick() {
    BestOfScorer scorer = ensemble_.round().policy.options->best_of_scorer;
    if (scorer == BestOfScorer::kAuto) {
      scorer = SomeAgree(members_) ? BestOfScorer::kAgreement : BestOfScorer::kJudge;
    }
    if (members_.size() == 1 || scorer == BestOfScorer::kAgreement)
      co_return ensemble_.ballots().Leader();
    if (scorer == BestOfScorer::kJudge) co_return co_await HighestRated();
    co_return co_await Champion();
  }

  Task<Member*> HighestRated() {
    Judging judging(ensemble_);
    const std::vector<std::optional<double>> scores = co_await judging.Rate(members_);
    std::size_t best = members_.size();
    for (std::size_t i = 0; i < scores.size(); ++i) {
      if (!scores[i]) continue;
      ensemble_.ballots().Score(*members_[i], *scores[i]);
      if (best == members_.size() || Better(scores, i, best)) best = i;
    }
    if (best < members_.size()) co_return members_[best];
    ensemble_.record().NoteOnce("no judge gave a score: the strongest expert's answer stands");
    co_return ensemble_.ballots().Leader();
  }

  bool Better(const std::vector<std::optional<double>>& scores, std::size_t a,
              std::size_t b) const {
    if (*scores[a] != *scores[b]) return *scores[a] > *scores[b];
    return members_[a]->weight > members_[b]->weight;
  }

  // The member that no later one beats, beginning with the strongest.
  Task<Member*> Champion() {
    Judging judging(ensemble_);
    Member* champion = members_.front();
    for (std::size_t i = 1; i < members_.size(); ++i) {
      const std::optional<bool> second = co_await judging.SecondIsBetter(*champion, *members_[i]);
      if (!second) {
        ensemble_.record().NoteOnce("no verdict between `" + champion->expert->spec.name +
                                    "` and `" + members_[i]->expert->spec.name +
                                    "` that holds with positions swapped");
      }
      if (second.value_or(false)) champion = members_[i];
    }
    co_return champion;
  }

  Ensemble& ensemble_;
  std::vector<Member*> members_;
};

}  // namespace

Status BestOf::Accepts(const ChatRequest& request) const { return RefuseChoices(request, name()); }

Task<Result<ChatReply>> BestOf::Answer(const Round& round) const {
  Ensemble ensemble(round, co_await ThisLoop());
  Choice choice(ensemble);
  co_return co_await ensemble.Run(choice.Run());
}

}  // namespace moerge
