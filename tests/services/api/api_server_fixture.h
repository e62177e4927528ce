// A whole moerge in one process: HTTP server, API, router and a store in memory, in front of
// experts that a test scripts byte by byte.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/base/hash.h"
#include "config/base/json.h"
#include "registry/decision_log.h"
#include "services/api/api_handler.h"
#include "services/api/feedback_intake.h"
#include "services/api/jobs.h"
#include "services/http/server.h"
#include "tests/support/raw_client.h"
#include "tests/support/raw_server.h"

namespace moerge::test {

// A chat.completion as an expert gives it.
inline std::string Completion(std::string_view text) {
  std::string json = R"({"id":"c1","object":"chat.completion","created":1,"model":"upstream",)"
                     R"("choices":[{"index":0,"message":{"role":"assistant","content":)";
  json::AppendQuoted(text, &json);
  return json + R"(},"finish_reason":"stop"}],)"
                R"("usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}})";
}

inline std::string ChunkEvent(std::string_view text, std::string_view finish = "null") {
  std::string json = R"(data: {"id":"c1","object":"chat.completion.chunk","model":"upstream",)"
                     R"("choices":[{"index":0,"delta":{"content":)";
  json::AppendQuoted(text, &json);
  return json.append(R"(},"finish_reason":)").append(finish).append("}]}\n\n");
}

inline std::string StreamHead() {
  return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
}
// One piece of a chunked body.
inline std::string Piece(std::string_view bytes) {
  char size[24];
  std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
  return std::string(size).append(bytes).append("\r\n");
}

inline std::string StatusOnly(int status, std::string_view headers = "") {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: 2\r\n" +
         std::string(headers) + "\r\n{}";
}

class ApiServer {
 public:
  ApiServer() : tools_(BuiltInTools()), live_(Quiet()), gates_(metrics_) {}
  ~ApiServer() {
    if (server_ != nullptr) server_->Stop(std::chrono::milliseconds(0));
  }

  // Ends the server once all handlers have returned: a reply is out before it is counted and kept.
  void Settle() {
    if (server_ != nullptr) server_->Stop(std::chrono::seconds(10));
    engines_.clear();
    server_.reset();
  }

  // The earlier ones are better at everything, so they are asked first.
  Backend& AddExpert(std::string name, int port) {
    const std::string url = "http://127.0.0.1:" + std::to_string(port) + "/v1";
    Backend backend;
    backend.name = name;
    backend.base_url = url;
    backend.retries = 0;
    Expert expert;
    expert.name = name;
    expert.backend = std::move(name);
    expert.model = "upstream";
    expert.price = {1, 1};
    expert.skills = {{"algebra", 0.95 - 0.3 * static_cast<double>(declared.experts.size())}};
    declared.experts.push_back(std::move(expert));
    declared.backends.push_back(std::move(backend));
    return declared.backends.back();
  }
  void AddTool(std::string name) {
    Expert expert;
    expert.name = name;
    expert.kind = ExpertKind::kTool;
    expert.model = std::move(name);
    expert.skills = {{"algebra", 0.99}};
    declared.experts.push_back(std::move(expert));
  }

