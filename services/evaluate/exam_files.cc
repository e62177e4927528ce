#include "services/evaluate/exam_files.h"

#include <optional>

#include "config/base/json.h"
#include "config/base/line_reader.h"

namespace moerge {
namespace {

std::string QuestionsName(std::string_view run) { return std::string(run) + "-questions"; }
std::string JournalName(std::string_view run) { return std::string(run) + "-answers"; }

std::string QuestionLine(const ExamQuestion& question) {
  std::string line;
  json::Writer writer(&line);
  writer.BeginObject().Field("id", question.id).Field("prompt", question.prompt);
  writer.Field("category", question.category).Field("reference", question.reference).EndObject();
  return line + "\n";
}

Error DamagedExam(std::string_view what) {
  return {ErrorCode::kInternal, "the evaluation's file of " + std::string(what) + " is damaged"};
}

// Calls `visit` with each line; what is after the last end of a line is none.
Status EachLine(const FileRoom& room, const std::string& name,
                const std::function<Status(std::string_view)>& visit) {
  if (const auto there = room.Size(name); !there) return there.error();
  Result<LineReader> reader = LineReader::Open(room.PathOf(name));
  if (!reader) return std::move(reader).error();
  while (true) {
    const auto line = reader->Next();
    if (!line) return line.error();
    if (!line->has_value()) return Ok{};
    if (Status seen = visit(**line); !seen) return seen;
  }
}

Result<std::vector<ExamQuestion>> ReadQuestions(const FileRoom& room, std::string_view run) {
  std::vector<ExamQuestion> questions;
  const auto visit = [&questions](std::string_view line) -> Status {
    const Result<json::Document> row = json::Document::Parse(line);
    if (!row) return DamagedExam("questions");
    Result<ExamQuestion> question = ReadExamQuestion(row->root());
    if (!question) return DamagedExam("questions");
    questions.push_back(*std::move(question));
    return Ok{};
  };
  if (Status read = EachLine(room, QuestionsName(run), visit); !read)
    return std::move(read).error();
  return questions;
}

std::optional<ExamCall> ReadCall(std::string_view line, const Exam& exam) {
  const Result<json::Document> document = json::Document::Parse(line);
  if (!document) return std::nullopt;
  const json::Value row = document->root();
  const std::int64_t question = row.Find("question").AsInt().value_or(-1);
  const std::int64_t expert = row.Find("expert").AsInt().value_or(-1);
  if (question < 0 || expert < 0) return std::nullopt;
  ExamCall call{static_cast<std::size_t>(question), static_cast<std::size_t>(expert), {}};
  if (call.question >= exam.questions().size() || call.expert >= exam.experts().size()) {
    return std::nullopt;
  }
  call.outcome.right = row.Find("right").AsBool();
  call.outcome.answer = StringAt(row, "answer");
  call.outcome.failure = StringAt(row, "failure");
  return call;
}

Status TakeLine(std::string_view line, Exam* exam) {
  const auto call = ReadCall(line, *exam);
  if (!call) return DamagedExam("answers");
  exam->Take(call->question, call->expert, call->outcome);
  return Ok{};
}

Result<Exam> ExamWithoutAnswers(const FileRoom& room, std::string_view run,
                                std::vector<std::string> experts) {
  Result<std::vector<ExamQuestion>> questions = ReadQuestions(room, run);
  if (!questions) return std::move(questions).error();
  return Exam(std::move(experts), *std::move(questions));
}

}  // namespace

std::string JournalLine(const ExamCall& call) {
  std::string line;
  json::Writer writer(&line);
  writer.BeginObject().Field("question", call.question).Field("expert", call.expert);
  if (call.outcome.right) {
    writer.Field("right", *call.outcome.right).Field("answer", call.outcome.answer);
  } else {
    writer.Field("failure", call.outcome.failure);
  }
  writer.EndObject();
  return line + "\n";
}

Status KeepQuestions(const FileRoom& room, std::string_view run,
                     const std::vector<ExamQuestion>& questions) {
  const auto file = room.Begin(QuestionsName(run));
  if (!file) return file.error();
  for (const ExamQuestion& question : questions) {
    if (Status kept = (*file)->Append(QuestionLine(question)); !kept) return kept;
  }
  return (*file)->Keep();
}

Result<Exam> ReadExam(const FileRoom& room, std::string_view run,
                      std::vector<std::string> experts) {
  Result<Exam> exam = ExamWithoutAnswers(room, run, std::move(experts));
  if (!exam || !room.Size(JournalName(run))) return exam;
  // The last line may be half there, since somebody writes it.
  bool torn = false;
  const auto visit = [&exam, &torn](std::string_view line) -> Status {
    if (torn) return DamagedExam("answers");
    torn = !TakeLine(line, &*exam);
    return Ok{};
  };
  if (Status read = EachLine(room, JournalName(run), visit); !read) return std::move(read).error();
  return exam;
}

void RemoveExam(const FileRoom& room, std::string_view run) {
  room.Remove(QuestionsName(run));
  room.Remove(JournalName(run));
}

Result<std::shared_ptr<OpenExam>> GoOnWithExam(const FileRoom& room, std::string_view run,
                                               std::vector<std::string> experts) {
  Result<Exam> exam = ExamWithoutAnswers(room, run, std::move(experts));
  if (!exam) return std::move(exam).error();
  Result<LineFile> journal = LineFile::Open(room.PathOf(JournalName(run)));
  if (!journal) return std::move(journal).error();
  const auto visit = [&exam](std::string_view line) { return TakeLine(line, &*exam); };
  if (Status recovered = journal->Recover(visit); !recovered) return std::move(recovered).error();
  return std::make_shared<OpenExam>(OpenExam{*std::move(exam), *std::move(journal)});
}

}  // namespace moerge
