#include "tests/support/model_servers.h"

#include <utility>

#include "config/base/json.h"

namespace moerge::test {
namespace {

std::string ReplyWith(int status, const std::string& body) {
  std::string reply = OkReply(body);
  if (status != 200)
    reply.replace(0, reply.find("\r\n"), "HTTP/1.1 " + std::to_string(status) + " X");
  return reply;
}

// A string member of a body, or "".
std::string MemberOf(std::string_view body, std::string_view key) {
  const auto document = json::Document::Parse(body);
  if (!document.ok()) return {};
  return std::string(document->root().Find(key).AsString().value_or(""));
}

std::string Quoted(std::string_view text) {
  std::string out;
  json::AppendQuoted(text, &out);
  return out;
}

std::string IdList(const std::vector<std::string>& ids) {
  std::string out;
  for (const std::string& id : ids) {
    out += (out.empty() ? "" : ",") + std::string(R"({"object":"model","id":)") + Quoted(id) + "}";
  }
  return R"({"object":"list","data":[)" + out + "]}";
}

}  // namespace

ModelServer::ModelServer(std::vector<std::string> models) {
  for (std::string& model : models) models_[std::move(model)];
}

ModelServer::~ModelServer() = default;

void ModelServer::Start() {
  server_ = std::make_unique<RawServer>([this](RawPeer& peer) { Serve(peer); });
}

void ModelServer::End() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  resumed_.notify_all();
  server_.reset();
}

std::vector<std::string> ModelServer::events() const {
  const std::lock_guard lock(mutex_);
  return events_;
}

std::vector<std::string> ModelServer::posts() const {
  const std::lock_guard lock(mutex_);
  return posts_;
}

std::vector<std::string> ModelServer::loaded() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, model] : models_) {
    if (model.loaded) names.push_back(name);
  }
  return names;
}

void ModelServer::SetLoaded(const std::string& model, bool loaded) {
  const std::lock_guard lock(mutex_);
  models_[model].loaded = loaded;
}

void ModelServer::Break(const std::string& model) {
  const std::lock_guard lock(mutex_);
  models_[model].broken = true;
}

void ModelServer::Hang(const std::string& model) {
  const std::lock_guard lock(mutex_);
  models_[model].hangs = true;
}

void ModelServer::HoldChats() {
  const std::lock_guard lock(mutex_);
  chats_held_ = true;
}

void ModelServer::Resume() {
  {
    const std::lock_guard lock(mutex_);
    chats_held_ = false;
    for (auto& [name, model] : models_) model.hangs = model.broken = false;
  }
  resumed_.notify_all();
}

ModelServer::Model* ModelServer::Find(std::string_view model) {
  const auto found = models_.find(model);
  return found == models_.end() ? nullptr : &found->second;
}

bool ModelServer::Load(std::string_view name) {
  Model& model = models_.find(name)->second;
  resumed_.wait(*held_, [&] { return !model.hangs || ending_; });
  if (model.broken) {
    Note("failed " + std::string(name));
    return false;
  }
  if (!std::exchange(model.loaded, true)) Note("load " + std::string(name));
  return true;
}

void ModelServer::Unload(std::string_view name) {
  if (std::exchange(models_.find(name)->second.loaded, false)) Note("unload " + std::string(name));
}

ModelServer::Reply ModelServer::Error(int status, std::string_view message) {
  return {status, R"({"error":{"message":)" + Quoted(message) + "}}"};
}

void ModelServer::Serve(RawPeer& peer) {
  for (std::string request = peer.ReadRequest(); !request.empty(); request = peer.ReadRequest()) {
    const std::string_view text = request;
    const std::string_view method = text.substr(0, text.find(' '));
    std::string_view target = text.substr(method.size() + 1);
    target = target.substr(0, target.find(' '));
    const std::string_view body = text.substr(text.find("\r\n\r\n") + 4);
    Reply reply;
    {
      std::unique_lock lock(mutex_);
      held_ = &lock;
      if (method == "POST" && target != "/v1/chat/completions") posts_.emplace_back(target);
      if (!key.empty() && text.find("Authorization: Bearer " + key + "\r\n") == text.npos) {
        reply = Error(401, "Invalid API Key");
      } else {
        reply = target == "/v1/chat/completions" ? Chat(body) : Answer(method, target, body);
      }
      if (ending_) return;
    }
    if (!peer.Send(ReplyWith(reply.status, reply.body))) return;
  }
}

