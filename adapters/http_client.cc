#include "adapters/http_client.h"

#include "adapters/proxy_rules.h"
#include "adapters/url.h"

namespace moerge {
namespace {

// Each request goes to the client that can carry it at the least cost.
class CombinedClient : public HttpClient {
 public:
  explicit CombinedClient(const Executor& executor)
      : proxies_(ProxyRules::FromEnvironment()),
        lean_(MakeLeanClient(executor)),
        curl_(MakeCurlClient(executor)) {}

  Task<Result<std::unique_ptr<InboundResponse>>> Send(const OutboundRequest& request,
                                                      const CallScope& scope) override {
    const auto url = ParseUrl(request.url);
    const bool needs_curl = url.ok() && (url->secure || proxies_.Applies(url->host));
    return (needs_curl ? curl_ : lean_)->Send(request, scope);
  }

 private:
  ProxyRules proxies_;
  std::unique_ptr<HttpClient> lean_;
  std::unique_ptr<HttpClient> curl_;
};

}  // namespace

Task<Result<std::string>> ReadAll(InboundResponse& response, std::size_t limit) {
  std::string body;
  for (;;) {
    auto piece = co_await response.Read();
    if (!piece) co_return std::move(piece).error();
    if (piece->empty()) co_return body;
    if (body.size() + piece->size() > limit) {
      co_return Error{ErrorCode::kUpstream,
                      "the expert's reply is over " + std::to_string(limit) + " bytes"};
    }
    body.append(*piece);
  }
}

std::unique_ptr<HttpClient> MakeHttpClient(const Executor& executor) {
  return std::make_unique<CombinedClient>(executor);
}

}  // namespace moerge
