// What undoes one coding of a body, a piece at a time. Keeps zlib and brotli behind its .cc files.
// Not thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

namespace moerge {

class Unpacker {
 public:
  virtual ~Unpacker() = default;
  // REQUIRES: Take gave 0 since the last Feed; `bytes` stays valid until it does again.
  virtual void Feed(std::string_view bytes) = 0;
  // Writes at most `room` decoded bytes to `out` and gives their number; 0: it needs more. None:
  // what was fed is not of this coding.
  virtual std::optional<std::size_t> Take(char* out, std::size_t room) = 0;
  // Whether the coding's own end was seen.
  virtual bool finished() const = 0;
};

enum class ZlibKind { kGzip, kDeflate };
std::unique_ptr<Unpacker> MakeZlibUnpacker(ZlibKind kind);

bool HasBrotli();  // whether its library was at hand when this was built
// Its window, and so its memory, is 16 MiB at most. REQUIRES: HasBrotli().
std::unique_ptr<Unpacker> MakeBrotliUnpacker();

}  // namespace moerge
