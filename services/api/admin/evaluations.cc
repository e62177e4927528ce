// /api/v1/evaluations: experts are asked questions whose answers are known, and how they did
// becomes profiles. What `moerge eval --live` does from outside.
#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "config/base/json.h"
#include "config/base/text.h"
#include "services/api/admin/admin_routes.h"
#include "services/api/error.h"
#include "services/api/field_error.h"
#include "services/api/jobs.h"
#include "services/api/progress_stream.h"
#include "services/api/request_body.h"
#include "services/api/store_call.h"
#include "services/evaluate/evaluation_runner.h"

namespace moerge::api {
namespace {

constexpr std::size_t kMostQuestions = 10'000;
constexpr std::size_t kMostCalls = 1'000'000;
constexpr std::int64_t kMostAtOnce = 256;

Status TakeQuestions(json::Value list, std::vector<ExamQuestion>* questions) {
  if (!list.is_array() || list.size() == 0 || list.size() > kMostQuestions) {
    return FieldError("questions", "an array of 1 to 10000 questions");
  }
  std::set<std::string> ids;
  for (const json::Value row : list.children()) {
    const std::string param = "questions[" + std::to_string(questions->size()) + "]";
    Result<ExamQuestion> question = ReadExamQuestion(row);
    if (!question) return FieldError(param, "a question: " + question.error().message);
    if (!ids.insert(question->id).second) {
      return FieldError(param + ".id", "another one than those before");
    }
    questions->push_back(*std::move(question));
  }
  return Ok{};
}

Status TakeExperts(json::Value list, std::vector<std::string>* experts) {
  if (!list.is_array() || list.size() == 0) return FieldError("experts", "an array of names");
  for (const json::Value name : list.children()) {
    const auto text = name.AsString();
    if (!text) return WrongType("experts[" + std::to_string(experts->size()) + "]", "a name", name);
    experts->emplace_back(*text);
  }
  return Ok{};
}

Status TakeOrderMember(json::Value member, EvaluationOrder* order) {
  const std::string key(member.key());
  if (key == "questions") return TakeQuestions(member, &order->questions);
  if (key == "experts") return TakeExperts(member, &order->experts);
  if (key == "source") {
    const auto text = member.AsString();
    if (!text || text->empty()) return FieldError("source", "the name of the profiles");
    order->source = *text;
    return Ok{};
  }
  if (key == "import") {
    const auto flag = member.AsBool();
    if (!flag) return FieldError("import", "true or false");
    order->import = *flag;
    return Ok{};
  }
  if (key == "at_once") {
    const auto count = member.AsInt();
    if (!count || *count < 1 || *count > kMostAtOnce) {
      return FieldError("at_once", "a whole number, 1..256");
    }
    order->at_once = static_cast<int>(*count);
    return Ok{};
  }
  return UnknownField(key, key, {"questions", "experts", "source", "import", "at_once"});
}

Result<EvaluationOrder> ReadOrder(std::string body) {
  const Result<json::Document> document = ParseObject(body);
  if (!document) return document.error();
  EvaluationOrder order;
  for (const json::Value member : document->root().children()) {
    if (Status taken = TakeOrderMember(member, &order); !taken) return std::move(taken).error();
  }
  if (order.questions.empty()) return FieldError("questions", "given, an array of questions");
  if (order.source.empty()) order.source = "evaluation:api";
  return order;
}

// All enabled models where none is named; those that are named must be there.
Status CompleteExperts(const Snapshot& snapshot, EvaluationOrder* order) {
  std::vector<std::string> models;
  for (const ExpertEntry& entry : snapshot.experts) {
    const bool model = entry.spec.enabled && entry.spec.kind != ExpertKind::kTool;
    if (model) models.push_back(entry.spec.name);
  }
  for (std::size_t i = 0; i < order->experts.size(); ++i) {
    const std::string& name = order->experts[i];
    if (std::ranges::find(models, name) != models.end()) continue;
    return FieldError("experts[" + std::to_string(i) + "]",
                      "an enabled model." + DidYouMean(name, models));
  }
  if (order->experts.empty()) order->experts = std::move(models);
  if (order->experts.empty()) return FieldError("experts", "some: there is no enabled model here");
  if (order->experts.size() * order->questions.size() <= kMostCalls) return Ok{};
  return FieldError("questions", "fewer: a run makes at most 1000000 calls");
}

void WriteEvaluation(const Evaluation& run, json::Writer& writer) {
  writer.BeginObject().Field("id", run.id).Field("object", "moerge.evaluation");
  writer.Field("status", run.status).TextOrNull("error", run.error);
  writer.Field("source", run.source).Field("import", run.import);
  writer.TextOrNull("client", run.by.who).Field("started", FormatTime(run.started));
  writer.Key("finished");
  run.finished ? writer.String(FormatTime(*run.finished)) : writer.Null();
  writer.Key("revision");
  run.revision ? writer.Int(static_cast<std::int64_t>(*run.revision)) : writer.Null();
  std::size_t asked = 0;
  for (const Exam::Tally& tally : run.tallies) asked += tally.asked;
  writer.Field("questions", run.questions).Field("asked", asked);
  writer.Field("calls", run.questions * run.experts.size()).Key("experts").BeginArray();
  for (std::size_t i = 0; i < run.experts.size(); ++i) {
    const Exam::Tally& tally = run.tallies[i];
    writer.BeginObject().Field("expert", run.experts[i]).Field("asked", tally.asked);
    writer.Field("answered", tally.answered).Field("right", tally.right);
    writer.TextOrNull("failure", tally.failure).EndObject();
  }
  writer.EndArray().EndObject();
}

std::string EvaluationJson(const Evaluation& run) {
  std::string out;
  json::Writer writer(&out);
  WriteEvaluation(run, writer);
  return out;
}

EvaluationRunner& RunnerOf(ApiContext& context) { return *context.shared().jobs.evaluations; }

Task<void> StartEvaluation(ApiCall& call, ApiContext& context) {
  Result<EvaluationOrder> order = co_await ReadBody<EvaluationOrder>(context, call, &ReadOrder);
  if (!order) co_return co_await SendError(call, std::move(order).error());
  if (Status known = CompleteExperts(*call.router->snapshot(), &*order); !known) {
    co_return co_await SendError(call, std::move(known).error());
  }
  order->by = AuthorOf(call);
  Result<Evaluation> run = co_await RunnerOf(context).Add(*std::move(order));
  if (!run) co_return co_await SendError(call, std::move(run).error());
  std::string json = EvaluationJson(*run);
  co_await SendJson(call, std::move(json), 201);
}

Task<void> ListEvaluations(ApiCall& call, ApiContext& context) {
  Result<std::vector<Evaluation>> runs = co_await RunnerOf(context).List();
  if (!runs) co_return co_await SendError(call, std::move(runs).error());
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject().Field("object", "list").Key("data").BeginArray();
  for (const Evaluation& run : *runs) WriteEvaluation(run, writer);
  writer.EndArray().Field("has_more", false).EndObject();
  co_await SendJson(call, std::move(out));
}

Task<Result<Evaluation>> FindEvaluation(ApiCall& call, ApiContext& context) {
  std::string id(call.Parameter("id"));
  co_return co_await RunnerOf(context).Find(std::move(id));
}

Task<void> GetEvaluation(ApiCall& call, ApiContext& context) {
  Result<Evaluation> run = co_await FindEvaluation(call, context);
  if (!run) co_return co_await SendError(call, std::move(run).error());
  std::string json = EvaluationJson(*run);
  co_await SendJson(call, std::move(json));
}

Task<Result<ProgressState>> LookAtEvaluation(ApiCall& call, ApiContext& context) {
  const Result<Evaluation> run = co_await FindEvaluation(call, context);
  if (!run) co_return run.error();
  co_return ProgressState{EvaluationJson(*run), run->over()};
}

Task<void> FollowEvaluation(ApiCall& call, ApiContext& context) {
  Result<ProgressState> begin = co_await LookAtEvaluation(call, context);
  if (!begin) co_return co_await SendError(call, std::move(begin).error());
  LookAtProgress look = [&context, &call] { return LookAtEvaluation(call, context); };
  co_await StreamProgress(context, call, *std::move(begin), std::move(look));
}

Task<void> CancelEvaluation(ApiCall& call, ApiContext& context) {
  Status nothing = ReadNothing(call.exchange.TakeBody());
  if (!nothing) co_return co_await SendError(call, std::move(nothing).error());
  std::string id(call.Parameter("id"));
  Result<Evaluation> run = co_await RunnerOf(context).Cancel(std::move(id));
  if (!run) co_return co_await SendError(call, std::move(run).error());
  std::string json = EvaluationJson(*run);
  co_await SendJson(call, std::move(json));
}

Task<void> GetTable(ApiCall& call, ApiContext& context) {
  std::string id(call.Parameter("id"));
  Result<Exam> exam = co_await RunnerOf(context).ReadExam(std::move(id));
  if (!exam) co_return co_await SendError(call, std::move(exam).error());
  http::Reply reply;
  reply.content_type = "application/x-ndjson";
  reply.body = exam->Table();
  (void)co_await call.exchange.Send(std::move(reply));
}

}  // namespace

void AddEvaluationRoutes(RouteTable& table, ApiContext& context) {
  const std::string all = "/api/v1/evaluations";
  const std::string one = all + "/{id}";
  const auto add = [&](std::string_view method, const std::string& path, Access access,
                       Task<void> (*handle)(ApiCall&, ApiContext&)) {
    table.Add(method, path, access,
              [&context, handle](ApiCall& call) { return handle(call, context); });
  };
  add("POST", all, Access::kAdmin, StartEvaluation);
  add("GET", all, Access::kRead, ListEvaluations);
  add("GET", one, Access::kRead, GetEvaluation);
  add("GET", one + "/events", Access::kRead, FollowEvaluation);
  add("POST", one + "/cancel", Access::kAdmin, CancelEvaluation);
  add("GET", one + "/table", Access::kRead, GetTable);
}

}  // namespace moerge::api
