// Prompts for judges of other experts' answers, and how their replies are read. Answers are shown
// without their authors' names and as data (quoting.h). Pure; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "router/request.h"
#include "services/answers/quoting.h"

namespace moerge {

// What is asked about: the request, at most the first 16 kilobytes of it, and the answers.
struct JudgedAnswers {
  const RequestText& request;
  const std::vector<Quote>& answers;
  std::string_view nonce;
};

// How good the one answer is: a SCORE from 0 to 100.
std::string_view ScoreInstructions();
// Which of two answers is better: a VERDICT, the letter.
std::string_view VerdictInstructions();
// The answers from the best to the worst: a RANKING of letters.
std::string_view RankingInstructions();

std::string JudgeQuestion(const JudgedAnswers& judged);

// What a reply says last; nothing: it says nothing of the kind, or something out of range.
std::optional<double> ScoreIn(std::string_view reply);  // 0..1
// The place of the chosen label among `labels`.
std::optional<std::size_t> VerdictIn(std::string_view reply, const std::vector<Quote>& labels);
// Places in the order of the ranking; each label once, those left out are missing.
std::vector<std::size_t> RankingIn(std::string_view reply, const std::vector<Quote>& labels);

}  // namespace moerge
