// Speaks OpenAI's chat API for recorded models: POST /v1/chat/completions (streamed or not),
// GET /v1/models, GET /running, GET /health; and suffers faults on purpose.
//
// Owner: the HTTP server, one per event loop; the table and options are shared and outlive it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "config/base/json.h"
#include "services/http/exchange.h"
#include "services/replay/faults.h"
#include "services/replay/replay_device.h"
#include "services/replay/replay_table.h"

namespace moerge {

struct ReplayOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 9100;
  int threads = 1;
  std::chrono::milliseconds latency{0};  // before the first byte
  double tokens_per_second = 0;          // pace of a reply; 0: at once
  FaultRates faults;
  int error_status = 500;  // of Fault::kError; 429 and 503 bring Retry-After: 1
  std::uint64_t seed = 1;
  int slots = 0;                      // models loaded at once; 0: all of them are always loaded
  std::chrono::milliseconds load{0};  // how long a load takes
};

class ReplayHandler final : public http::Handler {
 public:
  ReplayHandler(const ReplayTable& table, const ReplayOptions& options,
                std::atomic<std::uint64_t>& requests, ReplayDevice& device)
      : table_(table), options_(options), requests_(requests), device_(device) {}

  Task<void> Handle(http::Exchange& exchange) override;
  http::Reply ErrorReply(int status, std::string_view message) const override;

 private:
  // One chat request that has been understood.
  struct Chat {
    std::string model;
    std::string prompt;
    std::string text;  // the reply
    bool stream = false;
    bool include_usage = false;
    std::uint64_t number = 0;
    Fault fault = Fault::kNone;
  };

  Task<void> HandleChat(http::Exchange& exchange);
  Task<void> SendModels(http::Exchange& exchange);
  Task<void> SendRunning(http::Exchange& exchange);
  Task<void> SendWhole(http::Exchange& exchange, const Chat& chat);
  Task<void> SendStream(http::Exchange& exchange, const Chat& chat);
  Task<bool> SendFault(http::Exchange& exchange, const Chat& chat);
  // As long as so many tokens take; false: the client left before.
  Task<bool> Pace(http::Exchange& exchange, std::size_t tokens);
  Result<Chat> Understand(std::string_view body);

  const ReplayTable& table_;
  const ReplayOptions& options_;
  std::atomic<std::uint64_t>& requests_;
  ReplayDevice& device_;
};

}  // namespace moerge
