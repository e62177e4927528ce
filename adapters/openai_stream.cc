#include "adapters/openai_stream.h"

#include <algorithm>
#include <utility>

#include "adapters/error_detail.h"
#include "adapters/json_mend.h"

namespace moerge {
namespace {

ChatChunk ChunkOf(std::string_view json) {
  OpenAiChunk seen;
  if (!ScanOpenAiChunk(json, &seen)) return {json, 0, 0};
  return {json, seen.model_begin, seen.model_end};
}

// The chunk with other choices: `write` writes what stands in their array.
template <class Write>
std::string WithChoices(std::string_view json, const Write& write) {
  const auto document = json::Document::Parse(json);
  if (!document) return std::string(json);
  std::string out;
  json::Writer writer(&out);
  writer.BeginObject();
  for (const json::Value member : document->root().children()) {
    if (member.key() != "choices") writer.Key(member.key()).Raw(member.raw());
  }
  writer.Key("choices").BeginArray();
  write(document->root().Find("choices"), writer);
  writer.EndArray().EndObject();
  return out;
}

// What only counts tokens has an empty array of them.
void WriteNone(const json::Value&, json::Writer&) {}

// Every choice has a delta, which readers look into.
void WriteWithDeltas(const json::Value& choices, json::Writer& writer) {
  for (const json::Value choice : choices.children()) {
    const bool bare = !choice.Find("delta").is_object();
    writer.BeginObject();
    for (const json::Value part : choice.children()) {
      if (!bare || part.key() != "delta") writer.Key(part.key()).Raw(part.raw());
    }
    if (bare) writer.Key("delta").BeginObject().EndObject();
    writer.EndObject();
  }
}

}  // namespace

Result<bool> OpenAiStreamReader::Next(Piece* piece) {
  if (!second_.empty()) {
    mended_ = std::exchange(second_, {});
    *piece = {ChunkOf(mended_), true};
    return true;
  }
  SseParser::Event event;
  while (!done_) {
    auto next = parser_.Next(&event);
    if (!next) return NotAnAnswer(backend_, next.error().message);
    if (!*next) return false;
    done_ = IsDone(event.data);
    if (done_) break;
    if (IsHeartbeat(event)) continue;
    auto taken = Take(event.data, event.name == "error", piece);
    if (!taken || *taken) return taken;
  }
  return false;
}

Status OpenAiStreamReader::Read(std::string_view* data) {
  seen_ = {};
  if (repeated_.Read(*data, &seen_)) return Ok{};
  if (ScanOpenAiChunk(*data, &seen_) && !seen_.twice) {
    repeated_.Keep(*data, seen_);
    return Ok{};
  }
  std::optional<std::string> mended = MendJson(*data);
  mended_ = std::move(mended).value_or("");
  seen_ = {};  // it points into what was looked at
  if (!ScanOpenAiChunk(mended_, &seen_)) {
    return NotAnAnswer(backend_,
                       "an event of the stream is not JSON: " + QuoteError(backend_, *data));
  }
  NoteMended(notes_, "an event of the stream was mended");
  *data = mended_;
  return Ok{};
}

Result<bool> OpenAiStreamReader::Take(std::string_view data, bool error_event, Piece* piece) {
  Status read = Read(&data);
  if (!read) return std::move(read).error();
  if (seen_.has_error || error_event) {
    return ErrorInAnswer(backend_, "an error in the stream", data);
  }
  if (!seen_.has_choices && !seen_.usage) {
    if (StatusIn(data) != 0) return ErrorInAnswer(backend_, "an error in the stream", data);
    NoteMended(notes_, "events that are no chunks were left out");
    return false;
  }
  if (!InShape()) Reshape(&data);
  if (seen_.no_text) {
    return NotAnAnswer(backend_, "the stream's content is no text: " + QuoteError(backend_, data));
  }
  if (frame_.id.empty() && !seen_.id.empty()) frame_.id = "\"" + std::string(seen_.id) + "\"";
  Count(seen_);
  if (seen_.choices == 0 && seen_.usage && !wants_usage_) return false;
  if (!seen_.has_choices) {
    mended_ = WithChoices(data, WriteNone);
    data = mended_;
    *piece = {ChunkOf(data), false};
    return true;
  }
  ++summary_.chunks;
  if (seen_.bare) {
    NoteMended(notes_, "choices without a delta were completed");
    const bool says = seen_.says;
    mended_ = WithChoices(data, WriteWithDeltas);
    *piece = {ChunkOf(mended_), says};
    return true;
  }
  StreamedCalls::Mended mended = calls_.Take(data, seen_);
  if (mended.json.empty() && mended.before.empty()) {
    *piece = {{data, seen_.model_begin, seen_.model_end}, seen_.says};
    return true;
  }
  NoteMended(notes_, kCompletedCalls);
  std::string chunk = mended.json.empty() ? std::string(data) : std::move(mended.json);
  if (!mended.before.empty()) second_ = std::exchange(chunk, std::move(mended.before));
  mended_ = std::move(chunk);
  *piece = {ChunkOf(mended_), true};
  return true;
}

bool OpenAiStreamReader::InShape() const {
  if (seen_.legacy) return true;
  const std::string_view id = std::string_view(frame_.id).substr(frame_.id.empty() ? 0 : 1);
  const bool other = !seen_.id.empty() && !id.empty() && seen_.id != id.substr(0, id.size() - 1);
  return !seen_.odd && !other && !(seen_.counts_up && frame_.one_choice);
}

// Puts the chunk into OpenAI's shape.
void OpenAiStreamReader::Reshape(std::string_view* data) {
  const auto document = json::Document::Parse(*data);
  if (!document) return;
  std::string mended = MendShape(*document, &frame_);
  if (mended.empty()) return;
  NoteMended(notes_, kOtherShape);
  mended_ = std::move(mended);
  *data = mended_;
  seen_ = {};
  ScanOpenAiChunk(mended_, &seen_);
}

void OpenAiStreamReader::Count(const OpenAiChunk& seen) {
  said_ = said_ || seen.says;
  summary_.content_bytes += static_cast<std::int64_t>(seen.content_bytes);
  summary_.other_bytes += static_cast<std::int64_t>(seen.other_bytes);
  if (!seen.finish_reason.empty()) summary_.finish_reason = seen.finish_reason;
  counted_ = counted_ || seen.usage;
  if (seen.usage) summary_.usage = *seen.usage;
}

Status OpenAiStreamReader::End() const {
  const std::string& reason = summary_.finish_reason;
  // Some servers never say [DONE]; a stream whose answer is finished is whole nevertheless.
  if (!done_ && reason.empty()) {
    return NotAnAnswer(backend_, "the stream ended before the answer did");
  }
  if (said_) return Ok{};
  if (reason == "tool_calls" || reason == "function_call") {
    return NotAnAnswer(backend_, "the stream calls no function");
  }
  const bool counted = counted_ && summary_.usage.completion_tokens == 0;
  if (reason.empty() || (reason == "stop" && counted)) {
    return NotAnAnswer(backend_, "the stream ended without an answer");
  }
  return Ok{};
}

}  // namespace moerge
