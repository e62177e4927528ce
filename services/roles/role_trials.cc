#include "services/roles/role_trials.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "adapters/chat.h"
#include "config/base/hash.h"
#include "config/base/json.h"
#include "config/base/text.h"
#include "config/roles.h"
#include "services/answers/author_prompt.h"
#include "services/answers/final_answer.h"
#include "services/answers/follow_up.h"
#include "services/answers/judge_prompt.h"
#include "services/answers/quoting.h"

namespace moerge {
namespace {

// What serving does by default (options answers.bytes, judge.max_tokens).
constexpr std::size_t kAuthorReads = 32000;
constexpr std::size_t kJudgeReads = 24000;
constexpr int kLongestVerdict = 1024;

std::string Nonce(const RoleTask& task) {
  const std::uint64_t hash = Hash64(task.id);
  return Hex({reinterpret_cast<const char*>(&hash), sizeof hash}).substr(0, 8);
}

std::vector<Quote> Labelled(const std::vector<std::string>& texts, std::size_t bytes) {
  std::vector<Quote> quotes;
  for (const std::string& text : texts) {
    quotes.push_back({QuoteLabel(quotes.size()), WithoutThinking(text)});
  }
  CutFairly(bytes, &quotes);
  return quotes;
}

// The right answer at `place`, the first wrong one at the other.
std::vector<Quote> Pair(const RoleTask& task, std::size_t place) {
  std::vector<std::string> pair = {task.answers[task.right == 0 ? 1 : 0]};
  pair.insert(pair.begin() + static_cast<std::ptrdiff_t>(place), task.answers[task.right]);
  return Labelled(pair, kJudgeReads);
}

// Where the right answer stands when a judge is asked for the `turn`th time.
std::size_t PlaceInPair(const RoleTask& task, std::size_t turn) { return (task.right + turn) % 2; }

ChatBodyPtr AuthorBody(const RoleTask& task) {
  std::string body;
  json::Writer writer(&body);
  writer.BeginObject().Key("messages").BeginArray().BeginObject();
  writer.Field("role", "user").Field("content", task.question);
  writer.EndObject().EndArray().EndObject();
  const auto question = ChatBody::Parse(std::move(body));
  const std::string material = SynthesisInstructions(false) + "\n\n" +
                               Quoted(Labelled(task.answers, kAuthorReads), Nonce(task));
  return WithMaterial(**question, material);
}

ChatBodyPtr JudgeBody(const RoleTask& task, std::size_t turn) {
  RequestText request;
  request.user = task.question;
  const std::vector<Quote> quotes = Pair(task, PlaceInPair(task, turn));
  const std::string nonce = Nonce(task);
  const std::string question = JudgeQuestion({request, quotes, nonce});
  return BodyOf({VerdictInstructions(), question, kLongestVerdict});
}

}  // namespace

std::size_t CallsOf(std::string_view role) { return role == kJudgeRole ? 2 : 1; }

std::string RoleBody(const RoleTask& task, std::string_view role, std::size_t turn,
                     std::string_view expert) {
  const auto body = role == kJudgeRole ? JudgeBody(task, turn) : AuthorBody(task);
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("model", expert);
  for (const json::Value member : body->root().children()) {
    if (member.key() != "model") writer.Key(member.key()).Raw(member.raw());
  }
  writer.EndObject();
  return out;
}

bool IsRight(const RoleTask& task, std::string_view role, const std::vector<std::string>& replies) {
  if (role != kJudgeRole) {
    const AnswerForm form = FormOf(task.question, AnswerKind::kAuto, false);
    return FinalAnswer(WithoutThinking(replies.front()), form) == task.reference;
  }
  for (std::size_t turn = 0; turn < replies.size(); ++turn) {
    const std::size_t place = PlaceInPair(task, turn);
    if (VerdictIn(replies[turn], Pair(task, place)) != place) return false;
  }
  return true;
}

ShareInterval WilsonInterval(double wins, double trials) {
  constexpr double kZ = 1.959964;
  const double share = wins / trials;
  const double scale = 1 + kZ * kZ / trials;
  const double centre = (share + kZ * kZ / (2 * trials)) / scale;
  const double half =
      kZ / scale * std::sqrt(share * (1 - share) / trials + kZ * kZ / (4 * trials * trials));
  return {std::max(0.0, centre - half), std::min(1.0, centre + half)};
}

}  // namespace moerge
