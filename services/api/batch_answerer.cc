#include "services/api/batch_answerer.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "services/api/background_answer.h"
#include "services/api/chat_call.h"
#include "services/api/chat_codec.h"
#include "services/api/error.h"
#include "services/api/forward_target.h"
#include "services/api/key_rules.h"
#include "services/api/no_client.h"

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
        config_(context.shared().config.Current()) {}

  Task<LineResult> Answer(const LineRequest& request, Cancellation& cancellation) override {
    NoClient exchange(context_.loop(), cancellation);
    ApiCall call = CallOf(request, exchange);
    // A key may have been changed or revoked since the batch was made.
    const RouterPtr current = context_.shared().router();
    call.key = current->snapshot()->FindKey(request.client);
    if (!MayGoOn(request.client, call.key)) co_return WithoutKey(request.client);
    co_await OpenAccount(context_, call);
    const std::string_view path = ForwardPath(request.endpoint);
    OneOfMany one{.body = request.body, .order = order_};
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
  bool IsGrouped() const override {
    return std::ranges::any_of(router_->snapshot()->backends,
                               [](const Backend& backend) { return ModelTurns::Manages(backend); });
  }

  Task<std::vector<std::string_view>> Plan(const LineRequest& request,
                                           Cancellation& cancellation) override {
    if (!ForwardPath(request.endpoint).empty()) co_return ForwardExperts(request);
    std::vector<std::string_view> experts;
    Result<ChatRequest> chat = ParseChatRequest(request.body);
    if (!chat) co_return experts;
    NoClient exchange(context_.loop(), cancellation);
    ApiCall call = CallOf(request, exchange);
    SetOrigin(context_, call, &*chat);
    chat->ask_signals = false;  // nobody is asked for the order's sake
    ChatRecord record;
    record.router = router_;
    const CallScope scope{call.deadline, &cancellation};
    const Result<Decided> decided =
        co_await context_.engine().orchestrator().Decide(*chat, scope, record);
    if (!decided) co_return experts;
    for (const Seat& seat : record.decision.roster) experts.push_back(NameOf(seat.expert));
    co_return experts;
  }

  void ServeInOrder(const std::vector<std::string_view>& experts) override {
    std::vector<ExpertId> ids;
    for (const std::string_view expert : experts) {
      const ExpertEntry* entry = router_->snapshot()->FindExpert(expert);
      if (entry != nullptr) ids.push_back(entry->id);
    }
    order_ = std::make_shared<const ServingOrder>(ids);
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
  ServingOrderPtr order_;  // null: lines are served as they come
};

}  // namespace

std::unique_ptr<LineAnswerer> MakeBatchAnswerer(ApiContext& context) {
  return std::make_unique<BatchAnswerer>(context);
}

}  // namespace moerge::api
