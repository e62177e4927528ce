// Questions with reference answers that experts are asked, and how they did. A value; one thread at
// a time.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/json.h"
#include "config/base/result.h"
#include "services/answers/final_answer.h"

namespace moerge {

struct ExamQuestion {
  std::string id;
  std::string prompt;
  std::string category;
  std::string reference;  // as it was given
  AnswerForm form = {};
  std::string right = {};  // as answers are compared
};

// {"id", "prompt", "reference", "category"?}. Error: kInvalid, what is missing, or a reference that
// nothing can be compared with.
Result<ExamQuestion> ReadExamQuestion(json::Value row);

class Exam {
 public:
  struct Tally {
    std::size_t asked = 0;
    std::size_t answered = 0;
    std::size_t right = 0;
    std::string failure = {};  // why one of the others has no answer
  };

  // What became of one call.
  struct Outcome {
    std::optional<bool> right = {};  // none: it was not answered
    std::string answer = {};         // the final one, as answers are compared
    std::string failure = {};        // why there is none
  };

  Exam(std::vector<std::string> experts, std::vector<ExamQuestion> questions);

  const std::vector<std::string>& experts() const { return experts_; }
  const std::vector<ExamQuestion>& questions() const { return questions_; }

  // What an expert said to a question, its thinking among it, in a whole reply of chat.
  Outcome Judge(std::size_t question, json::Value reply) const;
  // Of a question and an expert, by place; the first time counts.
  void Take(std::size_t question, std::size_t expert, const Outcome& outcome);
  bool WasAsked(std::size_t question, std::size_t expert) const {
    return cells_[question * experts_.size() + expert].asked;
  }

  const Tally& tally(std::size_t expert) const { return tallies_[expert]; }
  // A results table of the questions that an expert answered, as `moerge eval` and `moerge profile
  // import` read it. Empty: there is none.
  std::string Table() const;

 private:
  // Of one question and expert.
  struct Cell {
    bool asked = false;
    std::optional<bool> right = {};  // none: it did not answer
    std::string answer = {};
  };
  void AppendRow(std::size_t question, std::string* lines) const;

  std::vector<std::string> experts_;
  std::vector<ExamQuestion> questions_;
  std::vector<Cell> cells_;
  std::vector<Tally> tallies_;
};

}  // namespace moerge
