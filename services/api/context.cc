#include "services/api/context.h"

#include <utility>

#include "services/api/request_metrics.h"

namespace moerge::api {
namespace {

// From the process's own source of ids, so that no two loops or runs share a sequence.
std::uint64_t FreshSeed() { return std::hash<std::string>{}(RandomId()); }

}  // namespace

ApiContext::ApiContext(const ApiShared& shared, const Executor& loop,
                       std::unique_ptr<HttpClient> http, ProtocolSet protocols)
    : shared_(shared),
      loop_(loop),
      random_(FreshSeed()),
      http_(std::move(http)),
      protocols_(std::move(protocols)),
      gates_(shared.gates, &shared.latencies),
      signals_(protocols_, gates_, shared.store, shared.signals),
      orchestrator_(shared.router, gates_,
                    Dispatcher::Parts{.protocols = protocols_,
                                      .gates = gates_,
                                      .tools = shared.tools,
                                      .random = random_,
                                      .latencies = &shared.latencies,
                                      .verifiers = &shared.verifiers},
                    &signals_),
      metrics_(std::make_unique<RequestMetrics>(shared.metrics)) {}

ApiContext::~ApiContext() = default;

std::unique_ptr<ApiContext> ApiContext::Make(const ApiShared& shared, const Executor& loop) {
  auto http = MakeHttpClient(loop);
  ProtocolSet protocols = ProtocolSet::Make(*http);
  return std::make_unique<ApiContext>(shared, loop, std::move(http), std::move(protocols));
}

}  // namespace moerge::api
