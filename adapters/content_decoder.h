// Replies that come compressed though identity was asked for (RFC 9110, 8.4.1). Threads: the loop
// of the call.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/chat.h"
#include "adapters/http_client.h"
#include "config/entities.h"

namespace moerge {

class Unpacker;

// gzip (RFC 1952, members in a row too), deflate (RFC 1950, or 1951 as some servers mean it) or br
// (RFC 7932), a piece at a time. Pure; not thread-safe.
class ContentDecoder {
 public:
  enum class Coding { kGzip, kDeflate, kBrotli };
  explicit ContentDecoder(Coding coding);
  ~ContentDecoder();
  ContentDecoder(const ContentDecoder&) = delete;
  ContentDecoder& operator=(const ContentDecoder&) = delete;

  // REQUIRES: Next gave nothing since the last Feed; `bytes` stays valid until then.
  void Feed(std::string_view bytes);
  // The next decoded bytes, at most 64 KiB, valid until the next call; empty: it needs more.
  // Error: kUpstream, for what is not of this coding.
  Result<std::string_view> Next();
  // Whether the coding's own end was seen.
  bool finished() const;

 private:
  std::unique_ptr<Unpacker> unpacker_;
  std::string buffer_;
};

// The coding of this name; none: it is not known here. br is where libbrotlidec was at hand when
// this was built.
std::optional<ContentDecoder::Coding> ParseCoding(std::string_view name);
// "gzip, deflate and br", for error texts.
std::string_view KnownCodings();

// The response, with its body decoded if it is coded; `notes` (may be null) say so. Error:
// kUpstream that names a coding that is not known.
Result<std::unique_ptr<InboundResponse>> Decoded(const Backend& backend,
                                                 std::unique_ptr<InboundResponse> response,
                                                 AnswerNotes* notes);

// A whole text of at most `limit` bytes decoded. Errors: kInvalid, it is not of this coding;
// kTooLarge.
Result<std::string> DecodeContent(ContentDecoder::Coding coding, std::string_view text,
                                  std::size_t limit);

}  // namespace moerge
