#include "router/vote/confidence.h"

#include <algorithm>
#include <cmath>

#include "router/recruit/combination.h"

namespace moerge {
namespace {

double EvidenceFor(std::int32_t answer, std::span<const Voice> voices) {
  double sum = 0;
  double count = 0;
  for (const Voice& voice : voices) {
    if (voice.answer != answer) continue;
    sum += static_cast<double>(VoteWeight(static_cast<float>(voice.expected), 0));
    count += 1;
  }
  return sum / (1 + kInCommon * (count - 1));
}

bool IsFirst(std::size_t place, std::span<const Voice> voices) {
  const std::int32_t answer = voices[place].answer;
  return answer >= 0 && std::ranges::none_of(voices.first(place), [answer](const Voice& voice) {
           return voice.answer == answer;
         });
}

}  // namespace

double CalibratedVoteConfidence(std::span<const Voice> voices, std::int32_t answer) {
  const auto given = std::ranges::find(voices, answer, &Voice::answer);
  if (answer < 0 || given == voices.end()) return 0;
  const auto speaking =
      std::ranges::count_if(voices, [](const Voice& voice) { return voice.answer >= 0; });
  if (speaking == 1) return std::clamp(given->expected, 0.0, 1.0);
  const double own = EvidenceFor(answer, voices);
  double all = 0;
  int named = 0;
  for (std::size_t i = 0; i < voices.size(); ++i) {
    if (!IsFirst(i, voices)) continue;
    all += std::exp(EvidenceFor(voices[i].answer, voices) - own);
    ++named;
  }
  return 1 / (all + std::max(0, kWrongAnswers + 1 - named) * std::exp(-own));
}

}  // namespace moerge
