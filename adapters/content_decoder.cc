#include "adapters/content_decoder.h"

#include <zlib.h>

#include <utility>

#include "adapters/upstream.h"
#include "config/base/text.h"

namespace moerge {
namespace {

constexpr std::size_t kPiece = 64 << 10;
constexpr int kWithHeader = MAX_WBITS + 32;  // zlib's or gzip's, told by its first bytes
constexpr int kWithoutHeader = -MAX_WBITS;

// Whether two bytes begin a zlib stream: method 8 and a sum that divides by 31.
bool BeginsZlib(std::string_view bytes) {
  if (bytes.size() < 2) return true;
  const auto first = static_cast<unsigned char>(bytes[0]);
  const auto second = static_cast<unsigned char>(bytes[1]);
  return (first & 0x0F) == 8 && ((first << 8) | second) % 31 == 0;
}

class DecodedResponse : public InboundResponse {
 public:
  DecodedResponse(std::unique_ptr<InboundResponse> inner, ContentDecoder::Coding coding)
      : inner_(std::move(inner)), decoder_(coding) {}

  int status() const override { return inner_->status(); }
  std::string_view Header(std::string_view name) const override { return inner_->Header(name); }

  Task<Result<std::string_view>> Read() override {
    while (true) {
      Result<std::string_view> decoded = decoder_.Next();
      if (!decoded || !decoded->empty()) co_return decoded;
      Result<std::string_view> bytes = co_await inner_->Read();
      if (!bytes) co_return std::move(bytes).error();
      if (bytes->empty()) {
        if (decoder_.finished()) co_return std::string_view();
        co_return Error{ErrorCode::kUpstream, "the expert's compressed reply ends early"};
      }
      decoder_.Feed(*bytes);
    }
  }

  void SetIdleTimeout(std::chrono::milliseconds limit) override { inner_->SetIdleTimeout(limit); }
  void Finish() override { inner_->Finish(); }

 private:
  std::unique_ptr<InboundResponse> inner_;
  ContentDecoder decoder_;
};

}  // namespace

struct ContentDecoder::State {
  z_stream stream = {};
};

ContentDecoder::ContentDecoder(Coding coding)
    : state_(std::make_unique<State>()), buffer_(kPiece, '\0'), coding_(coding) {}

ContentDecoder::~ContentDecoder() {
  if (begun_) inflateEnd(&state_->stream);
}

void ContentDecoder::Feed(std::string_view bytes) {
  z_stream& stream = state_->stream;
  // zlib takes no pointer to const; it does not write there.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  if (begun_ || bytes.empty()) return;
  const bool bare = coding_ == Coding::kDeflate && !BeginsZlib(bytes);
  begun_ = inflateInit2(&stream, bare ? kWithoutHeader : kWithHeader) == Z_OK;
}

Result<std::string_view> ContentDecoder::Next() {
  z_stream& stream = state_->stream;
  while (begun_) {
    if (finished_ && stream.avail_in == 0) return std::string_view();
    if (finished_) {
      // Another member of a gzip file; what else follows the end is nothing.
      const bool more = coding_ == Coding::kGzip && *stream.next_in == 0x1F;
      finished_ = !more || inflateReset(&stream) != Z_OK;
      if (finished_) stream.avail_in = 0;
      continue;
    }
    stream.next_out = reinterpret_cast<Bytef*>(buffer_.data());
    stream.avail_out = static_cast<uInt>(buffer_.size());
    const int result = inflate(&stream, Z_SYNC_FLUSH);
    const std::size_t size = buffer_.size() - stream.avail_out;
    finished_ = result == Z_STREAM_END;
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) break;
    if (size > 0) return std::string_view(buffer_.data(), size);
    if (!finished_) return std::string_view();
  }
  if (!begun_) return std::string_view();
  return Error{ErrorCode::kUpstream, "the expert's compressed reply is damaged"};
}

std::optional<ContentDecoder::Coding> ParseCoding(std::string_view name) {
  if (EqualsIgnoreCase(name, "gzip") || EqualsIgnoreCase(name, "x-gzip")) {
    return ContentDecoder::Coding::kGzip;
  }
  if (EqualsIgnoreCase(name, "deflate")) return ContentDecoder::Coding::kDeflate;
  return std::nullopt;
}

Result<std::unique_ptr<InboundResponse>> Decoded(const Backend& backend,
                                                 std::unique_ptr<InboundResponse> response,
                                                 AnswerNotes* notes) {
  const std::string name(Trim(response->Header("content-encoding")));
  if (name.empty() || EqualsIgnoreCase(name, "identity")) return response;
  const auto coding = ParseCoding(name);
  if (!coding) {
    return NotAnAnswer(backend, "the reply is in the content-coding `" + ShownText(backend, name) +
                                    "`, though identity was asked for; gzip and deflate can be "
                                    "read");
  }
  NoteMended(notes, "the reply came compressed (" + name + ")");
  std::unique_ptr<InboundResponse> decoded =
      std::make_unique<DecodedResponse>(std::move(response), *coding);
  return decoded;
}

Result<std::string> DecodeContent(ContentDecoder::Coding coding, std::string_view text,
                                  std::size_t limit) {
  ContentDecoder decoder(coding);
  decoder.Feed(text);
  std::string out;
  while (true) {
    Result<std::string_view> piece = decoder.Next();
    if (!piece) return Error{ErrorCode::kInvalid, "the compressed body is damaged"};
    if (piece->empty()) break;
    if (out.size() + piece->size() > limit) {
      return Error{ErrorCode::kTooLarge,
                   "the body is over " + std::to_string(limit) + " bytes once it is decompressed"};
    }
    out.append(*piece);
  }
  if (!decoder.finished()) return Error{ErrorCode::kInvalid, "the compressed body ends early"};
  return out;
}

}  // namespace moerge
