#include "services/telemetry/otlp_sender.h"

#include <curl/curl.h>
#include <zlib.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "adapters/url.h"
#include "config/yaml/environment.h"

namespace moerge {
namespace {

constexpr std::size_t kLargestReply = 64 << 10;

std::optional<std::string> Gzipped(std::string_view text) {
  constexpr int kGzipWindow = 15 + 16;
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    return std::nullopt;
  }
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const bool done = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (!done) return std::nullopt;
  return out;
}

std::size_t OnReply(char* data, std::size_t size, std::size_t count, void* self) {
  auto& body = *static_cast<std::string*>(self);
  body.append(data, std::min(size * count, kLargestReply - std::min(kLargestReply, body.size())));
  return size * count;
}

// Whether a receiver is on this machine, where compressing takes more than it saves.
bool IsHere(const std::string& address) {
  const Result<Url> url = ParseUrl(address);
  return url && (url->host == "localhost" || IsLoopback(std::string(url->host)));
}

// Statuses that the protocol names as passing.
bool IsPassing(long status) {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

}  // namespace

struct OtlpSender::Impl {
  CURL* easy = curl_easy_init();
  curl_slist* headers = nullptr;
  std::string base;
  bool compressed = true;

  void Add(const std::string& line) {
    if (curl_slist* longer = curl_slist_append(headers, line.c_str())) headers = longer;
  }
};

OtlpSender::OtlpSender(const TelemetryConfig& config) : impl_(std::make_unique<Impl>()) {
  impl_->base = config.otlp;
  impl_->compressed = !IsHere(config.otlp);
  impl_->Add("Content-Type: application/x-protobuf");
  if (impl_->compressed) impl_->Add("Content-Encoding: gzip");
  impl_->Add("Expect:");
  for (const auto& [name, value] : config.headers) {
    impl_->Add(name + ": " + FillEnvironment(value, [](const std::string&) {}));
  }
}

OtlpSender::~OtlpSender() {
  curl_slist_free_all(impl_->headers);
  curl_easy_cleanup(impl_->easy);
}

OtlpSender::Outcome OtlpSender::Post(std::string_view path, std::string_view message,
                                     std::chrono::milliseconds timeout) {
  Outcome outcome;
  std::optional<std::string> packed;
  if (impl_->compressed) packed = Gzipped(message);
  CURL* const easy = impl_->easy;
  if (easy == nullptr || (impl_->compressed && !packed)) {
    outcome.error = "out of memory";
    return outcome;
  }
  const std::string_view body = packed ? std::string_view(*packed) : message;
  const std::string url = impl_->base + std::string(path);
  curl_easy_reset(easy);  // keeps the connection
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, impl_->headers);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.data());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &OnReply);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &outcome.body);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  const CURLcode code = curl_easy_perform(easy);
  if (code != CURLE_OK) {
    outcome.again = true;
    outcome.error = curl_easy_strerror(code);
    return outcome;
  }
  long status = 0;
  curl_off_t wait = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &wait);
  outcome.taken = status >= 200 && status < 300;
  outcome.again = IsPassing(status);
  outcome.wait = std::chrono::seconds(wait);
  if (!outcome.taken) outcome.error = "status " + std::to_string(status);
  return outcome;
}

}  // namespace moerge
