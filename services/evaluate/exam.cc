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

void Exam::TakeAnswer(std::size_t question, std::size_t expert, std::string_view text) {
  const ExamQuestion& asked = questions_[question];
  const auto answer = FinalAnswer(WithoutThinking(text), asked.form);
  Cell& cell = At(question, expert);
  cell.right = answer == asked.right;
  cell.answer = answer.value_or("");
  Tally& tally = tallies_[expert];
  ++tally.asked;
  ++tally.answered;
  tally.right += *cell.right;
}

void Exam::TakeReply(std::size_t question, std::size_t expert, json::Value reply) {
  std::string_view text;
  for (const json::Value choice : reply.Find("choices").children()) {
    text = StringAt(choice.Find("message"), "content");
    break;
  }
  TakeAnswer(question, expert, text);
}

void Exam::TakeFailure(std::size_t expert, std::string_view why) {
  Tally& tally = tallies_[expert];
  ++tally.asked;
  if (tally.failure.empty()) tally.failure = why;
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
