// Any bytes as a verifier, and as the answer that it judges (they are parted by the first zero
// byte), and as what a harness says: no crash, no sanitizer report, bounded time, reasons that are
// short valid text.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "config/base/utf8.h"
#include "services/verify/answer_text.h"
#include "services/verify/test_protocol.h"
#include "services/verify/verifier.h"

namespace {

void Judge(std::string_view verifier, std::string_view answer) {
  const auto document = moerge::json::Document::Parse(verifier);
  if (!document.ok()) return;
  const auto format = moerge::VerifierOfResponseFormat(document->root());
  if (format.ok() && *format) (void)moerge::JudgeText(**format, answer);
  const auto parsed = moerge::ParseVerifier(document->root());
  if (!parsed.ok() && parsed.error().param.empty()) std::abort();
  if (!parsed.ok()) return;
  const auto verdict = moerge::JudgeText(*parsed, answer);
  if (!verdict) return;
  if (verdict->passed != verdict->why.empty() || verdict->why.size() > 400) std::abort();
  if (!moerge::utf8::IsValid(verdict->why)) std::abort();
}

void Listen(std::string_view said) {
  moerge::TestProtocol protocol("0123456789abcdef");
  protocol.Read(said);
  if (protocol.passed()) std::abort();
  if (protocol.over() && !moerge::utf8::IsValid(protocol.why())) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::size_t zero = std::min(bytes.find('\0'), bytes.size());
  const std::string_view answer = bytes.substr(std::min(zero + 1, bytes.size()));
  constexpr std::string_view kNames[] = {"python"};
  if (moerge::CodeIn(answer, kNames).size() > answer.size() + 1) std::abort();
  Judge(bytes.substr(0, zero), answer);
  Listen(bytes);
  return 0;
}
