// Posts to an OTLP/HTTP receiver over libcurl, compressed unless it is on this machine. Blocking.
// Threads: one at a time.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "config/config.h"

namespace moerge {

class OtlpSender {
 public:
  struct Outcome {
    bool taken = false;
    bool again = false;            // not taken now: worth another try
    std::chrono::seconds wait{0};  // as the receiver asks for; 0: it does not
    std::string body = {};         // of the reply, at most 64 KiB
    std::string error = {};        // why it was not taken; holds no header
  };

  explicit OtlpSender(const TelemetryConfig& config);
  ~OtlpSender();
  OtlpSender(const OtlpSender&) = delete;
  OtlpSender& operator=(const OtlpSender&) = delete;

  // `path`: "/v1/traces" or "/v1/metrics". `message`: in protobuf.
  Outcome Post(std::string_view path, std::string_view message, std::chrono::milliseconds timeout);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace moerge