ModelServer::Reply ModelServer::Chat(std::string_view body) {
  const std::string name = MemberOf(body, "model");
  const Model* const model = Find(name);
  const bool loaded = model != nullptr && model->loaded;
  const std::string wrong = loaded ? WrongWith(name) : "not loaded";
  Note("chat " + name + (wrong.empty() ? "" : " (" + wrong + ")"));
  resumed_.wait(*held_, [&] { return !chats_held_ || ending_; });
  if (model != nullptr && !model->loaded) Note("unloaded under " + name);
  return {200,
          R"({"id":"c","object":"chat.completion","created":1,"model":)" + Quoted(name) +
              R"(,"choices":[{"index":0,"message":{"role":"assistant","content":"I am )" + name +
              R"("},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,)"
              R"("total_tokens":2}})"};
}

ModelServer::Reply OllamaServer::Answer(std::string_view method, std::string_view target,
                                        std::string_view body) {
  if (method == "GET" && target == "/api/ps") {
    std::string list;
    for (const auto& [name, model] : models_) {
      if (!model.loaded) continue;
      const std::string full = Quoted(name.find(':') == name.npos ? name + ":latest" : name);
      list += (list.empty() ? "" : ",") + (R"({"name":)" + full) + R"(,"model":)" + full +
              R"(,"size":)" + std::to_string(bytes + 1) + R"(,"size_vram":)" +
              std::to_string(bytes) + R"(,"expires_at":"2318-01-01T00:00:00Z"})";
    }
    return {200, R"({"models":[)" + list + "]}"};
  }
  if (method != "POST" || target != "/api/generate") return {404, "404 page not found"};
  const std::string name = MemberOf(body, "model");
  if (Find(name) == nullptr) {
    return {404, R"({"error":"model ')" + name + R"(' not found"})"};
  }
  const bool unloads = body.find(R"("keep_alive":0)") != body.npos;
  if (unloads) Unload(name);
  if (!unloads && !Load(name)) {
    return {500, R"({"error":"model requires more system memory than is available"})"};
  }
  return {200, R"({"model":)" + Quoted(answers_for.empty() ? name : answers_for) +
                   R"(,"created_at":"2026-01-01T00:00:00Z","response":"","done":true,)"
                   R"("done_reason":")" +
                   (unloads ? "unload" : "load") + "\"}"};
}

ModelServer::Reply LlamaRouterServer::Answer(std::string_view method, std::string_view target,
                                             std::string_view body) {
  if (method == "GET" && target == "/models") {
    std::string list;
    for (auto& [name, model] : models_) {
      std::string status = R"({"value":"unloaded","args":[]})";
      if (model.loaded) status = R"({"value":"loaded","args":[]})";
      if (const auto loading = looks_left_.find(name); loading != looks_left_.end()) {
        status = R"({"value":"loading","args":[]})";
        if (!model.hangs && loading->second-- == 0) {
          looks_left_.erase(loading);
          Load(name);
        }
      } else if (model.broken) {
        status = R"({"value":"unloaded","args":[],"failed":true,"exit_code":1})";
      }
      list += (list.empty() ? "" : ",") + (R"({"id":)" + Quoted(name)) +
              R"(,"object":"model","status":)" + status + "}";
    }
    return {200, R"({"object":"list","data":[)" + list + "]}"};
  }
  const std::string name = MemberOf(body, "model");
  const Model* const model = Find(name);
  if (method != "POST" || model == nullptr) return Error(404, "model is not found");
  const bool running = model->loaded || looks_left_.contains(name);
  if (target == "/models/load") {
    if (running) return Error(400, "model is already running");
    looks_left_[name] = 2;
    return {200, R"({"success":true})"};
  }
  if (target != "/models/unload") return Error(404, "File Not Found");
  if (!running) return Error(400, "model is not running");
  looks_left_.erase(name);
  Unload(name);
  return {200, R"({"success":true})"};
}

