// Ollama's API: a request without a prompt loads a model, with `keep_alive` 0 it unloads it;
// /api/ps lists what is loaded and what each takes (docs.ollama.com/api).
#include <utility>

#include "adapters/upstream.h"
#include "config/base/log.h"
#include "services/hosts/host_request.h"
#include "services/hosts/model_host.h"

namespace moerge {
namespace {

constexpr std::string_view kLatest = ":latest";
constexpr std::int64_t kMostBytes = std::int64_t{1} << 50;  // no device has more

// `x` is the same as `x:latest`.
std::string_view ShortName(std::string_view model) {
  if (model.ends_with(kLatest)) model.remove_suffix(kLatest.size());
  return model;
}

// On the device; of a model that is on none, in the host's memory.
std::int64_t BytesOf(json::Value model) {
  const std::int64_t device = model.Find("size_vram").AsInt().value_or(0);
  const std::int64_t bytes = device != 0 ? device : model.Find("size").AsInt().value_or(0);
  if (bytes >= 0 && bytes <= kMostBytes) return bytes;
  LogWarning("a model's footprint as its server says is impossible; what the expert declares holds",
             {{"model", model.Find("name").AsString().value_or("")}, {"bytes", bytes}});
  return 0;
}

class OllamaHost final : public ModelHost {
 public:
  explicit OllamaHost(HttpClient& http) : http_(http) {}

  Task<Result<HostedModel>> Load(const Backend& backend, std::string model,
                                 CallScope scope) override {
    std::string body = ModelBody("model", model, R"(,"keep_alive":-1,"stream":false)");
    auto reply = co_await PostToHost(http_, backend, "/api/generate", std::move(body), scope);
    if (!reply) co_return std::move(reply).error();
    if (Status right = CheckReply(backend, model, *reply); !right)
      co_return std::move(right).error();
    auto listed = co_await List(backend, scope);
    if (!listed) co_return std::move(listed).error();
    for (HostedModel& each : *listed) {
      if (ShortName(each.model) != ShortName(model)) continue;
      co_return HostedModel{std::move(model), each.bytes};
    }
    co_return NotAnAnswer(backend,
                          "it says that it loaded `" + model + "`, but /api/ps does not list it");
  }

  Task<Status> Unload(const Backend& backend, std::string model, CallScope scope) override {
    std::string body = ModelBody("model", model, R"(,"keep_alive":0,"stream":false)");
    auto reply = co_await PostToHost(http_, backend, "/api/generate", std::move(body), scope);
    if (!reply && reply.error().code != ErrorCode::kNotFound) co_return std::move(reply).error();
    LookAgain look;
    do {
      auto listed = co_await List(backend, scope);
      if (!listed) co_return std::move(listed).error();
      bool there = false;
      for (const HostedModel& each : *listed) there |= ShortName(each.model) == ShortName(model);
      if (!there) co_return Ok{};
    } while (co_await look.Wait(scope));
    co_return TookTooLong(backend, "`" + model + "` was not unloaded", scope);
  }

  // With both names of a model that has two.
  Task<Result<std::vector<HostedModel>>> List(const Backend& backend, CallScope scope) override {
    auto body = co_await GetFromHost(http_, backend, "/api/ps", scope);
    if (!body) co_return std::move(body).error();
    const auto document = json::Document::Parse(*body);
    if (!document.ok() || !document->root().Find("models").is_array()) {
      co_return NotAnAnswer(backend, "/api/ps gives no list of models");
    }
    std::vector<HostedModel> models;
    for (const json::Value each : document->root().Find("models").children()) {
      const std::string name(each.Find("name").AsString().value_or(""));
      const std::int64_t bytes = BytesOf(each);
      models.push_back({.model = name, .bytes = bytes});
      if (ShortName(name) != name) {
        models.push_back({.model = std::string(ShortName(name)), .bytes = bytes});
      }
    }
    co_return models;
  }

 private:
  static Status CheckReply(const Backend& backend, std::string_view model, std::string_view reply) {
    const auto document = json::Document::Parse(reply);
    if (!document.ok()) return NotAnAnswer(backend, "the answer to a load is no JSON");
    const json::Value root = document->root();
    if (root.Find("error").present()) return ErrorInAnswer(backend, "the load failed", reply);
    const std::string_view loaded = root.Find("model").AsString().value_or("");
    if (ShortName(loaded) == ShortName(model)) return Ok{};
    return NotAnAnswer(backend, "asked to load `" + std::string(model) + "`, it answers for `" +
                                    std::string(loaded) + "`");
  }

  HttpClient& http_;
};

}  // namespace

std::unique_ptr<ModelHost> MakeOllamaHost(HttpClient& http) {
  return std::make_unique<OllamaHost>(http);
}

}  // namespace moerge
