#include "adapters/openai_stream.h"

#include <algorithm>
#include <utility>

#include "adapters/error_detail.h"
#include "adapters/failure_signs.h"
#include "adapters/json_mend.h"

namespace moerge {
namespace {

constexpr std::string_view kErrorInStream = "an error in the stream";

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
    if (IsErrorName(event.name)) {
      const std::string_view said = event.data.empty() ? event.name : event.data;
      return ErrorInAnswer(backend_, kErrorInStream, said);
    }
    if (IsHeartbeat(event)) continue;
    auto taken = Take(event.data, event.name, piece);
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
    return ErrorInAnswer(backend_, "an event of the stream is not JSON", *data);
  }
  NoteMended(notes_, "an event of the stream was mended");
  *data = mended_;
  return Ok{};
}

Result<bool> OpenAiStreamReader::LeavesOut(std::string_view data, std::string_view name) {
  const Sign sign = SignOf(data);
  const bool in_frame = seen_.has_choices || seen_.usage;
  if (sign == Sign::kFailure || (sign == Sign::kWords && in_frame)) {
    return ErrorInAnswer(backend_, kErrorInStream, data);
  }
  if (in_frame) return false;
  if (sign != Sign::kNothing && !IsPing(name)) left_out_ = QuoteError(backend_, data);
  NoteMended(notes_, "events that are no chunks were left out");
  return true;
}

Result<bool> OpenAiStreamReader::Take(std::string_view data, std::string_view name, Piece* piece) {
  Status read = Read(&data);
  if (!read) return std::move(read).error();
  if (seen_.has_error) return FailedAnswer(backend_, kErrorInStream, data);
  if (seen_.choices == 0 && (seen_.more || !(seen_.has_choices || seen_.usage))) {
    auto left_out = LeavesOut(data, name);
    if (!left_out) return left_out;
    if (*left_out) return false;
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
  if (seen.says) {
    // What was left out before more of the answer was not its end.
    left_out_.clear();
    parser_.ForgetIgnored();
  }
  begun_ |= seen.begun;
  ended_ |= seen.ended;
  summary_.content_bytes += static_cast<std::int64_t>(seen.content_bytes);
  summary_.other_bytes += static_cast<std::int64_t>(seen.other_bytes);
  if (!seen.finish_reason.empty()) summary_.finish_reason = seen.finish_reason;
  counted_ = counted_ || seen.usage;
  if (seen.usage) summary_.usage = *seen.usage;
}

Status OpenAiStreamReader::End() const {
  const std::string& reason = summary_.finish_reason;
  // Some servers never say [DONE]; a stream whose answers are finished is whole nevertheless, and
  // some never say that. But what came in the place of a chunk may have been the end.
  const bool odd = !left_out_.empty() || !parser_.ignored().empty();
  const bool finished = !reason.empty() && (begun_ & ~ended_).none();
  if (done_ ? reason.empty() && odd : !finished) {
    return ErrorBehind(backend_, left_out_, parser_.ignored());
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
