// A pipeline without sockets: experts that answer as a test scripts them, a router that decides as
// it is told, a client that keeps what it gets.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "config/base/event.h"
#include "config/base/json.h"
#include "router/profile/price.h"
#include "services/pipeline/orchestrator.h"
#include "services/verify/verifier_runner.h"
#include "tests/adapters/loop_fixture.h"

namespace moerge::test {

inline Error Fails(ErrorCode code, std::string message = "it broke") {
  return Error{code, std::move(message)};
}

// What an expert does when it is asked once.
struct Play {
  std::vector<std::string> chunks = {};  // texts; a whole answer is the first
  std::optional<Error> error = {};       // after the chunks
  bool wait_for_cancel = false;
  std::string message = {};  // of the first choice, as JSON; empty: there are no choices
  bool throws = false;       // after the chunks
  std::size_t calls = 0;     // it answers once so many were made in all, this one among them
};
inline Play Says(std::string text) { return Play{{std::move(text)}, {}, false, {}}; }
inline Play Throws() { return Play{.throws = true}; }
inline Play Breaks(Error error) { return Play{{}, std::move(error), false, {}}; }

class ScriptedClient final : public ProtocolClient {
 public:
  std::map<std::string, std::deque<Play>> plays;  // by expert; an empty script answers "ok"
  std::vector<std::string> asked;
  std::vector<std::string> bodies;         // of each of those calls
  std::chrono::milliseconds patience{-1};  // of the latest

  Task<Result<ChatReply>> Chat(const ChatCall& call, const CallScope& scope) override {
    const Play play = NextPlay(call);
    if (play.throws) throw std::runtime_error("out of luck");
    co_await AwaitCalls(play.calls);
    if (play.wait_for_cancel) co_await AwaitCancel(scope);
    if (play.error) co_return *play.error;
    ChatReply reply;
    reply.json = R"({"model":"upstream","choices":[)";
    if (!play.message.empty()) {
      reply.json += R"({"index":0,"finish_reason":"stop","message":)" + play.message + "}";
    }
    reply.json += "]}";
    reply.model_begin = 9;
    reply.model_end = 19;
    reply.content = play.chunks.empty() ? "ok" : play.chunks.front();
    reply.usage = Usage{1000, 500, false};
    co_return reply;
  }

  Task<Result<StreamSummary>> Stream(const ChatCall& call, ChunkSink& sink,
                                     const CallScope& scope) override {
    const Play play = NextPlay(call);
    for (const std::string& text : play.chunks) {
      const ChatChunk chunk{text, 0, 0};
      Status sent = co_await sink.Write(chunk);
      if (!sent) co_return std::move(sent).error();
    }
    if (play.throws) throw std::runtime_error("out of luck");
    if (play.wait_for_cancel) co_await AwaitCancel(scope);
    if (play.error) co_return *play.error;
    co_return StreamSummary{};
  }

  Task<Result<RawReply>> Forward(const ChatCall& call, std::string_view path,
                                 const CallScope&) override {
    const Play play = NextPlay(call);
    if (play.error) co_return *play.error;
    co_return RawReply{200, "application/json", std::string(path)};
  }

 private:
  Play NextPlay(const ChatCall& call) {
    asked.push_back(call.expert->name);
    for (Event* event : std::exchange(waiting_, {})) event->Set();
    bodies.emplace_back(call.body->text());
    patience = call.patience;
    std::deque<Play>& script = plays[call.expert->name];
    if (script.empty()) return Says("ok");
    Play play = script.front();
    script.pop_front();
    return play;
  }

  Task<void> AwaitCalls(std::size_t count) {
    while (asked.size() < count) {
      Event more(co_await ThisLoop());
      waiting_.push_back(&more);
      co_await more.Wait();
    }
  }

  static Task<void> AwaitCancel(const CallScope& scope) {
    Event left(co_await ThisLoop());
    const auto registration = scope.cancellation->OnCancel([&left] { left.Set(); });
    co_await left.Wait();
  }

  std::vector<Event*> waiting_;  // for more calls
};

// Decides what the test says.
class FixedRouter final : public Router {
 public:
  explicit FixedRouter(SnapshotPtr snapshot) : snapshot_(std::move(snapshot)) {}
  std::vector<std::string> roster;
  std::vector<float> weights;  // of the roster's first seats; 1 for the others
  std::vector<std::string> fallbacks;
  std::map<std::string, float> expected;  // by expert: the candidates
  std::string skill;
  Blocker blocker;

  void Use(SnapshotPtr snapshot) { snapshot_ = std::move(snapshot); }

  const SnapshotPtr& snapshot() const override { return snapshot_; }
  Decision Route(const RouteRequest&, const Policy& policy, const Health*) const override {
    Decision decision = NewDecision();
    decision.policy = policy.name;
    if (!skill.empty()) decision.demand.skills.push_back({InternSkill(skill), 0.9f});
    for (const auto& name : roster) {
      const std::size_t place = decision.roster.size();
      decision.roster.push_back({InternExpert(name), place < weights.size() ? weights[place] : 1});
    }
    for (const auto& [name, score] : expected) {
      const ExpertEntry* entry = snapshot_->FindExpert(name);
      decision.candidates.push_back(
          {.expert = InternExpert(name),
           .expected = score,
           .price = entry == nullptr ? 0 : BlendedPrice(entry->spec.price)});
    }
    for (const auto& name : fallbacks) decision.fallbacks.push_back(InternExpert(name));
    decision.blocker = blocker;
    return decision;
  }
  Demand Infer(const RouteRequest&, const Policy&) const override { return {}; }
  Decision Direct(const RouteRequest&, const ExpertEntry& expert) const override {
    Decision decision = NewDecision();
    decision.roster.push_back({expert.id, 1});
    return decision;
  }

