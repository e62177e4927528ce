#include "registry/decision_pieces.h"

#include <algorithm>

namespace moerge {
namespace {

// The piece whose code begins at `*at`, which is advanced; empty for a code that is none.
std::string_view TakePiece(std::string_view packed, std::size_t* at) {
  const auto byte = static_cast<unsigned char>(packed[(*at)++]);
  std::size_t piece = byte - 1u;
  if (byte == kLongPiece) {
    if (*at == packed.size()) return {};
    piece = kShortPieces + static_cast<unsigned char>(packed[(*at)++]) - 0x20u;
  }
  return piece < std::size(kDecisionPieces) ? kDecisionPieces[piece] : std::string_view();
}

}  // namespace

void AppendUnpacked(std::string_view packed, std::string* out) {
  out->reserve(out->size() + 2 * packed.size());
  for (std::size_t at = 0; at < packed.size();) {
    const auto code = std::find_if(packed.begin() + static_cast<std::ptrdiff_t>(at), packed.end(),
                                   [](char c) { return static_cast<unsigned char>(c) < 0x20; });
    const auto end = static_cast<std::size_t>(code - packed.begin());
    out->append(packed, at, end - at);
    at = end;
    if (at < packed.size()) out->append(TakePiece(packed, &at));
  }
}

}  // namespace moerge
