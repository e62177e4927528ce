// Servers that load and unload models, as their real APIs behave, with a chat API beside it. What
// happened is kept in order: "load a", "unload a", "chat a"; a chat of a model that is not loaded
// is "chat a (not loaded)". Any thread may look.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/raw_server.h"

namespace moerge::test {

class ModelServer {
 public:
  explicit ModelServer(std::vector<std::string> models);
  virtual ~ModelServer();
  ModelServer(const ModelServer&) = delete;
  ModelServer& operator=(const ModelServer&) = delete;

  std::string Url() const { return server_->Url("/v1"); }
  std::vector<std::string> events() const;
  std::vector<std::string> loaded() const;
  std::vector<std::string> posts() const;  // targets of what was POSTed, but chats
  void SetLoaded(const std::string& model, bool loaded);

  // From now on loads of the model fail, or never end until Resume.
  void Break(const std::string& model);
  void Hang(const std::string& model);
  void Resume();
  // Chats never end until Resume.
  void HoldChats();
  std::string key;  // wanted with every request, before the first; empty: none

 protected:
  struct Model {
    bool loaded = false;
    bool broken = false;
    bool hangs = false;
  };
  struct Reply {
    int status = 200;
    std::string body = "{}";
  };
  // `target`: path and query. REQUIRES of the caller: mutex_ held, which WaitWhileHeld lets go of.
  virtual Reply Answer(std::string_view method, std::string_view target, std::string_view body) = 0;
  void Start();  // once the object is whole
  void End();    // before it goes
  Model* Find(std::string_view model);
  void Note(std::string event) { events_.push_back(std::move(event)); }
  // False: it fails.
  bool Load(std::string_view model);
  void Unload(std::string_view model);
  static Reply Error(int status, std::string_view message);
  // Why a chat of a model that is loaded gets nothing of use, for its event; empty: nothing.
  virtual std::string WrongWith(std::string_view) const { return {}; }
  std::unique_lock<std::mutex> Locked() const { return std::unique_lock(mutex_); }

  std::map<std::string, Model, std::less<>> models_;
  std::unique_lock<std::mutex>* held_ = nullptr;

 private:
  void Serve(RawPeer& peer);
  Reply Chat(std::string_view body);

  mutable std::mutex mutex_;  // guards all but server_
  std::condition_variable resumed_;
  std::vector<std::string> events_;
  std::vector<std::string> posts_;
  bool chats_held_ = false;
  bool ending_ = false;
  std::unique_ptr<RawServer> server_;
};

// /api/generate with keep_alive, /api/ps.
class OllamaServer final : public ModelServer {
 public:
  explicit OllamaServer(std::vector<std::string> models) : ModelServer(std::move(models)) {
    Start();
  }
  ~OllamaServer() override { End(); }
  std::int64_t bytes = 4'000'000'000;  // of each model
  std::string answers_for;             // instead of the model that was asked for

 private:
  Reply Answer(std::string_view method, std::string_view target, std::string_view body) override;
};

// /models, /models/load, /models/unload: a load has begun when the reply comes, and ends some looks
// later.
class LlamaRouterServer final : public ModelServer {
 public:
  explicit LlamaRouterServer(std::vector<std::string> models) : ModelServer(std::move(models)) {
    Start();
  }
  ~LlamaRouterServer() override { End(); }

 private:
  Reply Answer(std::string_view method, std::string_view target, std::string_view body) override;
  std::map<std::string, int, std::less<>> looks_left_;  // of models that are being loaded
};

// One model: /sleep, /wake_up, /is_sleeping, /collective_rpc; the server falls asleep some looks
// after its reply. Told to sleep while it does, it stays as it is, and it does not say at which
// level. Weights that level 2 has dropped are mapped again by a wake, and hold nothing of use until
// they are read again: a chat before is "chat a (without weights)". Without `sleep_mode` these
// addresses do not exist.
class VllmServer final : public ModelServer {
 public:
  explicit VllmServer(const std::string& model, bool sleep_mode = true)
      : ModelServer({model}), sleep_mode_(sleep_mode) {
    SetLoaded(model, true);
    Start();
  }
  ~VllmServer() override { End(); }
  // Whether it sleeps with its weights in the host's memory.
  bool SleepsInHost() const;
  // Loads from the disk fail from now on.
  void BreakReads();

 private:
  enum class Weights { kMapped, kInHost, kDropped, kOfNoUse };
  Reply Answer(std::string_view method, std::string_view target, std::string_view body) override;
  std::string WrongWith(std::string_view model) const override;
  void WakeWeights();
  const bool sleep_mode_;
  int looks_left_ = 0;
  bool sleeping_ = false;
  bool reads_fail_ = false;
  Weights weights_ = Weights::kMapped;
};

// Adapters of a model `base`.
class VllmAdapterServer final : public ModelServer {
 public:
  explicit VllmAdapterServer(std::vector<std::string> adapters) : ModelServer(std::move(adapters)) {
    Start();
  }
  ~VllmAdapterServer() override { End(); }

 private:
  Reply Answer(std::string_view method, std::string_view target, std::string_view body) override;
};

}  // namespace moerge::test
