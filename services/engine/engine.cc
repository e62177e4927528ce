#include "services/engine/engine.h"

#include <boost/asio/post.hpp>
#include <functional>
#include <future>
#include <memory>
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
      trials_(caller_, loop),
      signals_(caller_, shared.store, shared.signals),
      orchestrator_(shared.router, gates_,
                    {.caller = caller_,
                     .tools = shared.tools,
                     .verifiers = &shared.verifiers,
                     .trials = &trials_},
                    &signals_) {}

void Engine::Stop() {
  const auto ended = std::make_shared<std::promise<void>>();
  const auto end = [](BackendTrials& trials,
                      std::shared_ptr<std::promise<void>> done) -> Task<void> {
    trials.Stop();
    co_await trials.Join();
    done->set_value();
  };
  boost::asio::post(loop_, [&] { Spawn(loop_, "end of trials", end(trials_, ended)); });
  ended->get_future().wait();
}

}  // namespace moerge
