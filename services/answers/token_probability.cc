#include "services/answers/token_probability.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "config/base/json.h"

namespace moerge {

std::optional<double> MeanTokenProbability(std::string_view reply) {
  const auto document = json::Document::Parse(reply);
  if (!document) return std::nullopt;
  double sum = 0;
  std::size_t count = 0;
  for (const json::Value choice : document->root().Find("choices").children()) {
    for (const json::Value token : choice.Find("logprobs").Find("content").children()) {
      const auto logprob = token.Find("logprob").AsDouble();
      if (!logprob || *logprob > 0) continue;
      sum += *logprob;
      ++count;
    }
    break;
  }
  if (count == 0) return std::nullopt;
  return std::exp(sum / static_cast<double>(count));
}

void DropProbabilities(ChatReply* reply) {
  std::vector<std::pair<std::size_t, std::size_t>> places;
  if (const auto document = json::Document::Parse(reply->json); document) {
    for (const json::Value choice : document->root().Find("choices").children()) {
      const json::Value logprobs = choice.Find("logprobs");
      if (logprobs && !logprobs.is_null()) places.emplace_back(logprobs.begin(), logprobs.end());
    }
  }
  constexpr std::string_view kNull = "null";
  std::ranges::reverse(places);  // what stands before a place keeps its own
  for (const auto& [begin, end] : places) {
    reply->json.replace(begin, end - begin, kNull);
    if (reply->model_begin < begin) continue;
    reply->model_begin -= end - begin - kNull.size();
    reply->model_end -= end - begin - kNull.size();
  }
}

}  // namespace moerge
