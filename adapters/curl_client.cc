// The client for https and proxies.
#include "adapters/curl_transfer.h"
#include "adapters/url.h"

namespace moerge {
namespace {

class CurlResponse : public InboundResponse {
 public:
  explicit CurlResponse(std::shared_ptr<CurlTransfer> transfer) : transfer_(std::move(transfer)) {}

  int status() const override { return transfer_->status(); }
  std::string_view Header(std::string_view name) const override { return transfer_->Header(name); }
  Task<Result<std::string_view>> Read() override { return transfer_->Read(); }
  void SetIdleTimeout(std::chrono::milliseconds limit) override {
    transfer_->SetIdleTimeout(limit);
  }
  void Finish() override { transfer_->FinishAlone(); }

 private:
  std::shared_ptr<CurlTransfer> transfer_;
};

class CurlClient : public HttpClient {
 public:
  explicit CurlClient(const Executor& executor) : loop_(std::make_shared<CurlLoop>(executor)) {}

  // Transfers that the loop keeps hold the loop.
  ~CurlClient() override { loop_->ForgetAll(); }

  Task<Result<std::unique_ptr<InboundResponse>>> Send(const OutboundRequest& request,
                                                      const CallScope& scope) override {
    if (auto url = ParseUrl(request.url); !url) co_return std::move(url).error();
    auto transfer = std::make_shared<CurlTransfer>(loop_, request, scope);
    Status status = co_await transfer->Run();
    if (!status) co_return std::move(status).error();
    co_return std::unique_ptr<InboundResponse>(new CurlResponse(std::move(transfer)));
  }

 private:
  std::shared_ptr<CurlLoop> loop_;
};

}  // namespace

std::unique_ptr<HttpClient> MakeCurlClient(const Executor& executor) {
  return std::make_unique<CurlClient>(executor);
}

}  // namespace moerge
