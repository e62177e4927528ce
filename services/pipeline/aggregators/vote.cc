#include "services/pipeline/aggregators/vote.h"

#include <algorithm>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "config/base/text.h"
#include "config/policy_options.h"
#include "router/vote/ballots.h"
#include "router/vote/numbers.h"
#include "services/pipeline/conclusion.h"
#include "services/pipeline/refusals.h"

namespace moerge {
namespace {

constexpr double kLeastWeight = 1e-6;

// One request's vote from the first call to the answer.
class VoteTally {
 public:
  explicit VoteTally(Ensemble& ensemble)
      : ensemble_(ensemble),
        options_(*ensemble.round().policy.options),
        rule_{options_.vote_confidence, options_.vote_gain} {}

  Task<Result<ChatReply>> Run() {
    if (options_.vote_numbers == NumbersRule::kPlurality) {
      co_await Poll();
    } else {
      (void)co_await ensemble_.Collect(ensemble_.seats().size());
    }
    NoteLeftOut();
    co_await ensemble_.EndCalls();
    if (ensemble_.seats().Replied().size() < options_.answers_minimum)
      co_return ensemble_.Failure();
    co_return co_await Conclude(ensemble_, Winner());
  }

 private:
  // Numbers are combined only if every answer is a number.
  Member& Winner() {
    Member& leader = *ensemble_.ballots().Leader();
    if (options_.vote_numbers == NumbersRule::kPlurality) return leader;
    std::vector<Measured> values;
    std::vector<Member*> whose;
    for (Member* member : ensemble_.seats().Replied()) {
      if (member->answer < 0 || member->fails()) continue;
      const auto value = ParseDouble(ensemble_.ballots().AnswerOf(*member));
      if (!value) return leader;
      values.push_back({*value, std::max(member->weight, kLeastWeight)});
      whose.push_back(member);
    }
    if (values.empty()) return leader;
    if (options_.vote_numbers == NumbersRule::kMedian) return *whose[WeightedMedian(values)];
    const double mean = TrimmedMean(values);
    ensemble_.record().NoteOnce("the answers' trimmed mean is " + FormatNumber(mean, 6));
    return *whose[Nearest(values, mean)];
  }

  // Asks and counts until it is decided or no expert is left to ask.
  Task<void> Poll() {
    while (true) {
      for (Member* member : ToAsk()) ensemble_.Ask(*member);
      const Member* ended = co_await ensemble_.Next();
      if (ended == nullptr || ensemble_.Cancelled()) co_return;
      decided_ = WhyDecided(ensemble_.ballots().Ballots(), WeightsLeft(), rule_);
      if (decided_ != VoteEnd::kNot) co_return;
    }
  }

  // Who was never asked, and why.
  void NoteLeftOut() {
    std::string names;
    for (const Member& member : ensemble_.seats().all()) {
      if (member.asked || member.done) continue;
      names.append(names.empty() ? "`" : ", `").append(member.expert->spec.name).append("`");
    }
    if (decided_ == VoteEnd::kNot || names.empty()) return;
    ensemble_.record().NoteOnce("not asked: " + names + ", since " + Why());
  }
  std::string Why() const {
    if (decided_ == VoteEnd::kUnchangeable) return "the vote could not change any more";
    if (decided_ == VoteEnd::kConfident) {
      return "the answer is right with a probability of at least " +
             FormatNumber(rule_.confidence, 3) + " (vote.confidence)";
    }
    return "each further call was expected to add less than " + FormatNumber(rule_.gain, 4) +
           " to the probability of a right answer (vote.gain)";
  }

  // Of those that have not ended, in the order in which they are asked.
  std::vector<double> WeightsLeft() const {
    std::vector<double> weights;
    for (const Member& member : ensemble_.seats().all()) {
      if (!member.done) weights.push_back(member.weight);
    }
    return weights;
  }

  using Members = std::span<Member* const>;

  // The calls to be made now: no more than could decide the vote with those under way if they
  // agreed with whoever leads. In the roster's order; where many requests are served expert by
  // expert, as many of those that are served first, so that an expert's turn is not over when it is
  // asked.
  std::vector<Member*> ToAsk() const {
    std::vector<Member*> line;
    for (Member& member : ensemble_.seats().all()) {
      if (!member.asked) line.push_back(&member);
    }
    std::size_t count = 0;
    if (options_.vote_at_once > 0) {
      const std::size_t under_way = ensemble_.under_way();
      while (count < line.size() && under_way + count < options_.vote_at_once) ++count;
    } else {
      while (count < line.size() && !CouldDecide(Members(line).first(count))) ++count;
      const ServingOrderPtr& order = ensemble_.round().request.origin->order;
      if (order != nullptr) PutServedFirst(*order, count, &line);
    }
    line.resize(count);
    return line;
  }

  // Those that are served last are left out, while `count` of the others could decide the vote.
  void PutServedFirst(const ServingOrder& order, std::size_t count,
                      std::vector<Member*>* line) const {
    const auto place = [&](const Member* member) { return order.PlaceOf(member->expert->id); };
    std::vector<Member*> kept = *line;
    std::ranges::stable_sort(kept, {}, place);
    for (std::size_t i = kept.size(); i-- > 0 && kept.size() > count;) {
      std::vector<Member*> rest = kept;
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
      std::vector<Member*> heaviest = rest;
      std::ranges::stable_sort(heaviest, std::greater<>(), &Member::weight);
      if (CouldDecide(Members(heaviest).first(count))) kept = std::move(rest);
    }
    if (kept.size() == count) *line = std::move(kept);
  }

  // Whether the vote is decided if those under way and `more` agree with whoever leads.
  bool CouldDecide(Members more) const {
    std::vector<Ballot> agreed = ensemble_.ballots().Ballots();
    std::vector<double> waiting;
    const auto leader = WinnerOf(agreed);
    const std::int32_t answer = leader ? agreed[*leader].answer : INT32_MAX;
    for (std::size_t i = 0; i < agreed.size(); ++i) {
      const Member& member = ensemble_.seats().all()[i];
      const bool asked = member.asked || std::ranges::find(more, &member) != more.end();
      if (asked && !member.done) agreed[i].answer = answer;
      if (!asked) waiting.push_back(member.weight);
    }
    return IsDecided(agreed, waiting, rule_);
  }

  Ensemble& ensemble_;
  const PolicyValues& options_;
  const StopRule rule_;
  VoteEnd decided_ = VoteEnd::kNot;
};

}  // namespace

Status Vote::Accepts(const ChatRequest& request) const { return RefuseChoices(request, name()); }

Task<Result<ChatReply>> Vote::Answer(const Round& round) const {
  Ensemble ensemble(round, co_await ThisLoop());
  VoteTally tally(ensemble);
  co_return co_await ensemble.Run(tally.Run());
}

}  // namespace moerge
