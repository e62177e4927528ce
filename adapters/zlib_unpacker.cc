#include <zlib.h>

#include "adapters/unpacker.h"

namespace moerge {
namespace {

constexpr int kWithHeader = MAX_WBITS + 32;  // zlib's or gzip's, told by its first bytes
constexpr int kWithoutHeader = -MAX_WBITS;

// Whether two bytes begin a zlib stream: method 8 and a sum that divides by 31.
bool BeginsZlib(std::string_view bytes) {
  if (bytes.size() < 2) return true;
  const auto first = static_cast<unsigned char>(bytes[0]);
  const auto second = static_cast<unsigned char>(bytes[1]);
  return (first & 0x0F) == 8 && ((first << 8) | second) % 31 == 0;
}

class ZlibUnpacker : public Unpacker {
 public:
  explicit ZlibUnpacker(ZlibKind kind) : kind_(kind) {}
  ~ZlibUnpacker() override {
    if (begun_) inflateEnd(&stream_);
  }
  ZlibUnpacker(const ZlibUnpacker&) = delete;
  ZlibUnpacker& operator=(const ZlibUnpacker&) = delete;

  void Feed(std::string_view bytes) override {
    // zlib takes no pointer to const; it does not write there.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    if (begun_ || bytes.empty()) return;
    const bool bare = kind_ == ZlibKind::kDeflate && !BeginsZlib(bytes);
    begun_ = inflateInit2(&stream_, bare ? kWithoutHeader : kWithHeader) == Z_OK;
  }

  std::optional<std::size_t> Take(char* out, std::size_t room) override {
    while (begun_) {
      if (finished_ && stream_.avail_in == 0) return 0;
      if (finished_) {
        // Another member of a gzip file; what else follows the end is nothing.
        const bool more = kind_ == ZlibKind::kGzip && *stream_.next_in == 0x1F;
        finished_ = !more || inflateReset(&stream_) != Z_OK;
        if (finished_) stream_.avail_in = 0;
        continue;
      }
      stream_.next_out = reinterpret_cast<Bytef*>(out);
      stream_.avail_out = static_cast<uInt>(room);
      const int result = inflate(&stream_, Z_SYNC_FLUSH);
      const std::size_t size = room - stream_.avail_out;
      finished_ = result == Z_STREAM_END;
      if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) return std::nullopt;
      if (size > 0 || !finished_) return size;
    }
    return 0;
  }

  bool finished() const override { return finished_; }

 private:
  z_stream stream_ = {};
  const ZlibKind kind_;
  bool begun_ = false;
  bool finished_ = false;
};

}  // namespace

std::unique_ptr<Unpacker> MakeZlibUnpacker(ZlibKind kind) {
  return std::make_unique<ZlibUnpacker>(kind);
}

}  // namespace moerge
