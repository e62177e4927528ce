#include "services/telemetry/span_writer.h"

#include <bit>
#include <chrono>
#include <cstring>

#include "services/telemetry/protobuf.h"

namespace moerge {
namespace {

using protobuf::VarintSize;
using protobuf::Wire;
using protobuf::WithValid;

// Fields of messages.
constexpr int kScopeSpansSpans = 2;
constexpr int kSpanTraceId = 1, kSpanId = 2, kSpanParent = 4, kSpanName = 5, kSpanKind = 6;
constexpr int kSpanBegin = 7, kSpanEnd = 8, kSpanStatus = 15;
constexpr int kStatusMessage = 2, kStatusCode = 3;

constexpr std::uint64_t kStatusError = 2;

char FromHexDigit(char c) { return static_cast<char>(c <= '9' ? c - '0' : c - 'a' + 10); }

// The bytes of an id in the order of its digits.
std::string_view IdBytes(std::uint64_t id, char (&bytes)[8]) {
  id = __builtin_bswap64(id);
  std::memcpy(bytes, &id, sizeof bytes);
  return {bytes, sizeof bytes};
}

std::uint64_t Nanoseconds(WallTime time) {
  return static_cast<std::uint64_t>(std::chrono::nanoseconds(time.time_since_epoch()).count());
}

std::size_t SizeOfBytes(std::size_t size) { return 1 + VarintSize(size) + size; }

}  // namespace

void SpanWriter::Start(std::string_view trace_id) {
  for (std::size_t i = 0; i < trace_id_.size(); ++i) {
    const char high = FromHexDigit(trace_id[2 * i]);
    trace_id_[i] = static_cast<char>(high << 4 | FromHexDigit(trace_id[2 * i + 1]));
  }
  count_ = 0;
  spans_.Clear();
}

void SpanWriter::Begin(const Head& head, std::string_view name, std::string_view more) {
  char id[8];
  span_.Clear();
  protobuf::AppendBytes(kSpanTraceId, {trace_id_.data(), trace_id_.size()}, &span_);
  protobuf::AppendBytes(kSpanId, IdBytes(head.id, id), &span_);
  if (head.parent != 0) protobuf::AppendBytes(kSpanParent, IdBytes(head.parent, id), &span_);
  WithValid(more, [&](std::string_view valid) {
    protobuf::AppendTag(kSpanName, Wire::kBytes, &span_);
    protobuf::AppendVarint(name.size() + (valid.empty() ? 0 : 1 + valid.size()), &span_);
    span_.Append(name);
    if (valid.empty()) return;
    span_.Append(' ');
    span_.Append(valid);
  });
  protobuf::AppendInt(kSpanKind, static_cast<std::uint64_t>(head.kind), &span_);
  protobuf::AppendFixed64(kSpanBegin, Nanoseconds(head.begin), &span_);
  protobuf::AppendFixed64(kSpanEnd, Nanoseconds(head.end), &span_);
}

void SpanWriter::Fail(std::string_view message) {
  WithValid(message, [&](std::string_view valid) {
    protobuf::AppendTag(kSpanStatus, Wire::kBytes, &span_);
    protobuf::AppendVarint(SizeOfBytes(valid.size()) + 2, &span_);
    protobuf::AppendBytes(kStatusMessage, valid, &span_);
    protobuf::AppendInt(kStatusCode, kStatusError, &span_);
  });
}

void SpanWriter::End() {
  protobuf::AppendBytes(kScopeSpansSpans, span_.view(), &spans_);
  ++count_;
}

}  // namespace moerge
