// One request and its response over a connection of the lean client.
// Owner: whoever called Send. Threads: the client's loop.
#pragma once

#include <sys/uio.h>

#include <memory>
#include <optional>
#include <string>

#include "adapters/http_client.h"
#include "adapters/lean_pool.h"

namespace moerge {

class LeanExchange : public InboundResponse, private DeadlineWatch::Entry {
 public:
  LeanExchange(std::shared_ptr<LeanPool> pool, LeanOrigin& origin, const OutboundRequest& request,
               const CallScope& scope);
  ~LeanExchange() override;

  // Sends the request and waits for the reply's head. A kept connection is used only if nothing has
  // arrived on it before the request goes out; one that dies before it says anything is replaced by
  // a new one, once.
  Task<Status> Run(const Url& url);

  int status() const override { return workspace_->parser.status(); }
  std::string_view Header(std::string_view name) const override {
    return workspace_->parser.Header(name);
  }
  Task<Result<std::string_view>> Read() override;
  void SetIdleTimeout(std::chrono::milliseconds limit) override { idle_timeout_ = limit; }
  void Finish() override;

 private:
  enum class Phase { kIdle, kConnect, kSend, kHead, kBody };
  struct Lookup;

  Status WriteHead(const Url& url);
  Task<Status> Connect();
  bool OpenSocket(const TcpEndpoint& address, boost::system::error_code* error);
  Task<Status> FindAddresses();
  Task<Status> LookUp();
  Task<Status> Exchange(bool kept);
  Task<Status> SendAll();
  void SendWithOthers();
  bool SendSome();
  bool Took(ssize_t taken);
  std::size_t Gather(iovec* out, std::size_t room) const;
  void Sent(std::size_t bytes);
  Task<bool> WaitForRoom();
  Task<Status> Fill();
  Result<bool> ParseHead();
  SendQueue::When WhenToSend() const;
  bool AnythingSent() const { return piece_ > 0 || offset_ > 0; }
  bool MayRetry() const;
  void Watch(Phase phase, std::chrono::milliseconds limit);
  void OnDue() override;
  void Abort(Error error);
  void WakeLookup();
  Error Fail(Error error);
  bool Complete();
  void Release();

  std::shared_ptr<LeanPool> pool_;
  LeanOrigin& origin_;
  const OutboundRequest& request_;
  const Deadline deadline_;
  std::chrono::milliseconds idle_timeout_;
  std::unique_ptr<LeanWorkspace> workspace_;
  std::shared_ptr<LeanConnection> connection_;
  std::shared_ptr<Lookup> lookup_;
  Cancellation::Registration registration_;
  std::optional<Error> failure_;
  std::string_view input_;  // received, not yet parsed
  Phase phase_ = Phase::kIdle;
  std::size_t piece_ = 0;   // what is being sent: 0 the head, then the body's pieces
  std::size_t offset_ = 0;  // of it already sent
  bool kept_ = false;       // the connection has served others before
  bool send_failed_ = false;
  bool has_head_ = false;
  bool closed_ = false;  // the server has ended the connection
};

}  // namespace moerge
