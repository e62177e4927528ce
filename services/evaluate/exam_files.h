// What a run of an evaluation keeps in the FileRoom: its questions, and a journal of what became of
// each call, so that whoever goes on with it after a crash asks nothing again that was answered.
// Blocking; one thread at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/base/result.h"
#include "services/evaluate/exam.h"
#include "services/jobs/file_room.h"
#include "services/jobs/line_file.h"

namespace moerge {

// A call that has ended.
struct ExamCall {
  std::size_t question = 0;  // by place
  std::size_t expert = 0;
  Exam::Outcome outcome;
};
// A line of the journal, with its end.
std::string JournalLine(const ExamCall& call);

// On the disk when it returns. Errors: kUnavailable (507: a full disk).
Status KeepQuestions(const FileRoom& room, std::string_view run,
                     const std::vector<ExamQuestion>& questions);
// The questions and all that is in the journal, whoever writes it. Errors: kNotFound, the files are
// gone; kInternal, damaged; kUnavailable.
Result<Exam> ReadExam(const FileRoom& room, std::string_view run, std::vector<std::string> experts);
void RemoveExam(const FileRoom& room, std::string_view run);

// The exam of the one that goes on with a run, and the journal that it alone may write.
struct OpenExam {
  Exam exam;
  LineFile journal;
};
// Errors: as of ReadExam; kConflict, another process writes it.
Result<std::shared_ptr<OpenExam>> GoOnWithExam(const FileRoom& room, std::string_view run,
                                               std::vector<std::string> experts);

}  // namespace moerge
