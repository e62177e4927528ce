#include "adapters/unpacker.h"

#ifdef MOERGE_BROTLI
#include <brotli/decode.h>

#include <cstdint>

namespace moerge {
namespace {

class BrotliUnpacker : public Unpacker {
 public:
  BrotliUnpacker() : state_(BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)) {}
  ~BrotliUnpacker() override { BrotliDecoderDestroyInstance(state_); }
  BrotliUnpacker(const BrotliUnpacker&) = delete;
  BrotliUnpacker& operator=(const BrotliUnpacker&) = delete;

  void Feed(std::string_view bytes) override { bytes_ = bytes; }

  // What follows the end is nothing.
  std::optional<std::size_t> Take(char* out, std::size_t room) override {
    if (finished()) return 0;
    std::size_t left = bytes_.size();
    auto* from = reinterpret_cast<const std::uint8_t*>(bytes_.data());
    std::size_t free = room;
    auto* to = reinterpret_cast<std::uint8_t*>(out);
    const BrotliDecoderResult result =
        BrotliDecoderDecompressStream(state_, &left, &from, &free, &to, nullptr);
    bytes_.remove_prefix(bytes_.size() - left);
    if (result == BROTLI_DECODER_RESULT_ERROR) return std::nullopt;
    return room - free;
  }

  bool finished() const override {
    return state_ != nullptr && BrotliDecoderIsFinished(state_) == BROTLI_TRUE;
  }

 private:
  BrotliDecoderState* state_;
  std::string_view bytes_;
};

}  // namespace

bool HasBrotli() { return true; }

std::unique_ptr<Unpacker> MakeBrotliUnpacker() { return std::make_unique<BrotliUnpacker>(); }

}  // namespace moerge

#else
namespace moerge {

bool HasBrotli() { return false; }

std::unique_ptr<Unpacker> MakeBrotliUnpacker() { return nullptr; }

}  // namespace moerge
#endif
