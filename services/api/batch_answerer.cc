#include "services/api/batch_answerer.h"

#include <chrono>
#include <utility>

#include "services/api/assignments.h"
#include "services/api/background_answer.h"
#include "services/api/error.h"
#include "services/api/forward_target.h"
#include "services/api/key_rules.h"
#include "services/api/no_client.h"
#include "services/api/route_ahead.h"

namespace moerge::api {
namespace {

// The path below a backend's base URL; empty: chat, which is routed.
std::string_view ForwardPath(std::string_view endpoint) {
  if (endpoint == kBatchEndpoints[0]) return {};
  endpoint.remove_prefix(std::string_view("/v1").size());
  return endpoint;
}

// Whether requests of this client are still asked for; without a name it needs no key.
bool MayGoOn(const std::string& client, const ApiKey* key) {
  if (key == nullptr) return client.empty();
  return !key->expires || *key->expires > std::chrono::system_clock::now();
}

LineResult WithoutKey(const std::string& name) {
  const Error gone{.code = ErrorCode::kUnauthorized,
                   .message = "the key `" + name +
                              "` that this was asked with is not there any more, or has expired",
                   .reason = "invalid_api_key"};
  LineResult result;
  result.status = HttpStatus(gone.code);
  result.body = ErrorJson(gone);
  return result;
}

class BatchAnswerer final : public LineAnswerer {
 public:
  explicit BatchAnswerer(ApiContext& context)
      : context_(context),
        router_(context.shared().router()),
        config_(context.shared().config.Current()),
        ahead_(context, router_) {}

  Task<LineResult> Answer(const LineRequest& request, Cancellation& cancellation) override {
    NoClient exchange(context_.loop(), cancellation);
    ApiCall call = CallOf(request, exchange);
    // A key may have been changed or revoked since the batch was made.
    const RouterPtr current = context_.shared().router();
    call.key = current->snapshot()->FindKey(request.client);
    if (!MayGoOn(request.client, call.key)) co_return WithoutKey(request.client);
    co_await OpenAccount(context_, call);
    const std::string_view path = ForwardPath(request.endpoint);
    OneOfMany one{.body = request.body,
                  .many = {order_, request.finished},
                  .assignment = assignments_.Find(static_cast<std::size_t>(request.number))};
    Task<BackgroundAnswer> asked = path.empty()
                                       ? AnswerInBackground(context_, call, std::move(one))
                                       : ForwardInBackground(context_, call, path, std::move(one));
    BackgroundAnswer answer = co_await std::move(asked);
    LineResult result;
    result.status = answer.status;
    result.body = std::move(answer.body);
    result.calls = std::move(answer.calls);
    co_return result;
  }

  // Else their order makes no difference.
  bool IsGrouped() const override { return RouteAhead::Groups(*router_->snapshot()); }
  bool Assigns() const override { return RouteAhead::Assigns(*router_->snapshot()); }

  Task<void> Plan(const LineRequest& request, Cancellation& cancellation) override {
    planned_.push_back(request.number);
    if (!ForwardPath(request.endpoint).empty()) {
      ahead_.AddRouted(ForwardExperts(request));
      co_return;
    }
    NoClient exchange(context_.loop(), cancellation);
    ApiCall call = CallOf(request, exchange);
    call.key = router_->snapshot()->FindKey(request.client);
    std::string body = request.body;
    co_await ahead_.Add(call, std::move(body));
  }

  Task<std::vector<std::vector<std::string_view>>> EndWindow() override {
    std::vector<RouteAhead::Routed> routed = co_await ahead_.End();
    const std::vector<std::int64_t> numbers = std::exchange(planned_, {});
    std::vector<std::vector<std::string_view>> experts;
    for (std::size_t i = 0; i < routed.size(); ++i) {
      assignments_.Add(static_cast<std::size_t>(numbers[i]), routed[i].spread, routed[i].by);
      experts.push_back(std::move(routed[i].experts));
    }
    co_return experts;
  }

  const AssignedLines& assigned() const override { return assignments_.sums(); }

  void ServeInOrder(const std::vector<std::string_view>& experts) override {
    order_ = MakeServingOrder(*router_->snapshot(), experts);
  }

 private:
  ApiCall CallOf(const LineRequest& request, http::Exchange& exchange) const {
    return {.exchange = exchange,
            .parameters = {},
            .request_id = request.request_id,
            .key_name = request.client,
            .deadline = Deadline::After(config_->server.request_timeout),
            .begin = std::chrono::steady_clock::now(),
            .router = router_,
            .config = config_};
  }

  std::vector<std::string_view> ForwardExperts(const LineRequest& request) const {
    const Result<ChatBodyPtr> body = ChatBody::Parse(request.body);
    if (!body) return {};
    const auto expert = ForwardTarget(*router_->snapshot(), (*body)->Field("model"));
    if (!expert) return {};
    return {NameOf((*expert)->id)};
  }

  ApiContext& context_;
  const RouterPtr router_;
  const std::shared_ptr<const Config> config_;
  RouteAhead ahead_;
  std::vector<std::int64_t> planned_;  // numbers of lines, of this window
  Assignments assignments_;            // by the line's number
  ServingOrderPtr order_;              // null: lines are served as they come
};

}  // namespace

std::unique_ptr<LineAnswerer> MakeBatchAnswerer(ApiContext& context) {
  return std::make_unique<BatchAnswerer>(context);
}

}  // namespace moerge::api
