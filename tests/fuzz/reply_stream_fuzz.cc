// Any bytes as the stream of each API, cut anywhere: no crash, and the same chunks, the same end
// and the same count however they are cut.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/anthropic_reply.h"
#include "adapters/line_splitter.h"
#include "adapters/ollama_reply.h"
#include "adapters/openai_stream.h"
#include "adapters/repeated_chunk.h"
#include "adapters/sse.h"

namespace {

using moerge::Backend;

// What came of a stream: its chunks, and how it ended.
struct Outcome {
  std::string chunks;
  std::string error;
  std::string finish;
  std::int64_t bytes = 0;
  bool operator==(const Outcome&) const = default;
};

// Without what a reply is given that lacks it: ids are random, and it is made now.
std::string WithoutMade(std::string text) {
  struct Made {
    std::string_view mark;
    std::string_view digits;
    std::size_t least;
  };
  constexpr std::string_view kHex = "0123456789abcdef";
  constexpr Made kMade[] = {
      {"call_", kHex, 32}, {"chatcmpl-", kHex, 32}, {"\"created\":", kHex.substr(0, 10), 1}};
  for (const Made& made : kMade) {
    for (std::size_t at = text.find(made.mark); at != text.npos;
         at = text.find(made.mark, at + 1)) {
      const std::size_t begin = at + made.mark.size();
      const std::size_t end = std::min(text.find_first_not_of(made.digits, begin), text.size());
      if (end - begin >= made.least) text.erase(begin, end - begin);
    }
  }
  return text;
}

// Calls `feed` with pieces of the stream until it gives false.
template <class Feed>
void Cut(std::string_view stream, std::size_t cut, Feed feed) {
  const std::size_t size = cut == 0 ? stream.size() + 1 : cut;
  for (std::size_t at = 0; at < stream.size(); at += size) {
    const std::string piece(stream.substr(at, size));
    if (!feed(piece)) return;
  }
}

void Count(const moerge::StreamSummary& summary, Outcome* outcome) {
  outcome->finish = summary.finish_reason;
  outcome->bytes = summary.content_bytes + summary.other_bytes;
}

Outcome OpenAi(const Backend& backend, std::string_view stream, std::size_t cut) {
  moerge::OpenAiStreamReader reader(backend, true, nullptr);
  Outcome outcome;
  Cut(stream, cut, [&](const std::string& piece) {
    reader.Feed(piece);
    moerge::OpenAiStreamReader::Piece next;
    for (;;) {
      const auto more = reader.Next(&next);
      if (!more) outcome.error = more.error().message;
      if (!more || !*more) return more.ok() && !reader.done();
      outcome.chunks.append(next.chunk.json).append(next.says ? "\x1e" : "\x1f");
    }
  });
  const moerge::Status ended = reader.End();
  if (outcome.error.empty() && !ended) outcome.error = ended.error().message;
  Count(reader.summary(), &outcome);
  return outcome;
}

// Of a protocol whose stream is split by `splitter` into texts that `stream` takes.
template <class Stream, class Splitter, class Next>
Outcome Translated(Stream& stream, Splitter& splitter, Next next, std::string_view bytes,
                   std::size_t cut) {
  Outcome outcome;
  std::vector<std::string> chunks;
  Cut(bytes, cut, [&](const std::string& piece) {
    splitter.Feed(piece);
    while (!stream.done()) {
      std::string_view text;
      const auto more = next(splitter, &text);
      moerge::Status taken = moerge::Ok{};
      if (!more) taken = more.error();
      if (more && *more) taken = stream.Take(text, &chunks);
      if (!taken) outcome.error = taken.error().message;
      if (!taken || !*more) return taken.ok();
    }
    return false;
  });
  for (const std::string& chunk : chunks) outcome.chunks.append(chunk).append("\x1e");
  Count(stream.writer().summary(), &outcome);
  return outcome;
}

Outcome Anthropic(const Backend& backend, std::string_view bytes, std::size_t cut) {
  moerge::AnthropicStream stream(backend, 1, true);
  moerge::SseParser parser(moerge::kMaxReply);
  const auto next = [](moerge::SseParser& from, std::string_view* text) {
    moerge::SseParser::Event event;
    auto more = from.Next(&event);
    *text = event.data;
    return more;
  };
  return Translated(stream, parser, next, bytes, cut);
}

Outcome Ollama(const Backend& backend, std::string_view bytes, std::size_t cut) {
  const moerge::ReplyIdentity identity{.id = "c", .created = 1};
  moerge::OllamaStream stream(backend, identity, true);
  moerge::LineSplitter lines(moerge::kMaxReply);
  const auto next = [](moerge::LineSplitter& from, std::string_view* text) {
    return from.Next(text);
  };
  return Translated(stream, lines, next, bytes, cut);
}

// Lines as chunks: what is read by the frame of the one before is what the scanner reads.
void CheckRepeated(std::string_view bytes) {
  moerge::RepeatedChunk repeated;
  while (!bytes.empty()) {
    const std::string_view line = bytes.substr(0, bytes.find('\n'));
    bytes.remove_prefix(std::min(bytes.size(), line.size() + 1));
    moerge::OpenAiChunk scanned;
    const bool valid = moerge::ScanOpenAiChunk(line, &scanned);
    moerge::OpenAiChunk chunk;
    if (repeated.Read(line, &chunk)) {
      const bool same = chunk.text == scanned.text && chunk.choices == scanned.choices &&
                        chunk.content_bytes == scanned.content_bytes &&
                        chunk.other_bytes == scanned.other_bytes &&
                        chunk.model_begin == scanned.model_begin &&
                        chunk.model_end == scanned.model_end && scanned.says &&
                        !scanned.has_error && !scanned.twice && !scanned.odd && !scanned.bare &&
                        scanned.finish_reason.empty() && !scanned.usage;
      if (!valid || !same) std::abort();
    } else if (valid && !scanned.twice) {
      repeated.Keep(line, scanned);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  Backend backend;
  backend.name = "b";
  const std::size_t cut = 1 + data[0] % 32;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  CheckRepeated(bytes);
  for (const auto read : {OpenAi, Anthropic, Ollama}) {
    Outcome whole = read(backend, bytes, 0);
    Outcome pieces = read(backend, bytes, cut);
    for (Outcome* outcome : {&whole, &pieces}) {
      outcome->chunks = WithoutMade(std::move(outcome->chunks));
      outcome->error = WithoutMade(std::move(outcome->error));
    }
    if (whole != pieces) std::abort();
  }
  return 0;
}
