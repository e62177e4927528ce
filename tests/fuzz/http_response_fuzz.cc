// Any bytes, cut anywhere: the response parser does not crash and reads the same however they are
// cut.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "adapters/response_parser.h"

namespace {

using Step = moerge::ResponseParser::Step;

// What was read, in one text. `cut` = 0: in one piece.
std::string Parse(std::string_view bytes, std::size_t cut, bool head_request) {
  moerge::ResponseParser parser;
  parser.Reset(head_request);
  std::string seen;
  const std::size_t size = cut == 0 ? bytes.size() + 1 : cut;
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    std::string_view input = bytes.substr(at, size);
    std::string_view piece;
    for (;;) {
      const auto step = parser.Next(&input, &piece);
      if (!step.ok()) return seen + "!";
      if (*step == Step::kNeedMore) break;
      if (*step == Step::kBody) seen.append(piece);
      if (*step == Step::kHead) {
        seen.append(std::to_string(parser.status())).append(parser.Header("x")).append(":");
      }
      if (*step == Step::kEnd) return seen + (parser.keep_alive() ? "K" : "C");
    }
    if (!input.empty()) std::abort();
  }
  return seen + (parser.EndOfStream().ok() ? "E" : "?");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t cut = data[0] % 16;
  const bool head_request = (data[0] & 16) != 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string whole = Parse(bytes, 0, head_request);
  const std::string pieces = Parse(bytes, cut, head_request);
  // A line that is too long or wrong may be found out earlier in one of the two.
  if (!whole.ends_with('!') && !pieces.ends_with('!') && whole != pieces) std::abort();
  return 0;
}
