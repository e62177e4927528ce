// A receiver of OpenTelemetry's protocol over HTTP, in protobuf, as strict as the specification:
// what is not as it says, or has a field that moerge does not send, gets 400 and is remembered as a
// mistake. It shares no code with what writes. tests/clients/python/otlp_test.py has the messages
// read by OpenTelemetry's own classes.
//
// Any thread may ask.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/raw_server.h"

namespace moerge::test {

struct ReceivedSpan {
  std::string trace, id, parent, name;
  int kind = 0;
  std::int64_t begin = 0, end = 0;  // ns
  bool failed = false;
  std::string message = {};                            // why
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
  // A field of a message; views into it.
  struct Field {
    int number = 0;
    std::uint64_t value = 0;      // of a varint or eight bytes
    std::string_view bytes = {};  // of a text or message
    double Double() const;
  };
  using Fields = std::vector<Field>;

  // `known`: how each field is to be written, by its number.
  Fields Read(std::string_view message, const std::map<int, int>& known);
  const Field* FieldIn(const Fields& fields, int number);
  std::string TextIn(const Fields& fields, int number);
  void TakeSpan(std::string_view message);
  void TakeMetric(std::string_view message);
  void TakeNumber(const std::string& name, std::string_view message);
  void TakeHistogram(const std::string& name, std::string_view message);
  std::map<std::string, std::string> AttributesIn(const Fields& fields, int number);
  std::int64_t NanosecondsIn(const Fields& fields, int number);
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
