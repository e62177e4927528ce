// vLLM's ways to free a device (docs.vllm.ai: sleep mode, LoRA adapters): a server for each model
// that sleeps and wakes (VLLM_SERVER_DEV_MODE=1, --enable-sleep-mode), or a server whose adapters
// are loaded and unloaded (VLLM_ALLOW_RUNTIME_LORA_UPDATING=True, --enable-lora).
#include <algorithm>
#include <utility>

#include "adapters/upstream.h"
#include "services/hosts/host_request.h"
#include "services/hosts/model_host.h"

namespace moerge {
namespace {

// A server does not tell at which level it sleeps, and one that is told to sleep while it does
// stays as it is.
enum class SleepLevel { kKeepsWeights = 1, kDropsWeights = 2 };

// A 404 of an address that is there only if the server was started so.
Error WithoutApi(const Backend& backend, Error error, const std::string& how) {
  if (error.code != ErrorCode::kNotFound) return error;
  return {ErrorCode::kNotFound, "backend `" + backend.name + "`: its server has no " + how};
}

class VllmHost final : public ModelHost {
 public:
  explicit VllmHost(HttpClient& http) : http_(http) {}

  Task<Result<HostedModel>> Load(const Backend& backend, std::string model,
                                 CallScope scope) override {
    const auto& adapters = backend.residency.adapters;
    const auto adapter = adapters.find(model);
    Status loaded = Ok{};
    if (adapter != adapters.end()) {
      loaded = co_await LoadAdapter(backend, model, adapter->second, scope);
    } else {
      loaded = co_await WakeFrom(backend, SleepLevel::kDropsWeights, scope);
    }
    if (!loaded) co_return std::move(loaded).error();
    co_return co_await Hosted(backend, std::move(model), scope);
  }

  Task<Result<HostedModel>> Wake(const Backend& backend, std::string model,
                                 CallScope scope) override {
    Status woken = co_await WakeFrom(backend, SleepLevel::kKeepsWeights, scope);
    if (!woken) co_return std::move(woken).error();
    co_return co_await Hosted(backend, std::move(model), scope);
  }

  Task<Status> Unload(const Backend& backend, std::string model, CallScope scope) override {
    if (!backend.residency.adapters.empty()) {
      Status unloaded = co_await UnloadAdapter(backend, std::move(model), scope);
      co_return unloaded;
    }
    co_return co_await SleepAt(backend, SleepLevel::kDropsWeights, scope);
  }

  Task<Status> Sleep(const Backend& backend, std::string, CallScope scope) override {
    return SleepAt(backend, SleepLevel::kKeepsWeights, scope);
  }

  // Over the device: see SleepLevel.
  Task<Status> Drop(const Backend& backend, std::string, CallScope scope) override {
    Status woken = co_await WakeFrom(backend, SleepLevel::kKeepsWeights, scope);
    if (!woken) co_return woken;
    co_return co_await SleepAt(backend, SleepLevel::kDropsWeights, scope);
  }

  Task<Result<std::vector<HostedModel>>> List(const Backend& backend, CallScope scope) override {
    std::vector<HostedModel> models;
    if (backend.residency.adapters.empty()) {
      auto sleeping = co_await IsSleeping(backend, scope);
      if (!sleeping) co_return std::move(sleeping).error();
      if (*sleeping) co_return models;
    }
    auto ids = co_await Ids(backend, scope);
    if (!ids) co_return std::move(ids).error();
    for (std::string& id : *ids) models.push_back({.model = std::move(id)});
    co_return models;
  }

 private:
  static constexpr const char* kSleepApi =
      "sleep mode: start vLLM with VLLM_SERVER_DEV_MODE=1 and --enable-sleep-mode";
  static constexpr const char* kAdapterApi =
      "API for adapters: start vLLM with VLLM_ALLOW_RUNTIME_LORA_UPDATING=True and --enable-lora";

  Task<Result<HostedModel>> Hosted(const Backend& backend, std::string model, CallScope scope) {
    auto serves = co_await Serves(backend, model, scope);
    if (!serves) co_return std::move(serves).error();
    co_return HostedModel{std::move(model)};
  }

  Task<Status> SleepAt(const Backend& backend, SleepLevel level, CallScope scope) {
    std::string path = "/sleep?level=" + std::to_string(static_cast<int>(level));
    auto slept = co_await PostToHost(http_, backend, std::move(path), "", scope);
    if (!slept) co_return WithoutApi(backend, std::move(slept).error(), kSleepApi);
    LookAgain look;
    do {
      auto sleeping = co_await IsSleeping(backend, scope);
      if (!sleeping) co_return std::move(sleeping).error();
      if (*sleeping) co_return Ok{};
    } while (co_await look.Wait(scope));
    co_return TookTooLong(backend, "the server did not fall asleep", scope);
  }

