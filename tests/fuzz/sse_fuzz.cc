// Any bytes, cut anywhere: the parser does not crash, keeps its bound, and gives the same events
// however the stream is cut.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "adapters/sse.h"

namespace {

constexpr std::size_t kMaxEvent = 64;

// All events in one text; an error ends it. `cut` = 0: in one piece.
std::string Parse(std::string_view stream, std::size_t cut, bool* failed) {
  moerge::SseParser parser(kMaxEvent);
  std::string seen;
  const std::size_t size = cut == 0 ? stream.size() + 1 : cut;
  for (std::size_t at = 0; at < stream.size(); at += size) {
    const std::string piece(stream.substr(at, size));
    parser.Feed(piece);
    moerge::SseParser::Event event;
    for (;;) {
      const auto next = parser.Next(&event);
      if (!next.ok()) {
        *failed = true;
        return seen;
      }
      if (!*next) break;
      if (event.data.size() > kMaxEvent) std::abort();
      seen.append(event.name).append("\x1f").append(event.data).append("\x1e");
    }
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t cut = data[0] % 16;
  const std::string_view stream(reinterpret_cast<const char*>(data) + 1, size - 1);
  bool whole_failed = false;
  bool pieces_failed = false;
  const std::string whole = Parse(stream, 0, &whole_failed);
  const std::string pieces = Parse(stream, cut, &pieces_failed);
  // Lines near the bound may be refused in one way only; what both accept must be the same.
  if (!whole_failed && !pieces_failed && whole != pieces) std::abort();
  return 0;
}