ModelServer::Reply VllmServer::Answer(std::string_view method, std::string_view target,
                                      std::string_view) {
  const std::string& name = models_.begin()->first;
  if (method == "GET" && target == "/v1/models") return {200, IdList({name})};
  if (!sleep_mode_) return {404, R"({"detail":"Not Found"})"};
  if (method == "GET" && target == "/is_sleeping") {
    if (looks_left_ > 0 && --looks_left_ == 0) Unload(name);
    const bool sleeping = !models_.begin()->second.loaded;
    return {200, sleeping ? R"({"is_sleeping":true})" : R"({"is_sleeping":false})"};
  }
  if (method != "POST") return {405, R"({"detail":"Method Not Allowed"})"};
  if (target.starts_with("/sleep?level=") && !std::exchange(sleeping_, true)) {
    looks_left_ = 2;
    weights_ = target.ends_with("1") ? Weights::kInHost : Weights::kDropped;
  }
  if (target == "/collective_rpc") {
    const bool mapped = weights_ == Weights::kMapped || weights_ == Weights::kOfNoUse;
    if (!mapped || reads_fail_) return {500, R"({"detail":"reload_weights failed"})"};
    weights_ = Weights::kMapped;
  }
  if (!sleeping_) return {200, ""};
  if (target == "/wake_up" || target == "/wake_up?tags=weights") WakeWeights();
  if (target == "/wake_up" || target == "/wake_up?tags=kv_cache") {
    if (!Load(name)) return {500, R"({"detail":"CUDA out of memory"})"};
    sleeping_ = false;
  }
  return {200, ""};
}

void VllmServer::WakeWeights() {
  if (weights_ == Weights::kInHost) weights_ = Weights::kMapped;
  if (weights_ == Weights::kDropped) weights_ = Weights::kOfNoUse;
}

std::string VllmServer::WrongWith(std::string_view) const {
  return weights_ == Weights::kMapped ? "" : "without weights";
}

bool VllmServer::SleepsInHost() const {
  const auto lock = Locked();
  return weights_ == Weights::kInHost && !models_.begin()->second.loaded;
}

void VllmServer::BreakReads() {
  const auto lock = Locked();
  reads_fail_ = true;
}

ModelServer::Reply VllmAdapterServer::Answer(std::string_view method, std::string_view target,
                                             std::string_view body) {
  if (method == "GET" && target == "/v1/models") {
    std::vector<std::string> ids = {"base"};
    for (const auto& [name, model] : models_) {
      if (model.loaded) ids.push_back(name);
    }
    return {200, IdList(ids)};
  }
  const std::string name = MemberOf(body, "lora_name");
  const Model* const model = Find(name);
  if (target == "/v1/load_lora_adapter") {
    if (model == nullptr || MemberOf(body, "lora_path").empty()) {
      return Error(400, "Both 'lora_name' and 'lora_path' must be provided.");
    }
    if (model->loaded)
      return Error(400, "The lora adapter '" + name + "' has already been loaded.");
    if (!Load(name)) return Error(404, "Loading lora " + name + " failed: No adapter found");
    return {200, "Success: LoRA adapter '" + name + "' added successfully."};
  }
  if (target != "/v1/unload_lora_adapter") return {404, R"({"detail":"Not Found"})"};
  if (model == nullptr || !model->loaded) {
    return Error(404, "The lora adapter '" + name + "' cannot be found.");
  }
  Unload(name);
  return {200, "Success: LoRA adapter '" + name + "' removed successfully."};
}

}  // namespace moerge::test
