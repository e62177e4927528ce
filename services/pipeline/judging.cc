#include "services/pipeline/judging.h"

#include <algorithm>
#include <utility>

#include "config/base/hash.h"
#include "config/policy_options.h"
#include "services/answers/follow_up.h"
#include "services/answers/judge_prompt.h"
#include "services/pipeline/authors_or_judges.h"
#include "services/pipeline/follow_up_request.h"

namespace moerge {
namespace {

// What is asked of judges bounds what they read, too.
constexpr std::size_t kAnswerBytes = 24000;
constexpr std::size_t kNonce = 16;  // digits

std::vector<Quote> Shown(const std::vector<std::string>& texts) {
  return Labelled(texts, kAnswerBytes);
}

}  // namespace

// What a request's finished calls were asked with, it is asked with again.
std::string QuoteNonce(const Round& round) {
  const FinishedCallsPtr& finished = round.request.origin->finished;
  if (finished != nullptr) {
    return Sha256Hex(std::to_string(finished->secret())).substr(0, kNonce);
  }
  // Its random end: it begins with the time, which anybody knows.
  const std::string& id = round.record.decision.id;
  return id.substr(id.size() - std::min(id.size(), kNonce));
}

Judging::Judging(Ensemble& ensemble)
    : ensemble_(ensemble),
      nonce_(QuoteNonce(ensemble.round())),
      max_tokens_(ensemble.round().policy.options->judge_max_tokens),
      count_(ensemble.round().policy.options->judge_count) {}

std::vector<const ExpertEntry*> Judging::JudgesFor(const std::vector<const ExpertEntry*>& authors) {
  std::vector<const ExpertEntry*> line = AuthorsOrJudges(ensemble_, &PolicyValues::judge_experts);
  std::vector<const ExpertEntry*> judges;
  for (const ExpertEntry* expert : line) {
    if (std::ranges::find(authors, expert) == authors.end()) judges.push_back(expert);
  }
  if (judges.empty() && !line.empty()) {
    judges.push_back(line.front());
    ensemble_.record().NoteOnce("`" + line.front()->spec.name +
                                "` judged an answer of its own: there is no other judge");
  }
  if (judges.size() > count_) judges.resize(count_);
  for (const ExpertEntry* judge : judges)
    NoteElected(ensemble_, &PolicyValues::judge_experts, *judge);
  return judges;
}

Ensemble::FollowUpCall Judging::FollowUpCallOf(const ExpertEntry* judge,
                                               std::string_view instructions,
                                               const std::vector<Quote>& answers,
                                               std::string_view role) const {
  const JudgedAnswers judged{ensemble_.round().request.route.text, answers, nonce_};
  const std::string question = JudgeQuestion(judged);
  const OwnQuestion own{instructions, question, max_tokens_};
  return {.expert = judge,
          .request = FollowUpRequest(ensemble_.round().request, BodyOf(own)),
          .role = role};
}

Task<std::vector<std::optional<double>>> Judging::Rate(const std::vector<Member*>& members) {
  std::vector<Ensemble::FollowUpCall> follow_ups;
  std::vector<std::size_t> of;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const std::vector<Quote> answer = Shown({members[i]->text});
    for (const ExpertEntry* judge : JudgesFor({members[i]->expert})) {
      follow_ups.push_back(FollowUpCallOf(judge, ScoreInstructions(), answer));
      of.push_back(i);
    }
  }
  const std::vector<Result<ChatReply>> replies = co_await ensemble_.Send(follow_ups);
  std::vector<std::pair<double, int>> sums(members.size());
  for (std::size_t i = 0; i < replies.size(); ++i) {
    const auto score = replies[i] ? ScoreIn(replies[i]->content) : std::nullopt;
    if (!score) continue;
    sums[of[i]].first += *score;
    ++sums[of[i]].second;
  }
  std::vector<std::optional<double>> scores;
  for (const auto& [sum, count] : sums) {
    scores.push_back(count == 0 ? std::nullopt : std::optional(sum / count));
  }
  co_return scores;
}

Task<std::optional<bool>> Judging::SecondIsBetter(const Member& a, const Member& b) {
  const std::vector<Quote> straight = Shown({a.text, b.text});
  const std::vector<Quote> swapped = Shown({b.text, a.text});
  const std::vector<const ExpertEntry*> authors = {a.expert, b.expert};
  std::vector<Ensemble::FollowUpCall> follow_ups;
  for (const ExpertEntry* judge : JudgesFor(authors)) {
    follow_ups.push_back(FollowUpCallOf(judge, VerdictInstructions(), straight));
    follow_ups.push_back(FollowUpCallOf(judge, VerdictInstructions(), swapped));
  }
  const std::vector<Result<ChatReply>> replies = co_await ensemble_.Send(follow_ups);
  int lead = 0;  // of the second
  for (std::size_t i = 0; i + 1 < replies.size(); i += 2) {
    if (!replies[i] || !replies[i + 1]) continue;
    const auto first = VerdictIn(replies[i]->content, straight);
    const auto second = VerdictIn(replies[i + 1]->content, swapped);
    // The same answer stands at another place the second time.
    if (first && second && *first != *second) lead += *first == 1 ? 1 : -1;
  }
  if (lead == 0) co_return std::nullopt;
  co_return lead > 0;
}

Task<std::optional<std::size_t>> Judging::Best(const std::vector<std::string>& texts,
                                               const std::vector<const ExpertEntry*>& authors) {
  std::vector<Ensemble::FollowUpCall> follow_ups;
  const std::size_t count = texts.size();
  const std::vector<const ExpertEntry*> judges = JudgesFor(authors);
  for (std::size_t shift = 0; shift < judges.size(); ++shift) {
    std::vector<std::string> shown;
    for (std::size_t i = 0; i < count; ++i) shown.push_back(texts[(i + shift) % count]);
    follow_ups.push_back(FollowUpCallOf(judges[shift], RankingInstructions(), Shown(shown)));
  }
  const std::vector<Result<ChatReply>> replies = co_await ensemble_.Send(follow_ups);
  std::vector<double> points(count);
  bool any = false;
  const std::vector<Quote> labels = Shown(texts);
  for (std::size_t shift = 0; shift < replies.size(); ++shift) {
    if (!replies[shift]) continue;
    const std::vector<std::size_t> order = RankingIn(replies[shift]->content, labels);
    for (std::size_t rank = 0; rank < order.size(); ++rank) {
      points[(order[rank] + shift) % count] += static_cast<double>(count - rank);
      any = true;
    }
  }
  if (!any) co_return std::nullopt;
  co_return static_cast<std::size_t>(std::ranges::max_element(points) - points.begin());
}

}  // namespace moerge