  void Start() {
    declared.skills = {Skill{.name = "algebra", .category = {}, .description = {}, .examples = {}}};
    store_ = std::make_unique<StoreThread>(*OpenStore("memory:"), metrics_);
    registry_ = std::make_unique<Registry>(*store_);
    watch_ = std::make_unique<SuccessWatch>(*registry_, *store_, metrics_);
    factory_ = std::make_unique<RouterFactory>(*registry_, *store_, &latencies_);
    const Status started = registry_->Start(declared);
    if (!started) ADD_FAILURE() << started.error().message;
    shared_ = std::make_unique<api::ApiShared>(
        api::ApiShared{*registry_,
                       *store_,
                       gates_,
                       metrics_,
                       tools_,
                       live_,
                       signals_,
                       [this] { return factory_->Current(); },
                       [this] { return factory_->IsTrained(); },
                       {},
                       worker_,
                       latencies_,
                       verifiers_,
                       std::make_shared<api::FeedbackIntake>(
                           *registry_, *store_, [this] { return factory_->Current(); }),
                       turns_,
                       pool_,
                       jobs_,
                       telemetry_,
                       *watch_});
    auto make = [this](const Executor&, int loop) -> std::unique_ptr<http::Handler> {
      const std::vector<api::RouteGroup> groups{
          api::AddChatRoutes, api::AddDryRunRoutes, api::AddModelRoutes, api::AddForwardRoutes,
          api::AddBulkRoutes, api::AddFileRoutes,   api::AddBatchRoutes};
      Engine& engine = engines_[static_cast<std::size_t>(loop)];
      return std::make_unique<api::ApiHandler>(std::make_unique<api::ApiContext>(*shared_, engine),
                                               groups);
    };
    server_ = std::make_unique<http::Server>(http::ServerOptions{}, make, metrics_);
    for (const Executor& loop : server_->loops()) engines_.emplace_back(EngineParts(), loop);
    const Status listening = server_->Start();
    if (!listening) ADD_FAILURE() << listening.error().message;
  }

  std::uint16_t port() const { return server_->port(); }
  StoreThread& store() { return *store_; }
  // Settles.
  std::string MetricsText() {
    Settle();
    return metrics_.Text();
  }
  api::ApiShared& shared() { return *shared_; }
  // For an engine beside the server's own.
  EngineShared EngineParts() {
    return {.store = *store_,
            .gates = gates_,
            .tools = tools_,
            .signals = signals_,
            .router = shared_->router,
            .latencies = latencies_,
            .verifiers = verifiers_,
            .turns = turns_};
  }
  void Configure(Config config) { live_.Set(std::move(config)); }

  // The decisions kept, newest first. Settles.
  std::vector<DecisionRecord> Decisions() {
    std::vector<DecisionRecord> kept;
    Settle();
    store_->Drain();
    DecisionFilter all;
    all.with_json = true;
    store_->Run([&](Store& store) { kept = *store.decisions().List(all); });
    return kept;
  }

  DeclaredState declared;

 private:
  static Config Quiet() {
    ConfigureLog(LogLevel::kOff, LogFormat::kText);
    return Config{};
  }

  Metrics metrics_;
  ToolSet tools_;
  api::LiveConfig live_;
  SignalShared signals_{metrics_};
  Gates gates_;
  ModelTurns turns_{metrics_};
  api::Jobs jobs_{"memory:"};
  Telemetry telemetry_{{}, metrics_};
  LatencyTable latencies_;
  std::unique_ptr<StoreThread> store_;
  std::unique_ptr<Registry> registry_;
  std::unique_ptr<SuccessWatch> watch_;
  std::unique_ptr<RouterFactory> factory_;
  BackgroundWorker worker_;
  WorkPool pool_;
  VerifierRunner verifiers_{SandboxOptions{}};
  std::unique_ptr<api::ApiShared> shared_;
  std::unique_ptr<http::Server> server_;
  std::deque<Engine> engines_;  // they go before the server and its loops do
};

inline std::string Post(std::string_view path, std::string_view body,
                        std::string_view headers = "") {
  return "POST " + std::string(path) +
         " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(headers) + "\r\n" + std::string(body);
}

// A chat request for the skill the fixture's experts have; `fields` begin with a comma.
inline std::string ChatJson(std::string_view fields = "", std::string_view text = "Solve x = 1",
                            std::string_view options = "") {
  std::string json = R"({"model":"auto","messages":[{"role":"user","content":)";
  json::AppendQuoted(text, &json);
  return json + R"(}],"moerge":{"skills":["algebra"])" + std::string(options) + "}" +
         std::string(fields) + "}";
}

// One request on a connection of its own.
inline std::string Exchange(std::uint16_t port, const std::string& request) {
  RawClient client(port);
  client.Send(request);
  return client.ReadReply();
}

}  // namespace moerge::test