  Task<Result<bool>> IsSleeping(const Backend& backend, CallScope scope) {
    auto body = co_await GetFromHost(http_, backend, "/is_sleeping", scope);
    if (!body) co_return WithoutApi(backend, std::move(body).error(), kSleepApi);
    const auto document = json::Document::Parse(*body);
    if (!document.ok() || !document->root().Find("is_sleeping").is_bool()) {
      co_return NotAnAnswer(backend, "/is_sleeping does not say whether it sleeps");
    }
    co_return document->root().Find("is_sleeping").AsBool().value_or(false);
  }

  Task<Status> WakeFrom(const Backend& backend, SleepLevel level, CallScope scope) {
    auto sleeping = co_await IsSleeping(backend, scope);
    if (!sleeping) co_return std::move(sleeping).error();
    if (!*sleeping) co_return Ok{};
    Status woken = co_await Awaken(backend, level, scope);
    if (!woken) co_return woken;
    LookAgain look;
    do {
      sleeping = co_await IsSleeping(backend, scope);
      if (!sleeping) co_return std::move(sleeping).error();
      if (!*sleeping) co_return Ok{};
    } while (co_await look.Wait(scope));
    co_return TookTooLong(backend, "the server did not wake up", scope);
  }

  // Weights that were dropped are read into their place before the cache gets its own.
  Task<Status> Awaken(const Backend& backend, SleepLevel level, CallScope scope) {
    std::vector<std::pair<std::string, std::string>> steps;
    if (level == SleepLevel::kDropsWeights) {
      steps = {{"/wake_up?tags=weights", ""},
               {"/collective_rpc", R"({"method":"reload_weights"})"},
               {"/wake_up?tags=kv_cache", ""},
               {"/reset_prefix_cache", ""}};
    } else {
      steps.emplace_back("/wake_up", "");
    }
    for (auto& [path, body] : steps) {
      auto done = co_await PostToHost(http_, backend, path, body, scope);
      if (!done) co_return WithoutApi(backend, std::move(done).error(), kSleepApi);
    }
    co_return Ok{};
  }

  Task<Result<std::vector<std::string>>> Ids(const Backend& backend, CallScope scope) {
    auto body = co_await GetFromHost(http_, backend, "/v1/models", scope);
    if (!body) co_return std::move(body).error();
    co_return ModelIds(backend, *body);
  }

  Task<Status> Serves(const Backend& backend, const std::string& model, CallScope scope) {
    auto ids = co_await Ids(backend, scope);
    if (!ids) co_return std::move(ids).error();
    if (std::ranges::find(*ids, model) != ids->end()) co_return Ok{};
    std::string names;
    for (const std::string& id : *ids) names += (names.empty() ? "`" : ", `") + id + "`";
    co_return NotAnAnswer(backend, "its server has " + (names.empty() ? "no model" : names) +
                                       ", not `" + model + "`");
  }

  Task<Status> LoadAdapter(const Backend& backend, const std::string& model,
                           const std::string& path, CallScope scope) {
    std::string more = ",\"lora_path\":";
    json::AppendQuoted(path, &more);
    std::string body = ModelBody("lora_name", model, more);
    auto loaded =
        co_await PostToHost(http_, backend, "/v1/load_lora_adapter", std::move(body), scope);
    // kInvalid: perhaps because it has it already.
    if (loaded || loaded.error().code == ErrorCode::kInvalid) {
      if (loaded) co_return Ok{};
      Status serves = co_await Serves(backend, model, scope);
      if (serves) co_return Ok{};
    }
    co_return WithoutApi(backend, std::move(loaded).error(), kAdapterApi);
  }

  Task<Status> UnloadAdapter(const Backend& backend, std::string model, CallScope scope) {
    std::string body = ModelBody("lora_name", model);
    auto done =
        co_await PostToHost(http_, backend, "/v1/unload_lora_adapter", std::move(body), scope);
    if (done) co_return Ok{};
    // It may be gone already.
    auto ids = co_await Ids(backend, scope);
    if (ids && std::ranges::find(*ids, model) == ids->end()) co_return Ok{};
    co_return WithoutApi(backend, std::move(done).error(), kAdapterApi);
  }

  HttpClient& http_;
};

}  // namespace

std::unique_ptr<ModelHost> MakeVllmHost(HttpClient& http) {
  return std::make_unique<VllmHost>(http);
}

}  // namespace moerge
