#include "services/telemetry/trace_context.h"

#include <algorithm>
#include <charconv>

namespace moerge {
namespace {

bool IsLowerHex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// 16 digits.
void WriteHex(std::uint64_t id, char* to) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (std::size_t i = 16; i-- > 0; id >>= 4) to[i] = kDigits[id & 15];
}

std::uint64_t FromHex(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return value;
}

}  // namespace

// VERSION-TRACE-PARENT-FLAGS; a later version may have more behind it.
std::optional<TraceContext> ParseTraceParent(std::string_view header) {
  constexpr std::size_t kSize = 55;
  if (header.size() < kSize || header[2] != '-' || header[35] != '-' || header[52] != '-') {
    return std::nullopt;
  }
  const std::string_view version = header.substr(0, 2);
  const std::string_view trace = header.substr(3, 32);
  const std::string_view parent = header.substr(36, 16);
  const std::string_view flags = header.substr(53, 2);
  if (!IsLowerHex(version) || version == "ff" || !IsLowerHex(trace) || !IsLowerHex(parent) ||
      !IsLowerHex(flags)) {
    return std::nullopt;
  }
  if (header.size() > kSize && (version == "00" || header[kSize] != '-')) return std::nullopt;
  const bool nothing = trace.find_first_not_of('0') == trace.npos;
  TraceContext context{.trace_id = std::string(trace), .parent = FromHex(parent)};
  context.sampled = (FromHex(flags) & 1) != 0;
  if (nothing || context.parent == 0) return std::nullopt;
  return context;
}

std::string TraceParentOf(const TraceContext& context, std::uint64_t span) {
  std::string text = "00-00000000000000000000000000000000-0000000000000000-00";
  context.trace_id.copy(text.data() + 3, 32);
  WriteHex(span, text.data() + 36);
  if (context.sampled) text.back() = '1';
  return text;
}

}  // namespace moerge
