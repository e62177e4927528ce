#include "adapters/content_decoder.h"

#include <algorithm>
#include <utility>

#include "adapters/unpacker.h"
#include "adapters/upstream.h"
#include "config/base/text.h"

namespace moerge {
namespace {

constexpr std::size_t kPiece = 64 << 10;
constexpr std::size_t kMostCodings = 3;  // one upon the other

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

ContentDecoder::ContentDecoder(Coding coding)
    : unpacker_(
          coding == Coding::kBrotli
              ? MakeBrotliUnpacker()
              : MakeZlibUnpacker(coding == Coding::kGzip ? ZlibKind::kGzip : ZlibKind::kDeflate)),
      buffer_(kPiece, '\0') {}

ContentDecoder::~ContentDecoder() = default;

void ContentDecoder::Feed(std::string_view bytes) { unpacker_->Feed(bytes); }

Result<std::string_view> ContentDecoder::Next() {
  const std::optional<std::size_t> size = unpacker_->Take(buffer_.data(), buffer_.size());
  if (size) return std::string_view(buffer_.data(), *size);
  return Error{ErrorCode::kUpstream, "the expert's compressed reply is damaged"};
}

bool ContentDecoder::finished() const { return unpacker_->finished(); }

std::optional<ContentDecoder::Coding> ParseCoding(std::string_view name) {
  if (EqualsIgnoreCase(name, "gzip") || EqualsIgnoreCase(name, "x-gzip")) {
    return ContentDecoder::Coding::kGzip;
  }
  if (EqualsIgnoreCase(name, "deflate")) return ContentDecoder::Coding::kDeflate;
  if (EqualsIgnoreCase(name, "br") && HasBrotli()) return ContentDecoder::Coding::kBrotli;
  return std::nullopt;
}

std::string_view KnownCodings() {
  return HasBrotli() ? "gzip, deflate and br" : "gzip and deflate";
}

namespace {

// Of IANA's registry, those that are not read here. Any other word is no coding: servers write
// charsets and transfer codings there, and clients pass over them.
constexpr std::string_view kUnreadable[] = {"zstd", "br",  "compress", "x-compress",
                                            "dcb",  "dcz", "exi",      "pack200-gzip"};

bool IsUnreadable(std::string_view name) {
  return std::ranges::find(kUnreadable, LowerAscii(name)) != std::end(kUnreadable);
}

}  // namespace

Result<std::unique_ptr<InboundResponse>> Decoded(const Backend& backend,
                                                 std::unique_ptr<InboundResponse> response,
                                                 AnswerNotes* notes) {
  const std::string header(response->Header("content-encoding"));
  if (header.empty()) return response;
  std::vector<std::string_view> names = Split(header, ',');
  std::ranges::reverse(names);  // the last was applied last
  std::size_t applied = 0;
  for (const std::string_view listed : names) {
    const std::string_view name = Trim(listed);
    const auto coding = ParseCoding(name);
    if (!coding && !IsUnreadable(name)) continue;
    if (!coding || ++applied > kMostCodings) {
      return NotAnAnswer(backend, "the reply is in the content-coding `" +
                                      ShownText(backend, std::string(coding ? header : name)) +
                                      "`, though identity was asked for; " +
                                      std::string(KnownCodings()) + " can be read");
    }
    response = std::make_unique<DecodedResponse>(std::move(response), *coding);
  }
  if (applied > 0) NoteMended(notes, "the reply came compressed (" + header + ")");
  return response;
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
