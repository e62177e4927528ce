#include "services/api/onboarding_body.h"

#include <algorithm>

#include "config/base/text.h"
#include "services/api/field_error.h"

namespace moerge::api {
namespace {

std::string At(std::size_t index, std::string_view member) {
  std::string path = "samples[" + std::to_string(index) + "]";
  return member.empty() ? path : path + "." + std::string(member);
}

Status Text(json::Value value, std::size_t index, std::string* out) {
  const auto text = value.AsString();
  if (!text) return WrongType(At(index, value.key()), "a text", value);
  *out = *text;
  return Ok{};
}

Result<double> Score(json::Value value, const std::string& param) {
  const auto score = value.AsDouble();
  if (!score || !(*score >= 0 && *score <= 1)) return FieldError(param, "a number from 0 to 1");
  return *score;
}

Status CheckList(json::Value samples) {
  if (!samples.is_array() || samples.size() == 0) {
    return FieldError("samples", "a list of at least one sample");
  }
  if (samples.size() <= kMaxSamples) return Ok{};
  return FieldError("samples", "at most " + std::to_string(kMaxSamples) + " at once");
}

Result<ExpertSample> ReadSample(json::Value value, std::size_t index, const Snapshot& snapshot) {
  if (!value.is_object()) return WrongType(At(index, ""), "an object", value);
  ExpertSample sample;
  std::string answer;
  std::string reference;
  for (const json::Value member : value.children()) {
    const std::string_view key = member.key();
    Status taken = Ok{};
    if (key == "prompt")
      taken = Text(member, index, &sample.prompt);
    else if (key == "skill")
      taken = Text(member, index, &sample.skill);
    else if (key == "answer")
      taken = Text(member, index, &answer);
    else if (key == "reference")
      taken = Text(member, index, &reference);
    else if (key != "score") {
      return UnknownField(At(index, key), key, {"prompt", "score", "answer", "reference", "skill"});
    }
    if (!taken) return std::move(taken).error();
  }
  if (sample.prompt.empty()) return FieldError(At(index, "prompt"), "given");
  if (!sample.skill.empty() && snapshot.FindSkill(sample.skill) == nullptr) {
    return FieldError(At(index, "skill"), "the name of a skill; add it under /api/v1/skills first");
  }
  const json::Value score = value.Find("score");
  if (!score.present()) {
    if (reference.empty()) {
      return FieldError(At(index, "score"), "given, or `answer` and `reference`");
    }
    sample.score = SameAnswer(answer, reference) ? 1 : 0;
    return sample;
  }
  const auto read = Score(score, At(index, "score"));
  if (!read) return read.error();
  sample.score = *read;
  return sample;
}

std::string_view Stripped(std::string_view text) {
  text = Trim(text);
  while (text.ends_with('.')) text = Trim(text.substr(0, text.size() - 1));
  return text;
}

std::string_view WithoutBrackets(std::string_view word) {
  constexpr std::string_view kMarks = "()[]{}*`\"'$";
  while (!word.empty() && kMarks.find(word.front()) != kMarks.npos) word.remove_prefix(1);
  while (!word.empty() && kMarks.find(word.back()) != kMarks.npos) word.remove_suffix(1);
  return word;
}

Status ReadByExpert(json::Value value, std::size_t index, TableRow* row) {
  const std::string field(value.key());
  if (!value.is_object()) return WrongType(At(index, field), "an object", value);
  for (const json::Value member : value.children()) {
    const std::string expert(member.key());
    const std::string param = At(index, field + "." + expert);
    if (expert.empty()) return FieldError(At(index, field), "by names of experts");
    if (member.is_null()) continue;
    if (field == "answers") {
      const auto text = member.AsString();
      if (!text) return WrongType(param, "a text", member);
      row->answers.emplace_back(expert, *text);
      continue;
    }
    const auto score = Score(member, param);
    if (!score) return score.error();
    row->scores.emplace_back(expert, *score);
  }
  return Ok{};
}

// Answers of experts without a score are compared with the reference.
void ScoreAnswers(TableRow* row) {
  if (row->reference.empty()) return;
  for (const auto& [expert, answer] : row->answers) {
    const bool scored = std::any_of(row->scores.begin(), row->scores.end(),
                                    [&](const auto& score) { return score.first == expert; });
    if (!scored) row->scores.emplace_back(expert, SameAnswer(answer, row->reference) ? 1 : 0);
  }
}

Result<TableRow> ReadTaskSample(json::Value value, std::size_t index) {
  if (!value.is_object()) return WrongType(At(index, ""), "an object", value);
  TableRow row;
  row.line = index + 1;
  row.id = std::to_string(index + 1);
  for (const json::Value member : value.children()) {
    const std::string_view key = member.key();
    Status taken = Ok{};
    if (key == "prompt")
      taken = Text(member, index, &row.prompt);
    else if (key == "reference")
      taken = Text(member, index, &row.reference);
    else if (key == "scores" || key == "answers")
      taken = ReadByExpert(member, index, &row);
    else
      return UnknownField(At(index, key), key, {"prompt", "reference", "scores", "answers"});
    if (!taken) return std::move(taken).error();
  }
  if (row.prompt.empty()) return FieldError(At(index, "prompt"), "given");
  ScoreAnswers(&row);
  if (row.scores.empty()) {
    return FieldError(At(index, "scores"), "given by expert, or `reference` and `answers`");
  }
  return row;
}

Status TakeTaskMember(json::Value member, TaskBody* task) {
  const std::string_view key = member.key();
  if (key == "samples") return Ok{};
  if (key == "name" || key == "description") {
    const auto text = member.AsString();
    if (!text) return WrongType(std::string(key), "a text", member);
    (key == "name" ? task->name : task->description) = *text;
    return Ok{};
  }
  if (key == "dry_run") {
    const auto flag = member.AsBool();
    if (!flag) return WrongType("dry_run", "a boolean", member);
    task->dry_run = *flag;
    return Ok{};
  }
  if (key == "experts") {
    const auto count = member.AsInt();
    if (!count || *count < 1 || *count > 64) return FieldError("experts", "from 1 to 64");
    task->experts = static_cast<std::size_t>(*count);
    return Ok{};
  }
  return UnknownField(std::string(key), key,
                      {"name", "description", "samples", "experts", "dry_run"});
}

}  // namespace

bool SameAnswer(std::string_view answer, std::string_view reference) {
  answer = Stripped(answer);
  reference = WithoutBrackets(Stripped(reference));
  if (EqualsIgnoreCase(WithoutBrackets(answer), reference)) return true;
  const std::size_t space = answer.find_last_of(" \t\r\n");
  if (space == answer.npos) return false;
  return EqualsIgnoreCase(WithoutBrackets(Stripped(answer.substr(space + 1))), reference);
}

Result<std::vector<ExpertSample>> ReadSamples(json::Value samples, const Snapshot& snapshot) {
  if (Status list = CheckList(samples); !list) return std::move(list).error();
  std::vector<ExpertSample> out;
  for (const json::Value value : samples.children()) {
    auto sample = ReadSample(value, out.size(), snapshot);
    if (!sample) return std::move(sample).error();
    out.push_back(*std::move(sample));
  }
  return out;
}

Result<TaskBody> ReadTask(std::string_view body) {
  const Result<json::Document> document = ParseObject(body);
  if (!document) return document.error();
  const json::Value root = document->root();
  TaskBody task;
  for (const json::Value member : root.children()) {
    if (Status taken = TakeTaskMember(member, &task); !taken) return std::move(taken).error();
  }
  if (task.name.empty()) return FieldError("name", "given: the skill that the task becomes");
  if (Status list = CheckList(root.Find("samples")); !list) return std::move(list).error();
  for (const json::Value value : root.Find("samples").children()) {
    auto row = ReadTaskSample(value, task.samples.size());
    if (!row) return std::move(row).error();
    task.samples.push_back(*std::move(row));
  }
  return task;
}

}  // namespace moerge::api
