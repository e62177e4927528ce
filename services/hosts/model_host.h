// What loads and unloads the models of one backend. When that is to happen is decided elsewhere
// (services/calls/residency_plan.h), which knows nothing of kinds of servers.
//
// Owner: a ModelLoader. Threads: the hosts' loop, but Log, which any thread may call. `backend` and
// the scope's cancellation outlive a task; models of one backend may be loaded at once, one model
// is never loaded and unloaded at the same time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/http_client.h"
#include "config/base/result.h"
#include "config/base/task.h"
#include "config/entities.h"

namespace moerge {

struct HostedModel {
  std::string model;
  std::int64_t bytes = 0;     // that it takes on its device, as its server says; 0: it does not
  std::string base_url = {};  // where it answers; empty: the backend's
};

class ModelHost {
 public:
  virtual ~ModelHost() = default;

  // Returns once calls of the model can be answered. Errors: the server's, with what it said;
  // kUpstream if it has loaded something else; kTimeout; kCancelled. What a failed load has begun
  // is taken back as far as the server lets it.
  virtual Task<Result<HostedModel>> Load(const Backend& backend, std::string model,
                                         CallScope scope) = 0;
  // Returns once its room is free. REQUIRES: no call runs on it. One that is not loaded is fine.
  virtual Task<Status> Unload(const Backend& backend, std::string model, CallScope scope) = 0;
  // As Unload, but what it takes to load it again soon stays in the host's memory, until Wake loads
  // it from there or Drop gives that up too. Drop needs room for the model on its device while it
  // runs. Asked only of backends that SleepsInHost; the others have no such place.
  virtual Task<Status> Sleep(const Backend& backend, std::string model, CallScope scope) {
    return Unload(backend, std::move(model), scope);
  }
  virtual Task<Result<HostedModel>> Wake(const Backend& backend, std::string model,
                                         CallScope scope) {
    return Load(backend, std::move(model), scope);
  }
  virtual Task<Status> Drop(const Backend&, std::string, CallScope) { co_return Ok{}; }
  // What is loaded, ours or not.
  virtual Task<Result<std::vector<HostedModel>>> List(const Backend& backend, CallScope scope) = 0;

  // Unloads what ends with moerge.
  virtual Task<void> Stop() { co_return; }
  // The last lines that the model's server wrote, oldest first; empty where it is not moerge's.
  virtual std::vector<std::string> Log(std::string_view) const { return {}; }
};

// Says that a loaded model's server has ended, and how. On the hosts' loop.
using ModelLost = std::function<void(const std::string& model, const std::string& how)>;

// Ollama's own API: keep_alive loads and unloads, /api/ps says what is loaded.
std::unique_ptr<ModelHost> MakeOllamaHost(HttpClient& http);
// llama.cpp's router: /models, /models/load, /models/unload.
std::unique_ptr<ModelHost> MakeLlamaRouterHost(HttpClient& http);
// vLLM: a server that sleeps and wakes, or adapters of its model (Residency::adapters).
std::unique_ptr<ModelHost> MakeVllmHost(HttpClient& http);
// A process of moerge's for each model (Residency::command).
std::unique_ptr<ModelHost> MakeCommandHost(HttpClient& http, const Executor& loop, ModelLost lost);

}  // namespace moerge
