#include "adapters/model_fetch.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include "adapters/backend_headers.h"
#include "adapters/model_list.h"
#include "adapters/upstream.h"
#include "config/base/json.h"

namespace moerge {
namespace {

// Users write addresses with or without the version where the protocol has one.
std::string ModelsUrl(const Backend& backend) {
  std::string_view url = backend.base_url;
  if (backend.protocol == Protocol::kOpenAi) return std::string(url) + "/models";
  if (url.ends_with("/v1")) url.remove_suffix(3);
  const bool ollama = backend.protocol == Protocol::kOllama;
  return std::string(url) + (ollama ? "/api/tags" : "/v1/models");
}

bool IsAList(std::string_view body) {
  const auto document = json::Document::Parse(body);
  if (!document) return false;
  const json::Value root = document->root();
  return root.is_array() || root.Find("data").is_array() || root.Find("models").is_array();
}

}  // namespace

Task<Result<std::vector<std::string>>> FetchModelNames(HttpClient& http, const Backend& backend,
                                                       CallScope scope, std::size_t most) {
  OutboundRequest request;
  request.method = "GET";
  request.url = WithQuery(backend, ModelsUrl(backend));
  AddBackendHeaders(backend, &request);
  AddBackendKey(backend, &request);
  request.connect_timeout = backend.connect_timeout;
  request.first_byte_timeout = backend.first_byte_timeout;
  request.idle_timeout = backend.idle_timeout;
  request.verify_tls = backend.verify_tls;
  const Result<std::string> body = co_await FetchBody(http, backend, request, scope);
  if (!body) co_return body.error();
  if (!IsAList(*body)) co_return NotAnAnswer(backend, "it sent no list of models");
  std::vector<std::string> names = ModelNames(*body, most);
  for (std::string& name : names) name = WithoutSecrets(backend, std::move(name));
  co_return names;
}

}  // namespace moerge
