// Writes spans as OTLP's protobuf has them, at once and without a copy of their attributes: they
// are written for every request (opentelemetry/proto/trace/v1/trace.proto).
//
// Owner: whoever writes; keeps its memory for the next spans. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "config/base/text_buffer.h"
#include "config/base/utf8.h"
#include "registry/types.h"
#include "services/telemetry/protobuf.h"

namespace moerge {

// The numbers are the protocol's.
enum class SpanKind { kInternal = 1, kServer = 2, kClient = 3 };

class SpanWriter {
 public:
  struct Head {
    std::uint64_t id;
    std::uint64_t parent;  // 0: none
    SpanKind kind;
    WallTime begin;
    WallTime end;
  };

  // Forgets what was written. `trace_id`, of the spans to come: 32 hexadecimal digits.
  void Start(std::string_view trace_id);

  // A span: Begin, its attributes in any order, End. Its name is `name`, or "name more".
  void Begin(const Head& head, std::string_view name, std::string_view more = {});
  // An attribute. Keys are literals. Invalid UTF-8 in a text becomes U+FFFD; no text is no
  // attribute.
  template <std::size_t kSize>
  void Text(const char (&key)[kSize], std::string_view text) {
    if (text.empty()) return;
    if (!utf8::IsValid(text)) return Text(key, std::string_view(utf8::Repair(text)));
    const std::size_t size = 1 + protobuf::VarintSize(text.size()) + text.size();
    char* to = Key(key, size);
    *to++ = protobuf::Tag(1, protobuf::Wire::kBytes);
    to = protobuf::PutVarint(text.size(), to);
    std::memcpy(to, text.data(), text.size());
    span_.Advance(to + text.size());
  }
  template <std::size_t kSize>
  void Int(const char (&key)[kSize], std::int64_t value) {
    const auto number = static_cast<std::uint64_t>(value);
    char* to = Key(key, 1 + protobuf::VarintSize(number));
    *to++ = protobuf::Tag(3, protobuf::Wire::kVarint);
    span_.Advance(protobuf::PutVarint(number, to));
  }
  template <std::size_t kSize>
  void Double(const char (&key)[kSize], double value) {
    char* to = Key(key, 1 + sizeof value);
    *to++ = protobuf::Tag(4, protobuf::Wire::kFixed64);
    std::memcpy(to, &value, sizeof value);
    span_.Advance(to + sizeof value);
  }
  template <std::size_t kSize>
  void Flag(const char (&key)[kSize], bool value) {
    char* to = Key(key, 2);
    *to++ = protobuf::Tag(2, protobuf::Wire::kVarint);
    *to++ = value ? 1 : 0;
    span_.Advance(to);
  }
  // It failed, and why. Once for a span.
  void Fail(std::string_view message);
  void End();

  std::size_t count() const { return count_; }
  // Spans as the field of a ScopeSpans that holds them, one behind the other.
  std::string_view bytes() const { return spans_.view(); }

 private:
  // A KeyValue up to its AnyValue, which has `value_size` bytes and room where the result points.
  template <std::size_t kSize>
  char* Key(const char (&key)[kSize], std::size_t value_size) {
    constexpr std::size_t kKey = kSize - 1;
    static_assert(kKey < 0x80, "its length is one byte");
    const std::size_t size = 2 + kKey + 1 + protobuf::VarintSize(value_size) + value_size;
    char* to = span_.Room(1 + protobuf::kLargestVarint + size);
    *to++ = protobuf::Tag(9, protobuf::Wire::kBytes);  // Span.attributes
    to = protobuf::PutVarint(size, to);
    *to++ = protobuf::Tag(1, protobuf::Wire::kBytes);
    *to++ = static_cast<char>(kKey);
    std::memcpy(to, key, kKey);
    to += kKey;
    *to++ = protobuf::Tag(2, protobuf::Wire::kBytes);
    return protobuf::PutVarint(value_size, to);
  }

  std::array<char, 16> trace_id_{};
  std::size_t count_ = 0;
  TextBuffer span_;  // that is written
  TextBuffer spans_;
};

}  // namespace moerge
