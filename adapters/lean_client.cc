// The client for plain http: libcurl alone would cost several times what a request may.
#include "adapters/lean_exchange.h"

namespace moerge {
namespace {

class LeanClient : public HttpClient {
 public:
  explicit LeanClient(const Executor& executor) : pool_(std::make_shared<LeanPool>(executor)) {}

  Task<Result<std::unique_ptr<InboundResponse>>> Send(const OutboundRequest& request,
                                                      const CallScope& scope) override {
    auto url = ParseUrl(request.url);
    if (!url) co_return std::move(url).error();
    if (url->secure) {
      co_return Error{ErrorCode::kInvalid, "this client speaks http only, not https"};
    }
    auto exchange = std::make_unique<LeanExchange>(pool_, pool_->OriginFor(*url), request, scope);
    Status status = co_await exchange->Run(*url);
    if (!status) co_return std::move(status).error();
    co_return std::unique_ptr<InboundResponse>(std::move(exchange));
  }

 private:
  std::shared_ptr<LeanPool> pool_;
};

}  // namespace

std::unique_ptr<HttpClient> MakeLeanClient(const Executor& executor) {
  return std::make_unique<LeanClient>(executor);
}

}  // namespace moerge
