// What the tests of both HTTP clients share: a client on a loop, and fetching a whole reply.
#pragma once

#include <memory>
#include <string>

#include "adapters/http_client.h"
#include "tests/adapters/loop_fixture.h"
#include "tests/support/raw_server.h"

namespace moerge::test {

struct Fetched {
  int status = 0;
  std::string body;
  std::string type;  // Content-Type
};

class HttpClientFixture : public LoopFixture {
 protected:
  explicit HttpClientFixture(std::string_view name) : name_(name), client_(MakeClient()) {}

  // Another one of the kind under test.
  std::unique_ptr<HttpClient> MakeClient() {
    return name_ == "lean" ? MakeLeanClient(executor()) : MakeCurlClient(executor());
  }

  static OutboundRequest Get(std::string url) {
    OutboundRequest request;
    request.method = "GET";
    request.url = std::move(url);
    return request;
  }

  static OutboundRequest Post(std::string url, std::vector<std::string_view> body) {
    OutboundRequest request;
    request.url = std::move(url);
    request.headers = {{"Content-Type", "application/json"}};
    request.body = std::move(body);
    return request;
  }

  Result<Fetched> Fetch(const OutboundRequest& request, const CallScope& scope = {}) {
    return RunTask(FetchTask(request, scope));
  }

  Task<Result<Fetched>> FetchTask(const OutboundRequest& request, const CallScope& scope) {
    auto response = co_await client_->Send(request, scope);
    if (!response) co_return std::move(response).error();
    constexpr std::size_t kLimit = 64 << 20;
    auto body = co_await ReadAll(**response, kLimit);
    if (!body) co_return std::move(body).error();
    Fetched fetched;
    fetched.status = (*response)->status();
    fetched.body = std::move(*body);
    fetched.type = (*response)->Header("content-type");
    co_return fetched;
  }

  std::string name_;
  std::unique_ptr<HttpClient> client_;
};

class HttpClientTest : public ::testing::TestWithParam<const char*>, public HttpClientFixture {
 protected:
  HttpClientTest() : HttpClientFixture(GetParam()) {}
};

inline std::string Describe(const Result<Fetched>& fetched) {
  return fetched.ok() ? std::to_string(fetched->status) + " " + fetched->body.substr(0, 200)
                      : "error: " + fetched.error().message;
}

}  // namespace moerge::test
