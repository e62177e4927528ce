#include "services/app.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "adapters/gate.h"
#include "config/backend_notes.h"
#include "config/base/log.h"
#include "config/base/metrics.h"
#include "registry/latency_keeper.h"
#include "registry/registry.h"
#include "registry/store_thread.h"
#include "router/router.h"
#include "services/access/first_link.h"
#include "services/api/admin/admin_routes.h"
#include "services/api/api_handler.h"
#include "services/api/batch_answerer.h"
#include "services/api/context.h"
#include "services/api/feedback_intake.h"
#include "services/api/jobs.h"
#include "services/background_worker.h"
#include "services/dashboard/serve.h"
#include "services/declared.h"
#include "services/engine/engine.h"
#include "services/evaluate/evaluation_runner.h"
#include "services/hosts/host_loop.h"
#include "services/http/descriptors.h"
#include "services/http/server.h"
#include "services/jobs/batch_runner.h"
#include "services/memory_trimmer.h"
#include "services/pipeline/tool_set.h"
#include "services/policy_check.h"
#include "services/signals/embedding_trainer.h"
#include "services/signals/signal_shared.h"
#include "services/telemetry/telemetry.h"
#include "services/watch/success_watch.h"

namespace moerge {
namespace {

// At most as many as there are descriptors for, with those of calls to experts.
int RoomForConnections(int wanted) {
  const std::size_t descriptors = http::RaiseDescriptorLimit(http::DescriptorsFor(wanted));
  const int connections = http::ConnectionsWithin(descriptors, wanted);
  if (connections < wanted) {
    LogInfo(
        "fewer connections are served than server.max_connections allows, since this process may "
        "open too few files; raise that limit (ulimit -n, LimitNOFILE of systemd)",
        {{"connections", connections}, {"files", descriptors}});
  }
  return connections;
}

http::ServerOptions OptionsOf(const ServerConfig& config) {
  http::ServerOptions options;
  options.host = config.host;
  options.port = config.port;
  options.threads = config.threads > 0
                        ? config.threads
                        : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  options.max_body_bytes = config.max_body_bytes;
  options.max_pending_body_bytes = config.max_pending_body_bytes;
  options.max_header_bytes = config.max_header_bytes;
  options.max_connections = RoomForConnections(config.max_connections);
  options.header_timeout = config.header_timeout;
  options.body_timeout = config.body_timeout;
  options.idle_timeout = config.idle_timeout;
  return options;
}

const std::vector<api::RouteGroup>& RouteGroups() {
  static const std::vector<api::RouteGroup> kGroups = {
      api::AddChatRoutes,  api::AddDryRunRoutes,   api::AddModelRoutes, api::AddForwardRoutes,
      api::AddBulkRoutes,  api::AddFileRoutes,     api::AddBatchRoutes, api::AddBatchProgressRoutes,
      api::AddAdminRoutes, api::AddDashboardRoutes};
  return kGroups;
}

bool SameWhereFixed(const Config& a, const Config& b) {
  return a.server.host == b.server.host && a.server.port == b.server.port &&
         a.server.threads == b.server.threads && a.store.url == b.store.url;
}

// What is in force until a restart.
void KeepWhatIsFixed(const Config& old, Config* config) {
  config->server.host = old.server.host;
  config->server.port = old.server.port;
  config->server.threads = old.server.threads;
  config->store.url = old.store.url;
}

// Where others reach the server, a reload must not take the last key away.
Status StaysClosed(const Config& config, const DeclaredState& declared, const Snapshot& current) {
  if (IsLoopback(config.server.host) || !declared.keys.empty()) return Ok{};
  const bool stored = std::ranges::any_of(
      current.keys, [](const ApiKey& key) { return key.origin == Origin::kStore; });
  if (stored) return Ok{};
  return Error{.code = ErrorCode::kConflict,
               .message =
                   "other machines reach this server, so that it wants a key: the file has "
                   "none any more, and the store has none either",
               .param = "keys"};
}

void LogNotes(const std::vector<Backend>& backends) {
  for (const std::string& note : NotesOf(backends)) LogWarning(note, {});
}

SandboxOptions SandboxOptionsOf(const SandboxConfig& config) {
  SandboxOptions options;
  options.enabled = config.enabled;
  options.parallel = config.parallel;
  options.queued = static_cast<std::size_t>(config.queue);
  options.max_timeout = config.max_timeout;
  options.memory_bytes = config.memory_bytes;
  return options;
}

}  // namespace

// Members are destroyed from the last to the first: the server, then what its handlers use.
struct App::Impl {
  explicit Impl(Config c)
      : tools(BuiltInTools()),
        live(std::move(c)),
        gates(metrics),
        turns(metrics, &hosts),
        signals(metrics),
        telemetry(live.Current()->telemetry, metrics) {}

