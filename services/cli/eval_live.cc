#include "services/cli/eval_live.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <set>
#include <utility>

#include "config/base/json.h"
#include "config/base/line_reader.h"
#include "config/base/text.h"
#include "services/cli/text_table.h"
#include "services/cli/texts.h"
#include "services/evaluate/exam.h"

namespace moerge::cli {
namespace {

Result<ExamQuestion> ParseQuestion(std::string_view line) {
  const Result<json::Document> document = json::Document::Parse(line);
  if (!document) return document.error();
  return ReadExamQuestion(document->root());
}

Result<std::vector<ExamQuestion>> ReadQuestions(const std::string& file) {
  Result<LineReader> reader = LineReader::Open(file);
  if (!reader) return std::move(reader).error();
  std::vector<ExamQuestion> questions;
  std::set<std::string> ids;
  while (true) {
    const auto line = reader->Next();
    if (!line) return line.error();
    if (!line->has_value()) break;
    if (Trim(**line).empty()) continue;
    Result<ExamQuestion> question = ParseQuestion(**line);
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
                  std::vector<ExamQuestion> questions)
      : arguments_(arguments), exam_(std::move(experts), std::move(questions)) {}

  Status AskAll() {
    const std::size_t questions = exam_.questions().size();
    for (std::size_t expert = 0; expert < exam_.experts().size(); ++expert) {
      for (std::size_t at = 0; at < questions;) {
        const std::size_t end =
            std::min(questions, at + static_cast<std::size_t>(arguments_.at_once));
        if (Status asked = Ask(expert, at, end); !asked) return asked;
        at = end;
        ShowProgress(expert, end);
      }
      const Exam::Tally& tally = exam_.tally(expert);
      if (tally.answered == tally.asked) continue;
      Warn("`" + exam_.experts()[expert] + "` left " +
           std::to_string(tally.asked - tally.answered) +
           " questions without an answer, which do not count: " + tally.failure);
    }
    return Ok{};
  }

  // As `moerge eval` and `moerge profile import` read it.
  std::string Table() const { return exam_.Table(); }

  std::string Summary() const {
    TextTable table({"EXPERT", "RIGHT", "OF", "%"});
    for (std::size_t i = 0; i < exam_.experts().size(); ++i) {
      const Exam::Tally& tally = exam_.tally(i);
      const double share = tally.answered > 0 ? static_cast<double>(tally.right) /
                                                    static_cast<double>(tally.answered)
                                              : 0;
      table.Add({exam_.experts()[i], std::to_string(tally.right), std::to_string(tally.answered),
                 Percent(share)});
    }
    return table.Format();
  }

 private:
  // Questions from `begin` to `end`, in one call.
  Status Ask(std::size_t expert, std::size_t begin, std::size_t end) {
    std::string body;
    json::Writer writer(&body);
    writer.BeginObject().Key("requests").BeginArray();
    for (std::size_t i = begin; i < end; ++i) {
      writer.BeginObject().Field("model", exam_.experts()[expert]).Key("messages").BeginArray();
      writer.BeginObject().Field("role", "user").Field("content", exam_.questions()[i].prompt);
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
      const json::Value said = answer.Find("body");
      Exam::Outcome outcome;
      if (answer.Find("status").AsInt() == 200) {
        outcome = exam_.Judge(begin + place, said);
      } else {
        outcome.failure = TextOf(said.Find("error").Find("message"));
      }
      exam_.Take(begin + place, expert, outcome);
    }
    return Ok{};
  }

  void ShowProgress(std::size_t expert, std::size_t asked) const {
    if (!shown_) return;
    std::fprintf(stderr, "\r\x1b[K%s: %zu of %zu", exam_.experts()[expert].c_str(), asked,
                 exam_.questions().size());
    if (asked == exam_.questions().size()) std::fprintf(stderr, "\n");
  }

  const LiveArguments& arguments_;
  Exam exam_;
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
  Result<std::vector<ExamQuestion>> questions = ReadQuestions(arguments.questions);
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
