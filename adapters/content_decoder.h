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

// gzip (RFC 1952, members in a row too) or deflate (RFC 1950, or 1951 as some servers mean it), a
// piece at a time. Pure; not thread-safe.
class ContentDecoder {
 public:
  enum class Coding { kGzip, kDeflate };
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
  bool finished() const { return finished_; }

 private:
  struct State;
  std::unique_ptr<State> state_;
  std::string buffer_;
  const Coding coding_;
  bool begun_ = false;
  bool finished_ = false;
};

// The coding of this name; none: it is not known here.
std::optional<ContentDecoder::Coding> ParseCoding(std::string_view name);

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
