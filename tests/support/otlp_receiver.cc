#include "tests/support/otlp_receiver.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "config/base/json.h"
#include "config/base/text.h"
#include "config/base/utf8.h"
#include "tests/support/compressed.h"

namespace moerge::test {
namespace {

constexpr int kGzipWindow = 31;
constexpr std::string_view kTaken =
    "HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n";
constexpr std::string_view kRefused = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";

// Of the wire format: how a field is written.
enum Wire { kVarint = 0, kFixed64 = 1, kBytes = 2 };

bool IsId(std::string_view bytes, std::size_t size) {
  return bytes.size() == size && bytes.find_first_not_of('\0') != bytes.npos;
}

}  // namespace

OtlpReceiver::OtlpReceiver()
    : server_(std::make_unique<RawServer>([this](RawPeer& peer) { Serve(peer); })) {}

void OtlpReceiver::Serve(RawPeer& peer) {
  for (std::string request = peer.ReadRequest(); !request.empty(); request = peer.ReadRequest()) {
    if (!peer.Send(Take(request))) return;
  }
}

std::string OtlpReceiver::Take(const std::string& request) {
  const std::lock_guard lock(mutex_);
  ++posts_;
  if (!replies_.empty()) {
    std::string reply = std::move(replies_.front());
    replies_.pop_front();
    return reply;
  }
  const std::size_t end = request.find("\r\n\r\n");
  last_head_ = request.substr(0, end);
  const std::size_t before = mistakes_.size();
  if (last_head_.find("Content-Type: application/x-protobuf\r") == std::string::npos) {
    Mistake("type");
  }
  const bool packed = last_head_.find("Content-Encoding: gzip") != std::string::npos;
  std::string body = request.substr(end + 4);
  if (packed) body = Decompressed(body, kGzipWindow);
  const bool traces = last_head_.starts_with("POST /v1/traces ");
  if (!traces && !last_head_.starts_with("POST /v1/metrics ")) Mistake("path: " + last_head_);
  // ResourceSpans or ResourceMetrics, ScopeSpans or ScopeMetrics: their fields have the same
  // numbers.
  for (const Field& one : Read(body, {{1, kBytes}})) {
    std::map<std::string, std::string> resource;
    for (const Field& part : Read(one.bytes, {{1, kBytes}, {2, kBytes}})) {
      if (part.number == 1) {
        resource = AttributesIn(Read(part.bytes, {{1, kBytes}}), 1);
        continue;
      }
      for (const Field& item : Read(part.bytes, {{1, kBytes}, {2, kBytes}})) {
        if (item.number == 1) {
          if (TextIn(Read(item.bytes, {{1, kBytes}, {2, kBytes}}), 1).empty()) Mistake("scope");
        } else {
          traces ? TakeSpan(item.bytes) : TakeMetric(item.bytes);
        }
      }
    }
    if (resource["service.name"].empty()) Mistake("no service.name");
  }
  return std::string(mistakes_.size() == before ? kTaken : kRefused);
}

OtlpReceiver::Fields OtlpReceiver::Read(std::string_view message, const std::map<int, int>& known) {
  Fields fields;
  std::size_t at = 0;
  const auto varint = [&] {
    std::uint64_t value = 0;
    for (unsigned shift = 0; at < message.size() && shift < 70; shift += 7) {
      const auto byte = static_cast<unsigned char>(message[at++]);
      value |= std::uint64_t{byte & 0x7Fu} << std::min(shift, 63u);
      if (byte < 0x80) return value;
    }
    Mistake("a number does not end");
    at = message.size();
    return value;
  };
  while (at < message.size()) {
    const std::uint64_t tag = varint();
    Field field{.number = static_cast<int>(tag >> 3)};
    const auto wire = known.find(field.number);
    if (wire == known.end() || wire->second != static_cast<int>(tag & 7)) {
      Mistake("field " + std::to_string(tag >> 3) + " as " + std::to_string(tag & 7));
      return fields;
    }
    const std::size_t left = message.size() - at;
    if (wire->second == kVarint) {
      field.value = varint();
    } else if (wire->second == kFixed64 && left >= 8) {
      for (int i = 7; i >= 0; --i) {
        field.value = field.value << 8 | static_cast<unsigned char>(message[at + std::size_t(i)]);
      }
      at += 8;
    } else {
      const std::uint64_t size = wire->second == kBytes ? varint() : 8;
      if (size > message.size() - at) {
        Mistake("field " + std::to_string(field.number) + " is longer than its message");
        return fields;
      }
      field.bytes = message.substr(at, size);
      at += size;
    }
    fields.push_back(field);
  }
  return fields;
}

const OtlpReceiver::Field* OtlpReceiver::FieldIn(const Fields& fields, int number) {
  const auto found = std::ranges::find(fields, number, &Field::number);
  if (std::ranges::count(fields, number, &Field::number) > 1) {
    Mistake("twice: " + std::to_string(number));
  }
  return found == fields.end() ? nullptr : &*found;
}

std::string OtlpReceiver::TextIn(const Fields& fields, int number) {
  const Field* const field = FieldIn(fields, number);
  if (field == nullptr) return "";
  if (!utf8::IsValid(field->bytes)) Mistake("no UTF-8: " + std::to_string(number));
  return std::string(field->bytes);
}

void OtlpReceiver::TakeSpan(std::string_view message) {
  const Fields span = Read(message, {{1, kBytes},
                                     {2, kBytes},
                                     {4, kBytes},
                                     {5, kBytes},
                                     {6, kVarint},
                                     {7, kFixed64},
                                     {8, kFixed64},
                                     {9, kBytes},
                                     {15, kBytes}});
  const auto id = [&](int number, std::size_t size) {
    const Field* const field = FieldIn(span, number);
    if (field == nullptr) return std::string();
    if (!IsId(field->bytes, size)) Mistake("id " + std::to_string(number));
    return Hex(field->bytes);
  };
  ReceivedSpan taken{
      .trace = id(1, 16), .id = id(2, 8), .parent = id(4, 8), .name = TextIn(span, 5)};
  if (taken.trace.empty() || taken.id.empty()) Mistake("no id");
  if (taken.name.empty()) Mistake("no name");
  const Field* const kind = FieldIn(span, 6);
  taken.kind = kind == nullptr ? 0 : static_cast<int>(kind->value);
  if (taken.kind < 1 || taken.kind > 5) Mistake("kind");
  taken.begin = NanosecondsIn(span, 7);
  taken.end = NanosecondsIn(span, 8);
  if (taken.end < taken.begin) Mistake("ends before it begins: " + taken.name);
  taken.attributes = AttributesIn(span, 9);
  if (const Field* const status = FieldIn(span, 15)) {
    const Fields fields = Read(status->bytes, {{2, kBytes}, {3, kVarint}});
    const Field* const code = FieldIn(fields, 3);
    taken.failed = code != nullptr && code->value == 2;
    taken.message = TextIn(fields, 2);
  }
  spans_.push_back(std::move(taken));
}

void OtlpReceiver::TakeMetric(std::string_view message) {
  constexpr int kGauge = 5, kSum = 7, kHistogram = 9;
  const Fields metric = Read(message, {{1, kBytes},
                                       {2, kBytes},
                                       {3, kBytes},
                                       {kGauge, kBytes},
                                       {kSum, kBytes},
                                       {kHistogram, kBytes}});
  const std::string name = TextIn(metric, 1);
  for (const int number : {2, 3}) {
    if (TextIn(metric, number).empty()) Mistake("no help or unit: " + name);
  }
  metrics_[name] = 0;  // what comes later replaces what came
  int kinds = 0;
  for (const int kind : {kGauge, kSum, kHistogram}) {
    const Field* const data = FieldIn(metric, kind);
    if (data == nullptr) continue;
    ++kinds;
    std::map<int, int> known = {{1, kBytes}};
    if (kind != kGauge) known[2] = kVarint;
    if (kind == kSum) known[3] = kVarint;
    const Fields fields = Read(data->bytes, known);
    const Field* const temporality = FieldIn(fields, 2);
    if (kind != kGauge && (temporality == nullptr || temporality->value != 2)) {
      Mistake("not cumulative");
    }
    if (kind == kSum && (FieldIn(fields, 3) == nullptr || FieldIn(fields, 3)->value != 1)) {
      Mistake("not monotonic");
    }
    for (const Field& point : fields) {
      if (point.number == 1) {
        kind == kHistogram ? TakeHistogram(name, point.bytes) : TakeNumber(name, point.bytes);
      }
    }
  }
  if (name.empty() || kinds != 1) Mistake("kind of " + name);
}

void OtlpReceiver::TakeNumber(const std::string& name, std::string_view message) {
  const Fields point = Read(message, {{2, kFixed64}, {3, kFixed64}, {4, kFixed64}, {7, kBytes}});
  (void)AttributesIn(point, 7);
  (void)NanosecondsIn(point, 2);
  (void)NanosecondsIn(point, 3);
  const Field* const value = FieldIn(point, 4);
  if (value == nullptr) return Mistake("no number: " + name);
  metrics_[name] += value->Double();
}

void OtlpReceiver::TakeHistogram(const std::string& name, std::string_view message) {
  const Fields point = Read(message, {{2, kFixed64},
                                      {3, kFixed64},
                                      {4, kFixed64},
                                      {5, kFixed64},
                                      {6, kBytes},
                                      {7, kBytes},
                                      {9, kBytes}});
  (void)AttributesIn(point, 9);
  (void)NanosecondsIn(point, 2);
  (void)NanosecondsIn(point, 3);
  const Field* const count = FieldIn(point, 4);
  const Field* const buckets = FieldIn(point, 6);
  const Field* const bounds = FieldIn(point, 7);
  if (count == nullptr || FieldIn(point, 5) == nullptr || buckets == nullptr || bounds == nullptr) {
    return Mistake("a histogram lacks something: " + name);
  }
  std::uint64_t all = 0;
  for (std::size_t at = 0; at + 8 <= buckets->bytes.size(); at += 8) {
    std::uint64_t number = 0;
    std::memcpy(&number, buckets->bytes.data() + at, 8);
    all += number;
  }
  if (all != count->value) Mistake("the buckets of " + name + " do not add up");
  if (buckets->bytes.size() != bounds->bytes.size() + 8) Mistake("bounds of " + name);
  metrics_[name] += static_cast<double>(count->value);
}

std::map<std::string, std::string> OtlpReceiver::AttributesIn(const Fields& fields, int number) {
  std::map<std::string, std::string> attributes;
  for (const Field& field : fields) {
    if (field.number != number) continue;
    const Fields pair = Read(field.bytes, {{1, kBytes}, {2, kBytes}});
    const std::string key = TextIn(pair, 1);
    const Field* const value = FieldIn(pair, 2);
    const Fields any = Read(value == nullptr ? std::string_view() : value->bytes,
                            {{1, kBytes}, {2, kVarint}, {3, kVarint}, {4, kFixed64}});
    if (any.size() != 1) {
      Mistake("a value that is not one of the kinds: " + key);
      continue;
    }
    const Field& one = any.front();
    std::string text = TextIn(any, 1);
    if (one.number == 2) text = one.value != 0 ? "true" : "false";
    if (one.number == 3) text = std::to_string(static_cast<std::int64_t>(one.value));
    if (one.number == 4) json::Writer(&text).Number(one.Double());
    if (!attributes.emplace(key, std::move(text)).second) Mistake("twice: " + key);
  }
  return attributes;
}

std::int64_t OtlpReceiver::NanosecondsIn(const Fields& fields, int number) {
  const Field* const field = FieldIn(fields, number);
  const auto time = static_cast<std::int64_t>(field == nullptr ? 0 : field->value);
  if (time <= 0) Mistake("time " + std::to_string(number));
  return time;
}

double OtlpReceiver::Field::Double() const {
  double number = 0;
  std::memcpy(&number, &value, sizeof number);
  return number;
}

void OtlpReceiver::Answer(std::vector<std::string> replies) {
  const std::lock_guard lock(mutex_);
  replies_.insert(replies_.end(), replies.begin(), replies.end());
}

std::vector<ReceivedSpan> OtlpReceiver::spans() const {
  const std::lock_guard lock(mutex_);
  return spans_;
}

std::map<std::string, double> OtlpReceiver::metrics() const {
  const std::lock_guard lock(mutex_);
  return metrics_;
}

std::vector<std::string> OtlpReceiver::mistakes() const {
  const std::lock_guard lock(mutex_);
  return mistakes_;
}

int OtlpReceiver::posts() const {
  const std::lock_guard lock(mutex_);
  return posts_;
}

std::string OtlpReceiver::last_head() const {
  const std::lock_guard lock(mutex_);
  return last_head_;
}

}  // namespace moerge::test
