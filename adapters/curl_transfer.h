// One request and its response over libcurl.
// Over HTTP/1 libcurl hands on what arrives as it came, and ResponseParser reads it, so that both
// clients take and refuse the same responses; over HTTP/2 the frames are libcurl's to read.
//
// Owner: its CurlResponse, or the loop while the rest of a finished stream is read. Threads: the
// loop.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "adapters/curl_loop.h"
#include "adapters/http_client.h"
#include "adapters/response_parser.h"
#include "config/base/event.h"

namespace moerge {

class CurlTransfer : public CurlLoop::Client,
                     public std::enable_shared_from_this<CurlTransfer>,
                     private DeadlineWatch::Entry {
 public:
  static constexpr std::size_t kMaxHead = 64 << 10;
  static constexpr std::size_t kHighWater = 256 << 10;

  CurlTransfer(std::shared_ptr<CurlLoop> loop, const OutboundRequest& request,
               const CallScope& scope);
  ~CurlTransfer() override;

  // Sends the request and waits for the reply's head.
  Task<Status> Run();
  Task<Result<std::string_view>> Read();
  void SetIdleTimeout(std::chrono::milliseconds limit) { idle_timeout_ = limit; }
  int status() const { return http2_ ? status_ : parser_.status(); }
  std::string_view Header(std::string_view name) const;
  // Reads the little that is left without its owner, so that the connection can be kept.
  void FinishAlone();

 private:
  static std::size_t OnHeader(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t OnWrite(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t OnRead(char* out, std::size_t size, std::size_t count, void* self);
  static int OnSeek(void* self, curl_off_t offset, int origin);
  static int OnConnection(void* self, char* remote, char* local, int remote_port, int local_port);

  Status Prepare();
  void TrustCertificatesNamed(const char* variable, CURLoption option);
  Status SetHeaders();
  void SetMethod();
  bool TakeHeader(std::string_view line);
  bool TakeHttp2Header(std::string_view line);
  std::size_t TakeBody(std::string_view data);
  bool Parse(std::string_view data);
  bool Keep(std::string_view piece);
  std::size_t GiveBody(char* out, std::size_t room);
  bool TakeConnection(const std::string& ends, int local_port);
  void LeaveConnection();
  bool StartAgain();
  void Resume();
  void OnDone(CURLcode code) override;
  void OnDue() override;
  void Abort(Error error);
  void Detach();
  void Watch(std::chrono::milliseconds limit, const char* what);
  Error ErrorFrom(CURLcode code) const;

  std::shared_ptr<CurlLoop> loop_;
  const OutboundRequest& request_;
  const Deadline deadline_;
  std::chrono::milliseconds idle_timeout_;
  CURL* easy_ = nullptr;
  curl_slist* headers_ = nullptr;
  bool added_ = false;
  std::shared_ptr<CurlSockets::Socket> socket_;  // what the request goes over
  bool refused_ = false;                         // the connection that curl chose must not be used
  bool fresh_ = false;                           // a new connection was demanded
  int sent_ = 0;                                 // on how many connections
  bool dropped_ = false;                         // the last of them ended before it answered
  Event wake_;
  Cancellation::Registration registration_;
  std::optional<Error> failure_;
  char error_text_[CURL_ERROR_SIZE] = "";

  bool http2_ = false;
  ResponseParser parser_;           // of HTTP/1
  std::optional<Error> malformed_;  // what it found
  bool complete_ = false;           // it has seen the end
  std::string head_;                // of HTTP/2, as libcurl writes it
  int status_ = 0;
  bool has_head_ = false;
  std::size_t trailers_ = 0;
  std::string incoming_;  // written by curl
  std::string outgoing_;  // handed to the reader
  bool paused_ = false;
  bool done_ = false;
  CURLcode code_ = CURLE_OK;
  bool alone_ = false;
  std::size_t discarded_ = 0;

  std::size_t piece_ = 0;   // of the request's body
  std::size_t offset_ = 0;  // in that piece
  const char* waiting_for_ =
      nullptr;  // what the current time limit is for; null: only the deadline
};

}  // namespace moerge
