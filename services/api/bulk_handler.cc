// POST /api/v1/bulk: many chat requests in one, answered in their order when all are done. They are
// background work: clients go first. Where a backend has room for few models, all are routed before
// the first is asked, and served expert by expert; and where policies assign requests together.
#include <algorithm>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "config/base/json.h"
#include "config/base/task_group.h"
#include "services/api/api_handler.h"
#include "services/api/assignments.h"
#include "services/api/background_answer.h"
#include "services/api/error.h"
#include "services/api/field_error.h"
#include "services/api/request_body.h"
#include "services/api/route_ahead.h"
#include "services/jobs/batch_plan.h"

namespace moerge::api {
namespace {

constexpr std::size_t kMostRequests = 10'000;
// Under way at once: enough for a model to find what waits for it, few enough for the memory that a
// request takes.
constexpr std::size_t kUnderWay = 1024;
constexpr std::size_t kRoutedAtOnce = 32;  // which hold the loop
constexpr std::chrono::milliseconds kNoTime{0};

// All requests of one call. What the tasks refer to lives until they have been joined.
struct Bulk {
  ApiContext& context;
  ApiCall& call;
  std::vector<json::Value> requests;
  std::vector<BackgroundAnswer> answers;  // as many
  BatchPlan plan = {};                    // in which order they are begun; empty: as they came
  ServingOrderPtr order = nullptr;
  Assignments assignments = {};
  std::size_t next = 0;
};

ApiCall BulkCallOf(const Bulk& bulk, std::size_t place) {
  return {.exchange = bulk.call.exchange,
          .parameters = {},
          .request_id = bulk.call.request_id + "-" + std::to_string(place),
          .key_name = bulk.call.key_name,
          .deadline = bulk.call.deadline,
          .begin = std::chrono::steady_clock::now(),
          .router = bulk.call.router,
          .config = bulk.call.config,
          .key = bulk.call.key,
          .account = bulk.call.account};
}

// Routes all, gives them their places, and the assigned ones their experts.
Task<void> PlanAll(Bulk& bulk) {
  const bool groups = RouteAhead::Groups(*bulk.call.router->snapshot());
  if (!groups && !RouteAhead::Assigns(*bulk.call.router->snapshot())) co_return;
  RouteAhead ahead(bulk.context, bulk.call.router);
  for (std::size_t i = 0; i < bulk.requests.size(); ++i) {
    if (bulk.call.exchange.cancellation().cancelled()) co_return;
    ApiCall call = BulkCallOf(bulk, i);
    call.account = nullptr;  // nothing is spent
    std::string body(bulk.requests[i].raw());
    co_await ahead.Add(call, std::move(body));
    // Others have their turn.
    if (i % kRoutedAtOnce == kRoutedAtOnce - 1) co_await SleepFor(kNoTime);
  }
  std::vector<RouteAhead::Routed> routed = co_await ahead.End();
  for (std::size_t i = 0; i < routed.size(); ++i) {
    bulk.assignments.Add(i, routed[i].spread, routed[i].by);
    const LinePlace place{.number = static_cast<std::uint32_t>(i)};
    if (groups) bulk.plan.Add(place, std::move(routed[i].experts));
  }
  if (!groups) co_return;
  bulk.plan.Sort();
  bulk.order = MakeServingOrder(*bulk.call.router->snapshot(), bulk.plan.Order());
}

Task<BackgroundAnswer> AnswerOne(Bulk& bulk, std::size_t place) {
  ApiCall call = BulkCallOf(bulk, place);
  OneOfMany one{.body = std::string(bulk.requests[place].raw()),
                .many = {.order = bulk.order},
                .assignment = bulk.assignments.Find(place)};
  co_return co_await AnswerInBackground(bulk.context, call, std::move(one));
}

// Takes one request after the other.
Task<void> Work(Bulk& bulk) {
  while (bulk.next < bulk.requests.size() && !bulk.call.exchange.cancellation().cancelled()) {
    const std::size_t turn = bulk.next++;
    const std::size_t place = bulk.plan.size() > 0 ? bulk.plan[turn].number : turn;
    BackgroundAnswer answer = co_await AnswerOne(bulk, place);
    bulk.answers[place] = std::move(answer);
  }
}

Task<void> AnswerAll(Bulk& bulk) {
  TaskGroup group(bulk.context.loop());
  const std::size_t workers = std::min(bulk.requests.size(), kUnderWay);
  for (std::size_t i = 0; i < workers; ++i) group.Start("bulk", Work(bulk));
  co_await group.Join();
}

std::string BulkJson(const Bulk& bulk) {
  const std::vector<BackgroundAnswer>& answers = bulk.answers;
  std::string out;
  json::Writer writer(&out);
  const auto completed = std::ranges::count(answers, 200, &BackgroundAnswer::status);
  writer.BeginObject().Field("object", "list").Key("data").BeginArray();
  for (std::size_t i = 0; i < answers.size(); ++i) {
    writer.BeginObject().Field("index", i).Field("status", answers[i].status);
    writer.Key("body").Raw(answers[i].body).EndObject();
  }
  writer.EndArray().Key("request_counts").BeginObject();
  writer.Field("total", answers.size()).Field("completed", completed);
  writer.Field("failed", static_cast<std::int64_t>(answers.size()) - completed);
  writer.EndObject().Key("moerge").BeginObject().Key("assigned");
  WriteAssigned(bulk.assignments.sums(), writer);
  writer.EndObject().EndObject();
  return out;
}

Result<std::vector<json::Value>> RequestsIn(json::Value body) {
  for (const json::Value member : body.children()) {
    if (member.key() != "requests") {
      const std::string key(member.key());
      return UnknownField(key, key, {"requests"});
    }
  }
  const json::Value list = body.Find("requests");
  std::vector<json::Value> requests;
  if (list.is_array()) {
    for (const json::Value request : list.children()) requests.push_back(request);
  }
  if (requests.empty() || requests.size() > kMostRequests) {
    return FieldError("requests", "an array of 1 to 10000 bodies of chat requests");
  }
  return requests;
}

// A body with its document, which points into it.
struct BulkText {
  std::string text;
  std::optional<json::Document> document;
};
using BulkTextPtr = std::shared_ptr<const BulkText>;

Result<BulkTextPtr> ParseBulkText(std::string body) {
  const auto bulk = std::make_shared<BulkText>();
  bulk->text = std::move(body);
  Result<json::Document> document = json::Document::Parse(bulk->text);
  if (!document) return std::move(document).error();
  bulk->document.emplace(std::move(*document));
  return BulkTextPtr(bulk);
}

Task<void> HandleBulk(ApiContext& context, ApiCall& call) {
  const Result<BulkTextPtr> body = co_await ReadBody<BulkTextPtr>(context, call, &ParseBulkText);
  if (!body) co_return co_await SendError(call, body.error());
  Result<std::vector<json::Value>> requests = RequestsIn((*body)->document->root());
  if (!requests) co_return co_await SendError(call, std::move(requests).error());
  Bulk bulk{.context = context, .call = call, .requests = *std::move(requests), .answers = {}};
  bulk.answers.resize(bulk.requests.size());
  co_await PlanAll(bulk);
  co_await AnswerAll(bulk);
  if (call.exchange.cancellation().cancelled()) {
    Error left{ErrorCode::kCancelled, "the client closed its connection"};
    co_return co_await SendError(call, std::move(left));
  }
  std::string json = BulkJson(bulk);
  co_await SendJson(call, std::move(json));
}

}  // namespace

void AddBulkRoutes(RouteTable& table, ApiContext& context) {
  table.Add("POST", "/api/v1/bulk", Access::kInference,
            [&context](ApiCall& call) { return HandleBulk(context, call); });
}

}  // namespace moerge::api