  Status Open();
  Status CloseToOthers();
  Status Serve();
  void MakeEngines();
  void MakeBatches();

  Metrics metrics;
  ToolSet tools;
  api::LiveConfig live;
  Gates gates;
  HostLoop hosts;
  ModelTurns turns;
  SignalShared signals;
  Telemetry telemetry;
  LatencyTable latencies;
  std::unique_ptr<StoreThread> store;
  std::unique_ptr<Registry> registry;
  std::unique_ptr<LatencyKeeper> keeper;
  std::unique_ptr<SuccessWatch> watch;
  std::unique_ptr<RouterFactory> router;
  std::unique_ptr<EmbeddingTrainer> embeddings;
  BackgroundWorker worker;
  WorkPool pool;
  std::unique_ptr<VerifierRunner> verifiers;
  std::function<Result<std::uint64_t>(const ChangeAuthor&)> reload;
  std::unique_ptr<api::Jobs> jobs;
  std::unique_ptr<api::ApiShared> shared;
  std::unique_ptr<http::Server> server;
  std::deque<Engine> engines;  // one per event loop of the server; they go before the loops do
  std::unique_ptr<api::ApiContext> batch_context;
  std::unique_ptr<BatchRunner> batches;
  std::unique_ptr<EvaluationRunner> evaluations;
  std::mutex reloading;
  bool wants_first_key = false;
  bool serves = false;      // its loops run
  std::string first_token;  // empty: there is no need for one
  std::unique_ptr<MemoryTrimmer> trimmer;
};

Status App::Impl::Open() {
  const auto config = live.Current();
  Result<std::unique_ptr<Store>> opened = OpenStore(config->store.url);
  if (!opened) return std::move(opened).error();
  store = std::make_unique<StoreThread>(*std::move(opened), metrics);
  store->SetRetention(RetentionOf(*config));
  registry = std::make_unique<Registry>(*store);
  keeper = std::make_unique<LatencyKeeper>(latencies, *registry, *store);
  watch = std::make_unique<SuccessWatch>(*registry, *store, metrics);
  router = std::make_unique<RouterFactory>(*registry, *store, &latencies);
  embeddings = std::make_unique<EmbeddingTrainer>(*registry, *store, gates, signals);
  registry->OnPublish([this](const SnapshotPtr& snapshot) { turns.Learn(*snapshot); });
  Result<DeclaredState> declared = Declare(*config, tools);
  if (!declared) return std::move(declared).error();
  if (Status started = registry->Start(*std::move(declared)); !started) return started;
  LogNotes(registry->Current()->backends);
  return CloseToOthers();
}

// Without a key everybody administers the server who reaches it. So there is always one where that
// is more than this machine, before anything is listened to.
Status App::Impl::CloseToOthers() {
  if (IsLoopback(live.Current()->server.host)) return Ok{};
  const SnapshotPtr snapshot = registry->Current();
  wants_first_key = WantsFirstKey(snapshot->keys);
  if (!wants_first_key || !snapshot->keys.empty()) return Ok{};
  StoreChange change;
  change.put_keys = {UnusedFirstKey()};
  change.by.through = "command line";
  Result<std::uint64_t> closed = registry->ChangeAndWait(std::move(change));
  return closed ? Status(Ok{}) : Status(std::move(closed).error());
}

Status App::Impl::Serve() {
  metrics.GetGauge("moerge_build_info", "1, with what runs", {{"version", MOERGE_VERSION}}).Set(1);
  verifiers = std::make_unique<VerifierRunner>(SandboxOptionsOf(live.Current()->sandbox));
  jobs = std::make_unique<api::Jobs>(live.Current()->store.url);
  shared = std::make_unique<api::ApiShared>(api::ApiShared{
      *registry, *store, gates, metrics, tools, live, signals, [this] { return router->Current(); },
      [this] { return router->IsTrained(); }, reload, worker, latencies, *verifiers,
      std::make_shared<api::FeedbackIntake>(*registry, *store,
                                            [this] { return router->Current(); }),
      turns, pool, *jobs, telemetry, *watch});
  if (wants_first_key) first_token = shared->access->first.Offer();
  auto make = [this](const Executor&, int loop) -> std::unique_ptr<http::Handler> {
    Engine& engine = engines[static_cast<std::size_t>(loop)];
    return std::make_unique<api::ApiHandler>(std::make_unique<api::ApiContext>(*shared, engine),
                                             RouteGroups());
  };
  server =
      std::make_unique<http::Server>(OptionsOf(live.Current()->server), std::move(make), metrics);
  trimmer = std::make_unique<MemoryTrimmer>(server->loops());
  MakeEngines();
  MakeBatches();
  Status started = server->Start();
  if (!started) return started;
  serves = true;
  batches->Start();
  evaluations->Start();
  return started;
}

// On the first loop, beside what clients ask there; evaluations too.
void App::Impl::MakeBatches() {
  batch_context = std::make_unique<api::ApiContext>(*shared, engines.front());
  auto answerer = [this] { return api::MakeBatchAnswerer(*batch_context); };
  batches = std::make_unique<BatchRunner>(
      BatchRunner::Parts{.store = *store,
                         .disk = jobs->disk,
                         .room = jobs->room,
                         .metrics = metrics,
                         .loop = engines.front().loop(),
                         .make_answerer = answerer,
                         .max_line = live.Current()->server.max_body_bytes});
  jobs->wake = [this] { batches->Wake(); };
  evaluations =
      std::make_unique<EvaluationRunner>(EvaluationRunner::Parts{.registry = *registry,
                                                                 .store = *store,
                                                                 .disk = jobs->disk,
                                                                 .room = jobs->room,
                                                                 .loop = engines.front().loop(),
                                                                 .make_answerer = answerer});
  jobs->evaluations = evaluations.get();
}

void App::Impl::MakeEngines() {
  const EngineShared common{.store = *store,
                            .gates = gates,
                            .tools = tools,
                            .signals = signals,
                            .router = shared->router,
                            .latencies = latencies,
                            .verifiers = *verifiers,
                            .turns = turns};
  for (const Executor& loop : server->loops()) engines.emplace_back(common, loop);
}

App::App(Config config) : impl_(std::make_unique<Impl>(std::move(config))) {
  impl_->reload = [this](const ChangeAuthor& by) { return Reload(by); };
}

App::~App() { Stop(); }

Status App::Start() {
  if (Status opened = impl_->Open(); !opened) return opened;
  return impl_->Serve();
}

std::uint16_t App::port() const { return impl_->server->port(); }

std::string App::first_link() const {
  const std::string& token = impl_->first_token;
  const bool good = !token.empty() && impl_->shared->access->first.Is(token);
  return good ? "/first/" + token : std::string();
}

bool App::WaitTrained(Deadline deadline) const { return impl_->router->WaitTrained(deadline); }

Result<std::uint64_t> App::Reload(const ChangeAuthor& by) {
  const std::lock_guard one_at_a_time(impl_->reloading);
  const auto old = impl_->live.Current();
  if (old->file.empty()) {
    return Error{ErrorCode::kConflict,
                 "this server runs without a configuration file, so there is none to reload; start "
                 "it with --config FILE"};
  }
  Result<Config> config = LoadConfig(old->file, CheckDeclaredPolicy);
  if (!config) return std::move(config).error();
  Result<DeclaredState> declared = Declare(*config, impl_->tools);
  if (!declared) return std::move(declared).error();
  if (Status closed = StaysClosed(*old, *declared, *impl_->registry->Current()); !closed) {
    return std::move(closed).error();
  }
  ChangeAuthor author = by;
  author.through = "reload";
  Result<std::uint64_t> revision =
      impl_->registry->Redeclare(*std::move(declared), std::move(author));
  if (!revision) return revision;
  if (!SameWhereFixed(*old, *config)) {
    LogWarning("a change of server.listen, server.threads or store needs a restart",
               {{"file", old->file}});
    KeepWhatIsFixed(*old, &*config);
  }
  impl_->store->SetRetention(RetentionOf(*config));
  ConfigureLog(config->server.log_level, config->server.log_format);
  LogNotes(config->backends);
  LogInfo("configuration reloaded", {{"file", old->file}, {"revision", *revision}});
  impl_->live.Set(*std::move(config));
  return revision;
}

void App::Stop() {
  if (impl_->server == nullptr) return;
  impl_->jobs->stopping = true;
  impl_->batches->Stop();
  impl_->evaluations->Stop();
  if (std::exchange(impl_->serves, false)) {
    for (Engine& engine : impl_->engines) engine.Stop();
  }
  impl_->shared->live->Close();
  impl_->server->Stop(impl_->live.Current()->server.shutdown_grace);
  impl_->turns.Stop();
  // What these hand back to an event loop arrives while the loop is there.
  impl_->worker.Join();
  impl_->pool.Join();
  impl_->jobs->disk.Join();
  impl_->verifiers.reset();
  impl_->keeper->Save();
  impl_->store->Drain();
}

}  // namespace moerge
