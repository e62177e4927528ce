#include "adapters/moved.h"

#include <utility>

#include "adapters/url.h"
#include "config/base/text.h"

namespace moerge {
namespace {

// A response together with the request that it may read from to its end.
class MovedResponse : public InboundResponse {
 public:
  explicit MovedResponse(OutboundRequest request) : request_(std::move(request)) {}

  const OutboundRequest& request() const { return request_; }
  void Take(std::unique_ptr<InboundResponse> inner) { inner_ = std::move(inner); }

  int status() const override { return inner_->status(); }
  std::string_view Header(std::string_view name) const override { return inner_->Header(name); }
  Task<Result<std::string_view>> Read() override {
    auto bytes = co_await inner_->Read();
    co_return bytes;
  }
  void SetIdleTimeout(std::chrono::milliseconds limit) override { inner_->SetIdleTimeout(limit); }
  void Finish() override { inner_->Finish(); }

 private:
  const OutboundRequest request_;
  std::unique_ptr<InboundResponse> inner_;
};

std::string_view WithoutFragment(std::string_view location) {
  return Trim(location.substr(0, location.find('#')));
}

}  // namespace

std::string SameServer(const std::string& url, std::string_view location) {
  location = WithoutFragment(location);
  const auto here = ParseUrl(url);
  if (!here || location.empty()) return {};
  const std::string_view origin =
      std::string_view(url).substr(0, url.find("://") + 3 + here->authority.size());
  std::string there;
  if (location.starts_with("//")) {
    there = std::string(here->secure ? "https:" : "http:").append(location);
  } else if (location.starts_with('/')) {
    there = std::string(origin).append(location);
  } else if (location.find("://") != location.npos) {
    there = location;
  } else {
    std::string_view path = here->target;
    path = path.substr(0, path.find('?'));
    path = path.substr(0, path.rfind('/') + 1);
    there = std::string(origin).append(path.empty() ? "/" : path).append(location);
  }
  const auto named = ParseUrl(there);
  if (!named || named->secure != here->secure || named->port != here->port) return {};
  return EqualsIgnoreCase(named->host, here->host) ? there : std::string();
}

Task<Result<std::unique_ptr<InboundResponse>>> SendFollowing(HttpClient& http,
                                                             const OutboundRequest& request,
                                                             const CallScope& scope) {
  auto response = co_await http.Send(request, scope);
  if (!response) co_return response;
  const int status = (*response)->status();
  if (status != 307 && status != 308) co_return response;
  std::string url = SameServer(request.url, (*response)->Header("location"));
  if (url.empty() || url == request.url) co_return response;
  OutboundRequest again = request;
  again.url = std::move(url);
  auto moved = std::make_unique<MovedResponse>(std::move(again));
  response = co_await http.Send(moved->request(), scope);
  if (!response) co_return std::move(response).error();
  moved->Take(std::move(*response));
  co_return std::unique_ptr<InboundResponse>(std::move(moved));
}

}  // namespace moerge
