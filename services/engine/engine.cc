#include "services/engine/engine.h"

#include <functional>
#include <string>

namespace moerge {
namespace {

// From the process's own source of ids, so that no two loops or runs share a sequence.
std::uint64_t FreshSeed() { return std::hash<std::string>{}(RandomId()); }

}  // namespace

Engine::Engine(const EngineShared& shared, const Executor& loop)
    : loop_(loop),
      random_(FreshSeed()),
      http_(MakeHttpClient(loop)),
      protocols_(http_.get()),
      gates_(shared.gates, &shared.latencies, &shared.turns),
      caller_({.protocols = protocols_,
               .gates = gates_,
               .random = random_,
               .latencies = &shared.latencies,
               .turns = &shared.turns}),
      signals_(caller_, shared.store, shared.signals),
      orchestrator_(shared.router, gates_,
                    {.caller = caller_, .tools = shared.tools, .verifiers = &shared.verifiers},
                    &signals_) {}

}  // namespace moerge
