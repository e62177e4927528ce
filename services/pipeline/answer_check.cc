#include "services/pipeline/answer_check.h"

#include <utility>

#include "config/base/cancellation.h"
#include "services/pipeline/dispatcher.h"
#include "services/verify/verifier_runner.h"

namespace moerge {

AnswerCheck::AnswerCheck(const Round& round) : round_(round), verifier_(round.request.verifier) {
  if (verifier_) return;
  auto format = VerifierOfResponseFormat(round.request.body->Field("response_format"));
  if (format) {
    verifier_ = *std::move(format);
  } else {
    round.record.notes.push_back("replies are not checked against `response_format`: " +
                                 format.error().message);
  }
}

Task<std::optional<Verification>> AnswerCheck::Of(std::string_view answer) const {
  if (!verifier_) co_return std::nullopt;
  if (auto verdict = JudgeText(*verifier_, answer)) co_return verdict;
  Cancellation never;
  const CallScope& scope = round_.scope;
  Cancellation& cancellation = scope.cancellation != nullptr ? *scope.cancellation : never;
  std::string text(answer);
  Result<Verification> verdict = co_await round_.dispatcher.verifiers()->Check(
      *verifier_, std::move(text), scope.deadline, cancellation);
  if (verdict) co_return *std::move(verdict);
  round_.record.notes.push_back("an answer was not checked: " + verdict.error().message);
  co_return std::nullopt;
}

Status CanCheck(const ChatRequest& request, const VerifierRunner* runner) {
  if (!request.verifier) return Ok{};
  const auto* tests = std::get_if<TestsVerifier>(&request.verifier->check);
  if (tests == nullptr) return Ok{};
  if (runner != nullptr) return runner->Ready(tests->language);
  return Error{ErrorCode::kInvalid, "this moerge does not run tests"};
}

}  // namespace moerge
