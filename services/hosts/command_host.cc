// A process of moerge's for each model: started from a command line, asked until it is ready,
// ended with TERM and, if that does not help, KILL.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "adapters/upstream.h"
#include "config/base/descriptor.h"
#include "config/base/hash.h"
#include "config/base/log.h"
#include "config/base/random.h"
#include "config/base/system_error.h"
#include "services/hosts/host_request.h"
#include "services/hosts/model_host.h"
#include "services/hosts/server_process.h"

namespace moerge {
namespace {

constexpr std::chrono::seconds kHealthPatience{5};  // of one look

// Below those that Linux gives to connections and to whoever asks for any port, so that nobody else
// is likely to take one before the server does.
constexpr std::uint64_t kFirstPort = 20'000;
constexpr std::uint64_t kPorts = 12'768;
constexpr int kPortTries = 200;

bool IsFree(int port) {
  const Descriptor socket_end(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return socket_end &&
         bind(socket_end.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
}

// One that is free just now.
Result<int> FreePort() {
  Random random(Hash64(RandomId()));
  for (int i = 0; i < kPortTries; ++i) {
    const int port = static_cast<int>(kFirstPort + random.Below(kPorts));
    if (IsFree(port)) return port;
  }
  return SystemError(ErrorCode::kUnavailable, "cannot find", "a free port");
}

std::string Filled(std::string text, std::string_view place, std::string_view value) {
  for (std::size_t at = text.find(place); at != text.npos; at = text.find(place, at)) {
    text.replace(at, place.size(), value);
    at += value.size();
  }
  return text;
}

// What stands in a command line in a model's place is a name, no option and no way out of a folder.
Status CheckCommandModel(const std::string& model) {
  const bool plain = std::ranges::all_of(model, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._:/@+-").find(c) != std::string_view::npos;
  });
  if (plain && !model.empty() && model[0] != '-' && model[0] != '/' &&
      model.find("..") == model.npos) {
    return Ok{};
  }
  return Error{ErrorCode::kInvalid,
               "a model's name that a command is started with must be letters, digits and ._:/@+-, "
               "without `..`, and begin with neither `-` nor `/`: `" +
                   model + "`"};
}

class CommandHost final : public ModelHost {
 public:
  CommandHost(HttpClient& http, const Executor& loop, ModelLost lost)
      : http_(http), loop_(loop), lost_(std::move(lost)) {}

  Task<Result<HostedModel>> Load(const Backend& backend, std::string model,
                                 CallScope scope) override {
    if (Status fine = CheckCommandModel(model); !fine) co_return std::move(fine).error();
    Result<int> port = FreePort();
    if (!port) co_return std::move(port).error();
    Result<Running*> started = StartServer(backend, model, std::to_string(*port));
    if (!started) co_return std::move(started).error();
    const std::string base_url = (*started)->backend.base_url;
    Status ready = co_await AwaitReady(backend, model, scope);
    if (ready) {
      running_.at(model).ready = true;
      co_return HostedModel{std::move(model), 0, base_url};
    }
    LogOf(model)->Note("not ready: " + ready.error().message);
    running_.erase(model);  // killed
    co_return std::move(ready).error();
  }

  Task<Status> Unload(const Backend& backend, std::string model, CallScope) override {
    const auto found = running_.find(model);
    if (found == running_.end()) co_return Ok{};
    found->second.ready = false;  // its end is no surprise
    found->second.process->Signal(SIGTERM);
    const Deadline patience = Deadline::After(backend.residency.stop_timeout);
    const bool ended = co_await found->second.process->AwaitEnd(patience);
    LogOf(model)->Note(ended ? "ended" : "did not end after TERM and is killed");
    running_.erase(model);
    co_return Ok{};
  }

  Task<Result<std::vector<HostedModel>>> List(const Backend&, CallScope) override {
    std::vector<HostedModel> models;
    for (const auto& [model, running] : running_) {
      if (running.ready) models.push_back({model, 0, running.backend.base_url});
    }
    co_return models;
  }

  // All at once.
  Task<void> Stop() override {
    Deadline patience = Deadline::After(std::chrono::seconds(0));
    for (auto& [model, running] : running_) {
      running.ready = false;
      running.process->Signal(SIGTERM);
      const Deadline own = Deadline::After(running.backend.residency.stop_timeout);
      if (own.when() > patience.when()) patience = own;
    }
    while (!running_.empty()) {
      (void)co_await running_.begin()->second.process->AwaitEnd(patience);
      running_.erase(running_.begin());
    }
  }

  std::vector<std::string> Log(std::string_view model) const override {
    const std::lock_guard lock(mutex_);
    const auto found = logs_.find(model);
    return found == logs_.end() ? std::vector<std::string>() : found->second->Lines();
  }

 private:
  struct Running {
    Backend backend;  // where it answers
    std::unique_ptr<ServerProcess> process;
    std::shared_ptr<Cancellation> ended;  // cancelled then
    bool ready = false;                   // its end is a loss
  };

  Result<Running*> StartServer(const Backend& backend, const std::string& model,
                               const std::string& port) {
    running_.erase(model);
    ServerProcess::Command command{.words = backend.residency.command,
                                   .environment = backend.residency.environment};
    const std::string device = DevicesOf(backend).front();
    for (std::string& word : command.words) {
      word =
          Filled(Filled(Filled(word, kPortPlace, port), kDevicePlace, device), kModelPlace, model);
    }
    for (auto& [name, value] : command.environment) value = Filled(value, kDevicePlace, device);
    Running running;
    running.backend = backend;
    running.backend.base_url = Filled(backend.base_url, kPortPlace, port);
    running.ended = std::make_shared<Cancellation>();
    const auto log = LogOf(model);
    auto process = ServerProcess::Start(loop_, command, log, [this, model] { Ended(model); });
    if (!process) {
      log->Note(process.error().message);
      return std::move(process).error();
    }
    log->Note("started as process " + std::to_string((*process)->pid()) + ", port " + port);
    running.process = *std::move(process);
    return &running_.emplace(model, std::move(running)).first->second;
  }

  // Until it answers 200 at the path that says so.
  Task<Status> AwaitReady(const Backend& backend, const std::string& model, CallScope scope) {
    std::shared_ptr<Cancellation> ended = running_.at(model).ended;
    Cancellation::Registration left;
    if (scope.cancellation != nullptr) {
      left = scope.cancellation->OnCancel([ended] { ended->Cancel(); });
    }
    const CallScope whole{scope.deadline, ended.get()};
    std::string last = "it took no connection";
    LookAgain look;
    do {
      const CallScope once{scope.deadline.Within(kHealthPatience), ended.get()};
      auto healthy = co_await AskHealth(running_.at(model).backend, once);
      if (healthy) co_return Ok{};
      last = healthy.error().message;
    } while (co_await look.Wait(whole));
    const ServerProcess& process = *running_.at(model).process;
    if (process.ended()) co_return EndedEarly(backend, model, process);
    Error late = TookTooLong(backend, "`" + model + "` was not ready", scope);
    if (late.code == ErrorCode::kTimeout) {
      late.message += " (" + backend.residency.health + ": " + last + ")";
    }
    co_return late;
  }

  Task<Status> AskHealth(const Backend& at, CallScope scope) {
    auto body = co_await GetFromHost(http_, at, at.residency.health, scope);
    if (!body) co_return std::move(body).error();
    co_return Ok{};
  }

  Error EndedEarly(const Backend& backend, const std::string& model, const ServerProcess& process) {
    const std::string last = LogOf(model)->LastLine();
    return {ErrorCode::kUnavailable,
            "backend `" + backend.name + "`: the server of `" + model + "` " + process.how() +
                " before it was ready" +
                (last.empty() ? std::string() : ": " + ShownText(backend, last))};
  }

  void Ended(const std::string& model) {
    const auto found = running_.find(model);
    if (found == running_.end()) return;
    const std::string how = found->second.process->how();
    LogOf(model)->Note(how);
    found->second.ended->Cancel();
    if (!found->second.ready) return;  // whoever waits for it sees to it
    running_.erase(found);
    lost_(model, how);
  }

  std::shared_ptr<ServerLog> LogOf(const std::string& model) {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<ServerLog>& log = logs_[model];
    if (log == nullptr) log = std::make_shared<ServerLog>();
    return log;
  }

  HttpClient& http_;
  const Executor loop_;
  ModelLost lost_;
  std::map<std::string, Running> running_;
  mutable std::mutex mutex_;  // guards logs_
  std::map<std::string, std::shared_ptr<ServerLog>, std::less<>> logs_;
};

}  // namespace

std::unique_ptr<ModelHost> MakeCommandHost(HttpClient& http, const Executor& loop, ModelLost lost) {
  return std::make_unique<CommandHost>(http, loop, std::move(lost));
}

}  // namespace moerge
