#include "services/cli/eval_live.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <set>
#include <utility>

#include "config/base/json.h"
#include "config/base/line_reader.h"
#include "config/base/text.h"
#include "services/answers/final_answer.h"
#include "services/cli/text_table.h"
#include "services/cli/texts.h"

namespace moerge::cli {
namespace {

struct Question {
  std::string id;
  std::string prompt;
  std::string category;
  std::string reference;  // as it stands in the file
  AnswerForm form = {};
  std::string right = {};  // as answers are compared
  // By expert; none: it did not answer.
  std::vector<std::optional<bool>> scores = {};
  std::vector<std::string> answers = {};
};

Result<Question> ParseQuestion(std::string_view line) {
  const Result<json::Document> document = json::Document::Parse(line);
  if (!document) return document.error();
  const json::Value root = document->root();
  Question question{.id = TextOf(root.Find("id")),
                    .prompt = TextOf(root.Find("prompt")),
                    .category = TextOf(root.Find("category")),
                    .reference = TextOf(root.Find("reference"))};
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

Result<std::vector<Question>> ReadQuestions(const std::string& file) {
  Result<LineReader> reader = LineReader::Open(file);
  if (!reader) return std::move(reader).error();
  std::vector<Question> questions;
  std::set<std::string> ids;
  while (true) {
    const auto line = reader->Next();
    if (!line) return line.error();
    if (!line->has_value()) break;
    if (Trim(**line).empty()) continue;
    Result<Question> question = ParseQuestion(**line);
    if (question && !ids.insert(question->id).second) {
      question = Error{ErrorCode::kInvalid, "the id `" + question->id + "` is there already"};
    }
    if (!question) {
      return Error{ErrorCode::kInvalid, file + ": line " + std::to_string(reader->line_number()) +
                                            ": " + question.error().message};
    }
    questions.push_back(*std::move(question));
  }
  if (!questions.empty()) return questions;
  return Error{ErrorCode::kInvalid, file + ": there is no question"};
}

// Asks one expert after the other, so that each is loaded once where they share a device.
class LiveMeasurement {
 public:
  LiveMeasurement(const LiveArguments& arguments, std::vector<std::string> experts,
                  std::vector<Question> questions)
      : arguments_(arguments), experts_(std::move(experts)), questions_(std::move(questions)) {
    for (Question& question : questions_) {
      question.scores.resize(experts_.size());
      question.answers.resize(experts_.size());
    }
  }

  Status AskAll() {
    for (std::size_t expert = 0; expert < experts_.size(); ++expert) {
      std::string failure;
      std::size_t failures = 0;
      for (std::size_t at = 0; at < questions_.size();) {
        const std::size_t end =
            std::min(questions_.size(), at + static_cast<std::size_t>(arguments_.at_once));
        if (Status asked = Ask(expert, at, end, &failures, &failure); !asked) return asked;
        at = end;
        ShowProgress(expert, end);
      }
      if (failures > 0) {
        Warn("`" + experts_[expert] + "` left " + std::to_string(failures) +
             " questions without an answer, which do not count: " + failure);
      }
    }
    return Ok{};
  }

  // As `moerge eval` and `moerge profile import` read it.
  std::string Table() const {
    std::string lines;
    for (const Question& question : questions_) {
      if (std::ranges::none_of(question.scores,
                               [](const auto& score) { return score.has_value(); })) {
        continue;
      }
      json::Writer writer(&lines);
      writer.BeginObject().Field("id", question.id).Field("prompt", question.prompt);
      if (!question.category.empty()) writer.Field("category", question.category);
      writer.Field("reference", question.reference).Key("scores").BeginObject();
      for (std::size_t i = 0; i < experts_.size(); ++i) {
        if (question.scores[i]) writer.Field(experts_[i], *question.scores[i] ? 1 : 0);
      }
      writer.EndObject().Key("answers").BeginObject();
      for (std::size_t i = 0; i < experts_.size(); ++i) {
        if (question.scores[i]) writer.Field(experts_[i], question.answers[i]);
      }
      writer.EndObject().EndObject();
      lines += '\n';
    }
    return lines;
  }

  std::string Summary() const {
    TextTable table({"EXPERT", "RIGHT", "OF", "%"});
    for (std::size_t i = 0; i < experts_.size(); ++i) {
      std::size_t right = 0;
      std::size_t answered = 0;
      for (const Question& question : questions_) {
        answered += question.scores[i].has_value();
        right += question.scores[i].value_or(false);
      }
      const double share =
          answered > 0 ? static_cast<double>(right) / static_cast<double>(answered) : 0;
      table.Add({experts_[i], std::to_string(right), std::to_string(answered), Percent(share)});
    }
    return table.Format();
  }

 private:
  // Questions from `begin` to `end`, in one call.
  Status Ask(std::size_t expert, std::size_t begin, std::size_t end, std::size_t* failures,
             std::string* failure) {
    std::string body;
    json::Writer writer(&body);
    writer.BeginObject().Key("requests").BeginArray();
    for (std::size_t i = begin; i < end; ++i) {
      writer.BeginObject().Field("model", experts_[expert]).Key("messages").BeginArray();
      writer.BeginObject().Field("role", "user").Field("content", questions_[i].prompt);
      writer.EndObject().EndArray().EndObject();
    }
    writer.EndArray().EndObject();
    const ApiRequest request{
        .path = "/api/v1/bulk", .body = {body}, .patience = std::chrono::hours(24)};
    const Result<std::string> reply = CallApi(arguments_.server, request);
    if (!reply) return reply.error();
    const Result<json::Document> document = json::Document::Parse(*reply);
    if (!document) return document.error();
    for (const json::Value answer : document->root().Find("data").children()) {
      const auto place = static_cast<std::size_t>(answer.Find("index").AsInt().value_or(0));
      if (begin + place >= end) continue;
      if (answer.Find("status").AsInt() == 200) {
        Take(questions_[begin + place], expert, answer.Find("body"));
      } else if ((*failures)++ == 0) {
        *failure = TextOf(answer.Find("body").Find("error").Find("message"));
      }
    }
    return Ok{};
  }

  static void Take(Question& question, std::size_t expert, json::Value reply) {
    std::string text;
    for (const json::Value choice : reply.Find("choices").children()) {
      text = TextOf(choice.Find("message").Find("content"));
      break;
    }
    const auto answer = FinalAnswer(WithoutThinking(text), question.form);
    question.scores[expert] = answer == question.right;
    question.answers[expert] = answer.value_or("");
  }

  void ShowProgress(std::size_t expert, std::size_t asked) const {
    if (!shown_) return;
    std::fprintf(stderr, "\r\x1b[K%s: %zu of %zu", experts_[expert].c_str(), asked,
                 questions_.size());
    if (asked == questions_.size()) std::fprintf(stderr, "\n");
  }

  const LiveArguments& arguments_;
  const std::vector<std::string> experts_;
  std::vector<Question> questions_;
  const bool shown_ = isatty(STDERR_FILENO) == 1;
};

}  // namespace

Result<std::vector<std::string>> ModelsOf(const ServerAddress& server) {
  const auto body = CallApi(server, "GET", "/api/v1/experts?limit=1000");
  if (!body) return body.error();
  const auto document = json::Document::Parse(*body);
  if (!document) return document.error();
  std::vector<std::string> models;
  for (const json::Value expert : document->root().Find("data").children()) {
    const bool usable = expert.Find("enabled").AsBool().value_or(true);
    if (!usable || expert.Find("kind").AsString() == "tool") continue;
    models.emplace_back(expert.Find("name").AsString().value_or(""));
  }
  if (!models.empty()) return models;
  return Error{ErrorCode::kNotFound, "the server has no enabled model that could be asked"};
}

Status MeasureLive(const LiveArguments& arguments) {
  Result<std::vector<Question>> questions = ReadQuestions(arguments.questions);
  if (!questions) return std::move(questions).error();
  Result<std::vector<std::string>> experts = arguments.experts;
  if (experts->empty()) experts = ModelsOf(arguments.server);
  if (!experts) return std::move(experts).error();
  std::fprintf(stderr, "%zu questions, %zu experts: %zu calls\n", questions->size(),
               experts->size(), questions->size() * experts->size());
  LiveMeasurement measurement(arguments, *std::move(experts), *std::move(questions));
  if (Status asked = measurement.AskAll(); !asked) return asked;
  const std::string table = measurement.Table();
  if (table.empty()) {
    return Error{ErrorCode::kUpstream, "no expert answered: nothing was measured"};
  }
  if (Status written = WriteFileAtomically(arguments.table, table); !written) return written;
  const std::string path =
      "/api/v1/profiles/import?strict=true&source=" + PercentEncode(arguments.source);
  const auto kept = CallApi(arguments.server, "POST", path, table, "application/x-ndjson");
  if (!kept) return kept.error();
  std::printf("%skept as %s; the results are in %s\n\n", measurement.Summary().c_str(),
              arguments.source.c_str(), arguments.table.c_str());
  return Ok{};
}

}  // namespace moerge::cli
