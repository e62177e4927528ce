#include "services/cli/api_client.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdlib>
#include <memory>

#include "adapters/http_client.h"
#include "config/base/json.h"
#include "config/base/task.h"
#include "config/base/text.h"

namespace moerge::cli {
namespace {

constexpr std::size_t kMaxReply = 256u << 20;

// What an OpenAI-shaped error body says, or the body itself.
std::string ErrorText(int status, const std::string& body) {
  const Result<json::Document> document = json::Document::Parse(body);
  if (document) {
    const auto message = document->root().Find("error").Find("message").AsString();
    if (message) return std::string(*message);
  }
  return "the server answered " + std::to_string(status) + ": " + body.substr(0, 300);
}

Result<std::string> BodyOf(int status, std::string body) {
  if (status >= 200 && status < 300) return body;
  const ErrorCode code = status == 404 ? ErrorCode::kNotFound : ErrorCode::kInvalid;
  return Error{code, ErrorText(status, body)};
}

using TakeBytes = std::function<Status(std::string_view)>;

Task<Status> HandOn(InboundResponse& response, const TakeBytes& take) {
  while (true) {
    const Result<std::string_view> piece = co_await response.Read();
    if (!piece) co_return piece.error();
    if (piece->empty()) co_return Ok{};
    Status taken = take(*piece);
    if (!taken) co_return taken;
  }
}

Task<Result<std::string>> Exchange(HttpClient& client, const OutboundRequest& request,
                                   const std::string& url, const TakeBytes* take = nullptr) {
  const CallScope scope;
  auto reply = co_await client.Send(request, scope);
  if (!reply) {
    co_return Error{reply.error().code, "cannot reach moerge at " + url + ": " +
                                            reply.error().message +
                                            "; is `moerge serve` running? --server names another "
                                            "address"};
  }
  if (take != nullptr && (*reply)->status() / 100 == 2) {
    const Status taken = co_await HandOn(**reply, *take);
    if (!taken) co_return taken.error();
    co_return std::string();
  }
  Result<std::string> body = co_await ReadAll(**reply, kMaxReply);
  if (!body) co_return std::move(body).error();
  co_return BodyOf((*reply)->status(), *std::move(body));
}

std::string BaseOf(const ServerAddress& server) {
  std::string base = server.url;
  while (base.ends_with('/')) base.pop_back();
  return base;
}

// `body` outlives the request.
OutboundRequest RequestOf(const ServerAddress& server, std::string_view path,
                          std::string_view content_type, std::string_view body) {
  OutboundRequest request;
  request.url = BaseOf(server) + std::string(path);
  request.headers.emplace_back("content-type", content_type);
  if (const char* key = std::getenv(server.key_env.c_str()); key != nullptr && *key != '\0') {
    request.headers.emplace_back("authorization", std::string("Bearer ") + key);
  }
  if (!body.empty()) request.body.push_back(body);
  return request;
}

struct Progress {
  std::size_t next = 0;
  std::size_t ended = 0;  // workers
};

// Models take their time, and wait for each other.
constexpr std::chrono::milliseconds kModelTime{600'000};

Task<void> PostInTurn(HttpClient& client, const ServerAddress& server, const PostBatch& batch,
                      Progress& progress) {
  const std::string base = BaseOf(server);
  while (progress.next < batch.count) {
    const std::size_t place = progress.next++;
    const std::optional<std::string> body = batch.body(place);
    if (!body) continue;
    OutboundRequest request = RequestOf(server, batch.path, "application/json", *body);
    request.first_byte_timeout = kModelTime;
    Result<std::string> reply = co_await Exchange(client, request, base);
    batch.done(place, std::move(reply));
  }
  ++progress.ended;
}

}  // namespace

void PostAll(const ServerAddress& server, const PostBatch& batch) {
  boost::asio::io_context loop(1);
  const std::unique_ptr<HttpClient> client = MakeHttpClient(loop.get_executor());
  const std::size_t workers = std::max<std::size_t>(1, std::min(batch.at_once, batch.count));
  Progress progress;
  for (std::size_t i = 0; i < workers; ++i) {
    Spawn(loop.get_executor(), "api calls", PostInTurn(*client, server, batch, progress));
  }
  while (progress.ended < workers && loop.run_one() > 0) {
  }
}

void ServerAddress::AddOptions(CLI::App& command) {
  command.add_option("--server", url, "Address of a running moerge")->capture_default_str();
  command.add_option("--key-env", key_env, "Environment variable that holds an API key")
      ->capture_default_str();
}

Result<std::string> CallApi(const ServerAddress& server, std::string_view method,
                            std::string_view path, std::string_view body,
                            std::string_view content_type) {
  ApiRequest request{
      .method = method, .path = std::string(path), .content_type = std::string(content_type)};
  if (!body.empty()) request.body.push_back(body);
  return CallApi(server, request);
}

Result<std::string> CallApi(const ServerAddress& server, const ApiRequest& asked) {
  boost::asio::io_context loop(1);
  OutboundRequest request = RequestOf(server, asked.path, asked.content_type, {});
  request.method = asked.method;
  request.body = asked.body;
  if (asked.patience.count() > 0) request.first_byte_timeout = asked.patience;
  const std::string base = BaseOf(server);
  const TakeBytes* take = asked.take ? &asked.take : nullptr;
  std::optional<Result<std::string>> result;
  {
    const std::unique_ptr<HttpClient> client = MakeHttpClient(loop.get_executor());
    const auto run = [&]() -> Task<void> {
      result = co_await Exchange(*client, request, base, take);
    };
    Spawn(loop.get_executor(), "api call", run());
    while (!result && loop.run_one() > 0) {
    }
  }
  if (!result) return Error{ErrorCode::kInternal, "the call ended without a result"};
  return *std::move(result);
}

std::string PercentEncode(std::string_view text) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (kPlain.find(c) != kPlain.npos) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.append({'%', kHex[byte >> 4], kHex[byte & 15]});
  }
  return out;
}

}  // namespace moerge::cli
