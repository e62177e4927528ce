// A receiver of OpenTelemetry's protocol over HTTP as strict as the specification: what is not as
// it says gets 400 and is remembered as a mistake.
//
// Any thread may ask.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/json.h"
#include "tests/support/raw_server.h"

namespace moerge::test {

struct ReceivedSpan {
  std::string trace, id, parent, name;
  int kind = 0;
  std::int64_t begin = 0, end = 0;  // ns
  bool failed = false;
  std::map<std::string, std::string> attributes = {};  // values as text
};

class OtlpReceiver {
 public:
  OtlpReceiver();

  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }
  // The next posts get these in place of 200 (heads and bodies of HTTP).
  void Answer(std::vector<std::string> replies);

  std::vector<ReceivedSpan> spans() const;
  // By name; several points of one are added up, histograms count.
  std::map<std::string, double> metrics() const;
  std::vector<std::string> mistakes() const;
  int posts() const;
  std::string last_head() const;

 private:
  void Serve(RawPeer& peer);
  std::string Take(const std::string& request);
  void TakeSpan(const json::Value& span);
  void TakeMetric(const json::Value& metric);
  std::map<std::string, std::string> AttributesIn(const json::Value& list);
  std::int64_t NanosecondsIn(const json::Value& object, std::string_view key);
  void Mistake(std::string what) { mistakes_.push_back(std::move(what)); }

  mutable std::mutex mutex_;  // guards all below but the server
  std::deque<std::string> replies_;
  std::vector<ReceivedSpan> spans_;
  std::map<std::string, double> metrics_;
  std::vector<std::string> mistakes_;
  std::string last_head_;
  int posts_ = 0;
  std::unique_ptr<RawServer> server_;
};

}  // namespace moerge::test
