#include "services/roles/role_tasks.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "config/base/hash.h"
#include "config/base/random.h"
#include "config/base/text.h"
#include "services/answers/final_answer.h"

namespace moerge {
namespace {

struct Stated {
  std::string answer;  // canonical
  std::string text;    // as recorded
};

template <class T>
void Shuffle(std::vector<T>* items, Random* random) {
  for (std::size_t i = items->size(); i > 1; --i)
    std::swap((*items)[i - 1], (*items)[random->Below(i)]);
}

// 0..1; of an expert without a score 0.5: its answer alone tells.
double ScoreOf(const TableRow& row, const std::string& expert) {
  const auto at = std::ranges::find(row.scores, expert, &std::pair<std::string, double>::first);
  return at == row.scores.end() ? 0.5 : at->second;
}

// A bare letter or value as a sentence that states it.
std::string Sentence(const std::string& answer, const AnswerForm& form) {
  return form.letters != 0 ? "The answer is (" + answer + ")." : "The answer is " + answer + ".";
}

std::string Shown(const Stated& stated, const AnswerForm& form) {
  return Trim(stated.text).size() == 1 ? Sentence(stated.answer, form) : stated.text;
}

// Turns one row into a task.
class TaskMaker {
 public:
  TaskMaker(const TableRow& row, const RoleTaskOptions& options)
      : row_(row),
        options_(options),
        form_(FormOf(row.prompt, AnswerKind::kAuto, false)),
        random_(Hash64(row.id, options.seed)) {}

  // Nothing: `why` says what is missing.
  std::optional<RoleTask> Make(std::size_t place, std::string* why) {
    if (row_.category.empty()) return No("without a category", why);
    auto reference = FinalAnswer(row_.reference, form_);
    if (!reference) return No("without a reference that answers can be compared with", why);
    reference_ = *std::move(reference);
    ReadAnswers();
    if (row_.answers.empty()) OtherLetters();
    if (wrong_.empty()) return No("without a wrong answer", why);
    return Arranged(place);
  }

 private:
  static std::nullopt_t No(const char* reason, std::string* why) {
    *why = reason;
    return std::nullopt;
  }

  void ReadAnswers() {
    std::vector<std::pair<std::string, std::string>> answers = row_.answers;
    Shuffle(&answers, &random_);
    for (const auto& [expert, text] : answers) {
      auto answer = FinalAnswer(text, form_);
      if (!answer) continue;
      const double score = ScoreOf(row_, expert);
      if (*answer == reference_) {
        if (score >= 0.5 && !right_) right_ = Stated{*std::move(answer), text};
      } else if (score <= 0.5) {
        AddWrong({*std::move(answer), text});
      }
    }
  }

  void OtherLetters() {
    std::vector<std::string> letters;
    for (int i = 0; i < 26; ++i) {
      if ((form_.letters >> i & 1) != 0) letters.emplace_back(1, static_cast<char>('A' + i));
    }
    Shuffle(&letters, &random_);
    for (const std::string& letter : letters) {
      if (letter != reference_) AddWrong({letter, letter});
    }
  }

  void AddWrong(Stated stated) {
    const bool known = std::ranges::find(wrong_, stated.answer, &Stated::answer) != wrong_.end();
    if (!known && wrong_.size() < options_.wrong) wrong_.push_back(std::move(stated));
  }

  RoleTask Arranged(std::size_t place) {
    RoleTask task{row_.id, row_.category, row_.prompt, reference_, {}, 0};
    // If no right answer is recorded, all are shown bare, so that the right one cannot be
    // recognised by its form.
    for (const Stated& wrong : wrong_) {
      task.answers.push_back(right_ ? Shown(wrong, form_) : Sentence(wrong.answer, form_));
    }
    task.right = place % (wrong_.size() + 1);
    task.answers.insert(task.answers.begin() + static_cast<std::ptrdiff_t>(task.right),
                        right_ ? Shown(*right_, form_) : Sentence(reference_, form_));
    return task;
  }

  const TableRow& row_;
  const RoleTaskOptions& options_;
  const AnswerForm form_;
  Random random_;
  std::string reference_;
  std::optional<Stated> right_;
  std::vector<Stated> wrong_;
};

using Drawn = std::pair<std::uint64_t, const TableRow*>;

std::map<std::string, std::vector<Drawn>> DrawByCategory(const std::vector<TableRow>& rows,
                                                         std::uint64_t seed) {
  std::map<std::string, std::vector<Drawn>> drawn;
  for (const TableRow& row : rows) drawn[row.category].emplace_back(Hash64(row.id, seed), &row);
  for (auto& [category, order] : drawn) {
    std::ranges::sort(order, {}, [](const Drawn& one) {
      return std::pair<std::uint64_t, std::string_view>(one.first, one.second->id);
    });
  }
  return drawn;
}

}  // namespace

RoleTasks MakeRoleTasks(const std::vector<TableRow>& rows, const RoleTaskOptions& options) {
  RoleTasks made;
  for (const auto& [category, order] : DrawByCategory(rows, options.seed)) {
    std::size_t count = 0;
    for (const auto& [hash, row] : order) {
      if (count == options.per_category) break;
      std::string why;
      auto task = TaskMaker(*row, options).Make(count, &why);
      if (!task) {
        ++made.left_out[why];
        continue;
      }
      made.tasks.push_back(*std::move(task));
      ++count;
    }
  }
  return made;
}

}  // namespace moerge
