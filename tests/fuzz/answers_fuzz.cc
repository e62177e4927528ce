// Any bytes as a reply of an expert, a judge or a writer, and as a request that material is put
// behind (parted by the first zero byte): no crash, no sanitizer report, bounded time, what is read
// is within its bounds, and a derived request is one again.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "adapters/chat.h"
#include "services/answers/author_prompt.h"
#include "services/answers/final_answer.h"
#include "services/answers/follow_up.h"
#include "services/answers/judge_prompt.h"
#include "services/answers/quoting.h"
#include "services/answers/token_probability.h"
#include "services/answers/tool_calls.h"

namespace {

using namespace moerge;

void Require(bool holds) {
  if (!holds) std::abort();
}

void ReadFinalAnswers(std::string_view reply, std::string_view prompt) {
  for (const AnswerKind kind : {AnswerKind::kAuto, AnswerKind::kChoice, AnswerKind::kNumber,
                                AnswerKind::kText, AnswerKind::kJson}) {
    const auto answer = FinalAnswer(reply, FormOf(prompt, kind, false));
    Require(!answer || answer->size() <= 256);
  }
  Require(WithoutThinking(reply).size() <= reply.size());
}

void ReadVerdicts(std::string_view reply) {
  std::vector<Quote> quotes = {{"A", std::string(reply)}, {"B", "short"}, {"C", ""}};
  const auto score = ScoreIn(reply);
  Require(!score || (*score >= 0 && *score <= 1));
  const auto verdict = VerdictIn(reply, quotes);
  Require(!verdict || *verdict < quotes.size());
  Require(RankingIn(reply, quotes).size() <= quotes.size());
  const auto points = ViewpointsIn(reply);
  Require(!points || !points->answer.empty());
  CutFairly(200, &quotes);
  Require(quotes[0].text.size() <= std::max<std::size_t>(reply.size(), 400));
}

void ReadReply(std::string_view reply) {
  const auto calls = CanonicalCalls(reply);
  Require(!calls || (!calls->empty() && calls->size() <= 256));
  const auto probability = MeanTokenProbability(reply);
  Require(!probability || (*probability >= 0 && *probability <= 1));
  ChatReply whole{.json = std::string(reply)};
  DropProbabilities(&whole);
}

void Derive(std::string_view request, std::string_view material) {
  const auto body = ChatBody::Parse(std::string(request));
  if (!body.ok()) return;
  const json::Value messages = (*body)->Field("messages");
  if (!messages.is_array() || messages.size() == 0) return;
  for (const json::Value message : messages.children()) {
    if (!message.is_object()) return;
  }
  Require(WithMaterial(**body, material) != nullptr);
  Require(WithQuestion(**body, material) != nullptr);
  Require(WithTemperature(**body, 0.5) != nullptr);
  Require(WithLogprobs(**body) != nullptr);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::size_t zero = std::min(bytes.find('\0'), bytes.size());
  const std::string_view first = bytes.substr(0, zero);
  const std::string_view second = bytes.substr(std::min(zero + 1, bytes.size()));
  ReadFinalAnswers(first, second);
  ReadVerdicts(first);
  ReadReply(first);
  Derive(first, second);
  return 0;
}
