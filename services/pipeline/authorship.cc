#include "services/pipeline/authorship.h"

#include <algorithm>
#include <utility>

#include "config/policy_options.h"
#include "services/answers/follow_up.h"
#include "services/pipeline/conclusion.h"
#include "services/pipeline/follow_up_request.h"
#include "services/pipeline/judging.h"

namespace moerge {
namespace {

constexpr std::int64_t kUsualAnswer = 1024;  // tokens
constexpr std::int64_t kLeastMaterial = 1000;
constexpr std::int64_t kBytesPerToken = 3;  // on the safe side

std::size_t Room(const Round& round, const ExpertEntry* reader) {
  const auto wanted = round.policy.options->answers_bytes;
  if (reader == nullptr || reader->spec.context <= 0) return static_cast<std::size_t>(wanted);
  const RouteRequest& route = round.request.route;
  const std::int64_t answer = route.max_tokens > 0 ? route.max_tokens : kUsualAnswer;
  const std::int64_t left = reader->spec.context - route.prompt_tokens - answer;
  return static_cast<std::size_t>(
      std::clamp(left * kBytesPerToken, kLeastMaterial, std::max(kLeastMaterial, wanted)));
}

// Written whole, since what has gone to the client cannot be checked any more.
Task<Result<ChatReply>> WriteChecked(Ensemble& ensemble, const ChatRequest& request,
                                     const std::vector<const ExpertEntry*>& line) {
  for (const ExpertEntry* expert : line) {
    std::vector<Ensemble::FollowUpCall> follow_ups;
    follow_ups.push_back({.expert = expert,
                          .request = FollowUpRequest(ensemble.round().request, request.body),
                          .role = "author"});
    std::vector<Result<ChatReply>> replies = co_await ensemble.Send(follow_ups);
    if (replies.front()) {
      Member& author = ensemble.Add(*std::move(replies.front()), follow_ups.front());
      co_return co_await DeliverChecked(ensemble, author);
    }
    if (ensemble.Cancelled() || ensemble.round().scope.deadline.Passed()) break;
  }
  co_return Error{ErrorCode::kUpstream, "no expert wrote an answer"};
}

}  // namespace

std::vector<Quote> QuotedTexts(const Round& round, const std::vector<Member*>& members,
                               const ExpertEntry* reader) {
  std::vector<std::string> texts;
  for (const Member* member : members) texts.push_back(member->text);
  return Labelled(texts, Room(round, reader));
}

ChatRequest AuthorRequest(const Ensemble& ensemble, std::string_view instructions,
                          const std::vector<Quote>& quotes, bool in_own_form) {
  const Round& round = ensemble.round();
  std::string material(instructions);
  material.append("\n\n").append(Quoted(quotes, QuoteNonce(round)));
  return FollowUpRequest(round.request, WithMaterial(*round.request.body, material, in_own_form));
}

Task<Result<ChatReply>> WriteAnswer(Ensemble& ensemble, const ChatRequest& request,
                                    const std::vector<const ExpertEntry*>& line) {
  if (ensemble.Checks()) return WriteChecked(ensemble, request, line);
  return ensemble.Write(request, line);
}

Task<Result<ChatReply>> WriteOrGiveBest(Ensemble& ensemble, std::string instructions,
                                        std::vector<Quote> quotes,
                                        const std::vector<const ExpertEntry*>& line) {
  const ChatRequest request = AuthorRequest(ensemble, instructions, quotes);
  Result<ChatReply> written = co_await WriteAnswer(ensemble, request, line);
  Member* best = ensemble.ballots().Leader();
  const bool over = ensemble.delivery().Answering() || ensemble.Cancelled();
  if (written.ok() || over || best == nullptr) co_return written;
  ensemble.record().NoteOnce("no expert could write one answer of all (" + written.error().message +
                             "): this is the best of them");
  ensemble.ballots().NoteWinner(*best);
  co_return co_await DeliverChecked(ensemble, *best);
}

}  // namespace moerge
