#include "services/evaluate/exam.h"

#include <algorithm>
#include <utility>

namespace moerge {

Result<ExamQuestion> ReadExamQuestion(json::Value row) {
  ExamQuestion question{.id = std::string(StringAt(row, "id")),
                        .prompt = std::string(StringAt(row, "prompt")),
                        .category = std::string(StringAt(row, "category")),
                        .reference = std::string(StringAt(row, "reference"))};
  if (question.id.empty() || question.prompt.empty() || question.reference.empty()) {
    return Error{ErrorCode::kInvalid, "`id`, `prompt` and `reference` must be texts"};
  }
  question.form = FormOf(question.prompt, AnswerKind::kAuto, false);
  auto right = FinalAnswer(question.reference, question.form);
  if (!right) {
    return Error{ErrorCode::kInvalid, "`reference` is no answer that others can be compared with"};
  }
  question.right = *std::move(right);
  return question;
}

Exam::Exam(std::vector<std::string> experts, std::vector<ExamQuestion> questions)
    : experts_(std::move(experts)),
      questions_(std::move(questions)),
      cells_(experts_.size() * questions_.size()),
      tallies_(experts_.size()) {}

Exam::Outcome Exam::Judge(std::size_t question, json::Value reply) const {
  std::string_view text;
  for (const json::Value choice : reply.Find("choices").children()) {
    text = StringAt(choice.Find("message"), "content");
    break;
  }
  const ExamQuestion& asked = questions_[question];
  const auto answer = FinalAnswer(WithoutThinking(text), asked.form);
  return {.right = answer == asked.right, .answer = answer.value_or("")};
}

void Exam::Take(std::size_t question, std::size_t expert, const Outcome& outcome) {
  Cell& cell = cells_[question * experts_.size() + expert];
  if (std::exchange(cell.asked, true)) return;
  cell.right = outcome.right;
  cell.answer = outcome.answer;
  Tally& tally = tallies_[expert];
  ++tally.asked;
  if (outcome.right) {
    ++tally.answered;
    tally.right += *outcome.right;
  } else if (tally.failure.empty()) {
    tally.failure = outcome.failure;
  }
}

void Exam::AppendRow(std::size_t question, std::string* lines) const {
  const Cell* row = &cells_[question * experts_.size()];
  const ExamQuestion& asked = questions_[question];
  json::Writer writer(lines);
  writer.BeginObject().Field("id", asked.id).Field("prompt", asked.prompt);
  if (!asked.category.empty()) writer.Field("category", asked.category);
  writer.Field("reference", asked.reference).Key("scores").BeginObject();
  for (std::size_t i = 0; i < experts_.size(); ++i) {
    if (row[i].right) writer.Field(experts_[i], *row[i].right ? 1 : 0);
  }
  writer.EndObject().Key("answers").BeginObject();
  for (std::size_t i = 0; i < experts_.size(); ++i) {
    if (row[i].right) writer.Field(experts_[i], row[i].answer);
  }
  writer.EndObject().EndObject();
  *lines += '\n';
}

std::string Exam::Table() const {
  std::string lines;
  for (std::size_t question = 0; question < questions_.size(); ++question) {
    const Cell* row = cells_.data() + question * experts_.size();
    const bool any = std::any_of(row, row + experts_.size(),
                                 [](const Cell& cell) { return cell.right.has_value(); });
    if (any) AppendRow(question, &lines);
  }
  return lines;
}

}  // namespace moerge
