#include "services/evaluate/evaluation.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "config/base/json.h"
#include "config/base/ordered_id.h"
#include "config/base/text.h"

namespace moerge {
namespace {

void WriteTally(const std::string& expert, const Exam::Tally& tally, json::Writer& writer) {
  writer.BeginObject().Field("expert", expert).Field("asked", tally.asked);
  writer.Field("answered", tally.answered).Field("right", tally.right);
  writer.Field("failure", tally.failure).EndObject();
}

std::size_t CountAt(json::Value value, std::string_view key) {
  return static_cast<std::size_t>(std::max<std::int64_t>(0, value.Find(key).AsInt().value_or(0)));
}

std::optional<WallTime> TimeAt(json::Value value, std::string_view key) {
  const auto text = value.Find(key).AsString();
  return text ? ParseTime(*text) : std::nullopt;
}

std::string KeptJson(const Evaluation& run) {
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("source", run.source).Field("error", run.error);
  writer.Field("who", run.by.who).Field("through", run.by.through);
  writer.Field("request", run.by.request_id).Field("import", run.import);
  writer.Field("at_once", run.at_once).Field("questions", run.questions);
  writer.Key("experts").BeginArray();
  for (std::size_t i = 0; i < run.experts.size(); ++i) {
    WriteTally(run.experts[i], run.tallies[i], writer);
  }
  writer.EndArray();
  if (run.finished) writer.Field("finished", FormatTime(*run.finished));
  if (run.revision) writer.Field("revision", *run.revision);
  writer.EndObject();
  return out;
}

void ReadExperts(json::Value list, Evaluation* run) {
  for (const json::Value one : list.children()) {
    run->experts.emplace_back(StringAt(one, "expert"));
    run->tallies.push_back({.asked = CountAt(one, "asked"),
                            .answered = CountAt(one, "answered"),
                            .right = CountAt(one, "right"),
                            .failure = std::string(StringAt(one, "failure"))});
  }
}

}  // namespace

Evaluation BeginEvaluation(const EvaluationOrder& order) {
  Evaluation run;
  run.started = std::chrono::system_clock::now();
  run.id = "eval_" + OrderedId(run.started);
  run.source = order.source;
  run.by = order.by;
  run.import = order.import;
  run.at_once = order.at_once;
  run.questions = order.questions.size();
  run.experts = order.experts;
  run.tallies.resize(order.experts.size());
  return run;
}

JobRecord RecordOf(const Evaluation& evaluation) {
  return {.kind = std::string(kEvaluationKind),
          .id = evaluation.id,
          .created = evaluation.started,
          .state = evaluation.status,
          .open = !evaluation.over(),
          .json = KeptJson(evaluation)};
}

Result<Evaluation> EvaluationOf(const JobRecord& record) {
  const Result<json::Document> document = json::Document::Parse(record.json);
  if (!document || !document->root().is_object()) {
    return Error{ErrorCode::kInternal, "the record of the evaluation " + record.id + " is damaged"};
  }
  const json::Value kept = document->root();
  Evaluation run;
  run.id = record.id;
  run.status = record.state;
  run.started = record.created;
  run.source = StringAt(kept, "source");
  run.error = StringAt(kept, "error");
  run.by = {.who = std::string(StringAt(kept, "who")),
            .through = std::string(StringAt(kept, "through")),
            .request_id = std::string(StringAt(kept, "request"))};
  run.import = kept.Find("import").AsBool().value_or(true);
  run.at_once = static_cast<int>(std::clamp<std::size_t>(CountAt(kept, "at_once"), 1, 256));
  run.questions = CountAt(kept, "questions");
  ReadExperts(kept.Find("experts"), &run);
  run.finished = TimeAt(kept, "finished");
  if (const auto revision = kept.Find("revision").AsInt()) {
    run.revision = static_cast<std::uint64_t>(*revision);
  }
  return run;
}

}  // namespace moerge