 private:
  Decision NewDecision() const {
    Decision decision;
    decision.id = "0123456789abcdef0123456789abcdef";
    decision.time = WallTime(std::chrono::seconds(1'700'000'000));
    decision.revision = snapshot_->revision;
    return decision;
  }
  SnapshotPtr snapshot_;
};

class KeptStream final : public ClientStream {
 public:
  std::vector<std::string> chunks;
  bool client_left = false;

  bool answering() const override { return !chunks.empty(); }
  int comments = 0;
  std::vector<std::string> progress;
  Task<Status> Progress(std::string_view happened) override {
    progress.emplace_back(happened);
    co_return Ok{};
  }
  Task<Status> KeepAlive() override {
    ++comments;
    co_return Ok{};
  }
  Task<Status> Write(const ChatChunk& chunk) override {
    if (client_left) co_return Fails(ErrorCode::kCancelled, "left");
    chunks.emplace_back(chunk.json);
    co_return Ok{};
  }
};

inline Expert LlmExpert(std::string name) {
  Expert expert;
  expert.name = std::move(name);
  expert.backend = "gpu";
  expert.model = "upstream-" + expert.name;  // limits of rate are a model's
  expert.price = {2, 4};
  return expert;
}

inline Expert ToolExpert(std::string name, std::string tool) {
  Expert expert;
  expert.name = std::move(name);
  expert.kind = ExpertKind::kTool;
  expert.model = std::move(tool);
  return expert;
}

struct PipelineFixture : LoopFixture {
  PipelineFixture() : tools(BuiltInTools()), gates(metrics), backend_gates(gates, &latencies) {
    Backend backend;
    backend.name = "gpu";
    backend.base_url = "http://127.0.0.1:1/v1";
    backend.retries = 2;
    state.backends = {backend};
    state.experts = {LlmExpert("first"), LlmExpert("second"),
                     ToolExpert("calculator", "arithmetic")};
    auto client = std::make_unique<ScriptedClient>();
    script = client.get();
    protocols.Put(Protocol::kOpenAi, std::move(client));
  }

  ExpertCaller::Parts CallerParts() {
    return {.protocols = protocols,
            .gates = backend_gates,
            .random = random,
            .rules = rules,
            .latencies = &latencies};
  }

  // Puts a changed `state` in force; what the router was told to decide stays.
  void Restate() { router().Use(*BuildSnapshot(state, {})); }

  // The router, made from `state` when first asked for.
  FixedRouter& router() {
    if (router_ == nullptr) router_ = std::make_shared<FixedRouter>(*BuildSnapshot(state, {}));
    return *router_;
  }

  ChatRequest Request(std::string text = "What is 2 + 3?") {
    ChatRequest request;
    std::string body = R"({"messages":[{"role":"user","content":)";
    json::AppendQuoted(text, &body);
    request.body = *ChatBody::Parse(body + "}]}");
    request.route.text.user =
        *(*request.body->Field("messages").children().begin()).Find("content").AsString();
    request.route.prompt_tokens = 1000;
    request.model = "auto";
    return request;
  }

  Result<ChatReply> Ask(ChatRequest&& request, ClientStream* stream = nullptr) {
    return Ask(request, stream);
  }
  Result<ChatReply> Ask(ChatRequest& request, ClientStream* stream = nullptr) {
    return RunTask(MakeOrchestrator().Chat(request, stream, scope, record));
  }
  // A new one each time; the one before goes.
  Orchestrator& MakeOrchestrator() {
    router();
    caller_.emplace(CallerParts());
    trials.emplace(*caller_, executor());
    return orchestrator_.emplace([this]() -> RouterPtr { return router_; }, backend_gates,
                                 Dispatcher::Parts{.caller = *caller_,
                                                   .tools = tools,
                                                   .verifiers = &verifiers,
                                                   .trials = with_trials ? &*trials : nullptr});
  }

  // "first:failed second:ok", in order.
  std::string Attempts() const {
    std::string text;
    for (const Attempt& attempt : record.attempts) {
      if (!text.empty()) text += " ";
      text.append(NameOf(attempt.expert)).append(":").append(AttemptOutcomeName(attempt.outcome));
    }
    return text;
  }

  // How many answers of an expert were timed.
  std::uint64_t Timed(std::string_view expert) const {
    const ExpertLatency* of = latencies.Find(InternExpert(expert));
    return of == nullptr ? 0 : of->answers().count();
  }

  DeclaredState state;
  Metrics metrics;
  LatencyTable latencies;
  ToolSet tools;
  Gates gates;
  BackendGates backend_gates;
  Random random{7};
  RetryRules rules{std::chrono::milliseconds(1), std::chrono::milliseconds(2),
                   std::chrono::seconds(1)};
  VerifierRunner verifiers{SandboxOptions{}};
  ProtocolSet protocols{nullptr};
  ScriptedClient* script = nullptr;
  Cancellation cancellation;
  CallScope scope{Deadline::Never(), &cancellation};
  ChatRecord record;
  bool with_trials = false;  // of backends that fail, beside requests
  std::optional<BackendTrials> trials;

 private:
  std::shared_ptr<FixedRouter> router_;
  std::optional<ExpertCaller> caller_;
  std::optional<Orchestrator> orchestrator_;
};

}  // namespace moerge::test
