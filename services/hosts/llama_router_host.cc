// llama.cpp's router: a load is begun by POST /models/load and has ended once /models says so of
// the model's status (tools/server/README.md of llama.cpp).
#include <optional>
#include <utility>

#include "adapters/upstream.h"
#include "services/hosts/host_request.h"
#include "services/hosts/model_host.h"

namespace moerge {
namespace {

struct RouterStatus {
  std::string value;  // "unloaded", "loading", "loaded", "sleeping", "failed", "downloading"
  bool failed = false;
  std::int64_t exit_code = 0;

  // A sleeping one wakes by its next request.
  bool loaded() const { return value == "loaded" || value == "sleeping"; }
  bool out() const { return value == "unloaded" || value == "failed"; }
};

class LlamaRouterHost final : public ModelHost {
 public:
  explicit LlamaRouterHost(HttpClient& http) : http_(http) {}

  Task<Result<HostedModel>> Load(const Backend& backend, std::string model,
                                 CallScope scope) override {
    auto begun =
        co_await PostToHost(http_, backend, "/models/load", ModelBody("model", model), scope);
    // kInvalid: it is loaded, or being loaded, already.
    if (!begun && begun.error().code != ErrorCode::kInvalid) co_return std::move(begun).error();
    bool was_loading = false;
    int looks = 0;
    LookAgain look;
    do {
      auto status = co_await StatusOf(backend, model, scope);
      if (!status) co_return std::move(status).error();
      if (status->loaded()) co_return HostedModel{std::move(model)};
      was_loading |= status->value == "loading";
      // What failed before may still be said just after a load has begun.
      if (status->out() && (status->failed || status->value == "failed") &&
          (was_loading || ++looks > kStale)) {
        co_return NotAnAnswer(backend, "the load of `" + model +
                                           "` failed: its process ended with " +
                                           std::to_string(status->exit_code));
      }
    } while (co_await look.Wait(scope));
    co_return co_await GiveUp(backend, std::move(model), scope);
  }

  Task<Status> Unload(const Backend& backend, std::string model, CallScope scope) override {
    auto begun =
        co_await PostToHost(http_, backend, "/models/unload", ModelBody("model", model), scope);
    // kInvalid, kNotFound: it is not loaded.
    if (!begun && begun.error().code != ErrorCode::kInvalid &&
        begun.error().code != ErrorCode::kNotFound) {
      co_return std::move(begun).error();
    }
    LookAgain look;
    do {
      auto status = co_await StatusOf(backend, model, scope);
      if (!status && status.error().code != ErrorCode::kNotFound) {
        co_return std::move(status).error();
      }
      if (!status || status->out()) co_return Ok{};
    } while (co_await look.Wait(scope));
    co_return TookTooLong(backend, "`" + model + "` was not unloaded", scope);
  }

  Task<Result<std::vector<HostedModel>>> List(const Backend& backend, CallScope scope) override {
    auto body = co_await GetFromHost(http_, backend, "/models", scope);
    if (!body) co_return std::move(body).error();
    const auto document = json::Document::Parse(*body);
    if (!document.ok() || !document->root().Find("data").is_array()) {
      co_return NotAnAnswer(backend, "/models gives no list of models");
    }
    std::vector<HostedModel> models;
    for (const json::Value each : document->root().Find("data").children()) {
      if (!Read(each).loaded()) continue;
      models.push_back({.model = std::string(each.Find("id").AsString().value_or(""))});
    }
    co_return models;
  }

 private:
  static constexpr int kStale = 3;  // looks

  static RouterStatus Read(json::Value model) {
    const json::Value status = model.Find("status");
    return {.value = std::string(status.Find("value").AsString().value_or("")),
            .failed = status.Find("failed").AsBool().value_or(false),
            .exit_code = status.Find("exit_code").AsInt().value_or(0)};
  }

  Task<Result<RouterStatus>> StatusOf(const Backend& backend, const std::string& model,
                                      CallScope scope) {
    auto body = co_await GetFromHost(http_, backend, "/models", scope);
    if (!body) co_return std::move(body).error();
    const auto document = json::Document::Parse(*body);
    if (!document.ok()) co_return NotAnAnswer(backend, "/models gives no JSON");
    for (const json::Value each : document->root().Find("data").children()) {
      if (each.Find("id").AsString() != std::string_view(model)) continue;
      RouterStatus status = Read(each);
      if (!status.value.empty()) co_return status;
      co_return NotAnAnswer(backend,
                            "/models says nothing of a model's status: is llama-server in "
                            "router mode (started without a model)?");
    }
    co_return Error{ErrorCode::kNotFound,
                    "backend `" + backend.name + "` has no model `" + model + "`"};
  }

  // A load that takes too long is not left to take room behind our back.
  Task<Result<HostedModel>> GiveUp(const Backend& backend, std::string model, CallScope scope) {
    const CallScope little{Deadline::After(std::chrono::seconds(5))};
    auto undone =
        co_await PostToHost(http_, backend, "/models/unload", ModelBody("model", model), little);
    (void)undone;
    co_return TookTooLong(backend, "`" + model + "` was not loaded", scope);
  }

  HttpClient& http_;
};

}  // namespace

std::unique_ptr<ModelHost> MakeLlamaRouterHost(HttpClient& http) {
  return std::make_unique<LlamaRouterHost>(http);
}

}  // namespace moerge
