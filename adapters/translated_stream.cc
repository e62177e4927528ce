#include "adapters/translated_stream.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "adapters/held_chunks.h"
#include "adapters/json_edit.h"
#include "adapters/openai_fields.h"
#include "adapters/openai_reply.h"
#include "adapters/reply_chunks.h"
#include "adapters/token_estimate.h"
#include "adapters/upstream.h"

namespace moerge {
namespace {

void NoteTranslation(const ChatCall& call, const TranslatedRequest& translated) {
  if (call.notes == nullptr) return;
  std::vector<std::string>& told = call.notes->told;
  for (const std::string& note : translated.notes) {
    if (std::ranges::find(told, note) == told.end()) told.push_back(note);
  }
}

// The end of an answer that only moerge's own limit has cut.
template <class Answer>
void NoteCut(const ChatCall& call, const TranslatedRequest& translated, const Answer& answer) {
  if (call.notes == nullptr || translated.own_limit == 0) return;
  if (answer.finish_reason != "length" || answer.context_full) return;
  call.notes->told.push_back("the answer was cut at " + std::to_string(translated.own_limit) +
                             " tokens: the request has no `max_tokens`, and the expert's "
                             "`max_output` says no more");
}

// Fills in an estimated usage where the reply said none, for the client, too.
void EstimateUsage(const ChatCall& call, ChatReply* reply) {
  if (!reply->usage.estimated && reply->usage.prompt_tokens > 0) return;
  const auto document = json::Document::Parse(reply->json);
  if (!document || document->root().Find("choices").size() == 0) return;
  const json::Value first = *document->root().Find("choices").children().begin();
  const std::int64_t answer = EstimateAnswerTokens(first.Find("message"));
  reply->usage = Settled(reply->usage, call.body->root(), answer);
  const json::Value said = document->root().Find("usage");
  if (!said) return;
  std::string usage;
  json::Writer writer(&usage);
  WriteUsage(reply->usage, &writer);
  reply->json = Edited(reply->json, {Replacement(said, std::move(usage))});
}

// The summary at the stream's end, with an estimated usage where none was said. Error: kUpstream,
// if the answer was cut: the stream is over, and no reason for the answer's end was given.
Result<StreamSummary> FinishSummary(const ChatCall& call, bool done, StreamSummary summary) {
  const bool said = summary.content_bytes + summary.other_bytes > 0;
  if (summary.finish_reason.empty() && !(done && said)) {
    return NotAnAnswer(*call.backend, done ? "the stream ended without an answer"
                                           : "the stream ended before the answer did");
  }
  const std::int64_t answer =
      EstimateTokens(static_cast<std::size_t>(summary.content_bytes + summary.other_bytes));
  summary.usage = Settled(summary.usage, call.body->root(), answer);
  return summary;
}

class TranslatedStream {
 public:
  TranslatedStream(const ChatCall& call, const TranslatedRequest& translated,
                   ReplyTranslator& translator, ChunkSink& sink)
      : call_(call), translated_(translated), translator_(translator), sink_(sink) {}

  Task<Result<StreamSummary>> Run(InboundResponse& response) {
    response_ = &response;
    auto beginning = co_await ReadBeginning(response);
    if (!beginning) co_return std::move(beginning).error();
    if (!translator_.BeginsStream(ContentType(response), *beginning)) {
      co_return co_await Whole(response, std::move(*beginning));
    }
    Status taken = co_await Feed(*beginning);
    while (taken.ok() && !translator_.done()) {
      auto bytes = co_await response.Read();
      if (!bytes) co_return std::move(bytes).error();
      if (bytes->empty()) break;
      taken = co_await Feed(*bytes);
    }
    if (taken.ok() && !translator_.done()) taken = co_await End();
    if (!taken) co_return std::move(taken).error();
    if (translator_.done()) response.Finish();
    co_return FinishSummary(call_, translator_.done(), std::move(translator_.writer().summary()));
  }

 private:
  Task<Status> Feed(std::string_view bytes) {
    chunks_.clear();
    Status taken = translator_.Feed(bytes, &chunks_);
    Status written = co_await WriteChunks();
    co_return written.ok() ? std::move(taken) : std::move(written);
  }

  Task<Status> End() {
    chunks_.clear();
    Status taken = translator_.End(&chunks_);
    Status written = co_await WriteChunks();
    co_return written.ok() ? std::move(taken) : std::move(written);
  }

  Task<Status> WriteChunks() {
    const ChunkWriter& writer = translator_.writer();
    if (!noted_ && !translator_.writer().summary().finish_reason.empty()) {
      noted_ = true;
      NoteCut(call_, translated_, translator_.writer().summary());
    }
    if (!chunks_.empty() && !std::exchange(begun_, true)) {
      response_->SetIdleTimeout(call_.backend->idle_timeout);
    }
    for (const std::string& json : chunks_) {
      const ChatChunk chunk = writer.ChunkOf(json);
      Status written = co_await sink_.Write(chunk);
      if (!written) co_return written;
    }
    co_return Ok{};
  }

  // The reply is whole, though a stream was asked for.
  Task<Result<StreamSummary>> Whole(InboundResponse& response, std::string body) {
    response.SetIdleTimeout(call_.backend->idle_timeout);
    auto rest = co_await ReadAll(response, kMaxReply);
    if (!rest) co_return std::move(rest).error();
    body.append(*rest);
    auto reply = TranslateBody(body, *call_.backend, translator_);
    if (!reply) co_return std::move(reply).error();
    NoteMended(call_.notes, "a whole reply, not the stream asked for");
    NoteCut(call_, translated_, *reply);
    EstimateUsage(call_, &*reply);
    auto summary = co_await WriteReply(*reply, WantsUsage(call_.body->root()), sink_);
    co_return summary;
  }

  const ChatCall& call_;
  const TranslatedRequest& translated_;
  ReplyTranslator& translator_;
  ChunkSink& sink_;
  std::vector<std::string> chunks_;
  InboundResponse* response_ = nullptr;
  bool begun_ = false;  // something of an answer was seen
  bool noted_ = false;
};

}  // namespace

Task<Result<ChatReply>> ChatTranslated(HttpClient& http, const ChatCall& call,
                                       const OutboundRequest& request,
                                       const TranslatedRequest& translated, const CallScope& scope,
                                       ReplyTranslator& translator) {
  NoteTranslation(call, translated);
  auto body = co_await FetchBody(http, *call.backend, request, scope, call.notes);
  if (!body) co_return std::move(body).error();
  const bool streamed = translator.IsStream(*body);
  if (streamed) NoteMended(call.notes, "a stream, not the whole reply asked for");
  auto reply = TranslateBody(*body, *call.backend, translator);
  if (!reply) co_return std::move(reply).error();
  NoteCut(call, translated, *reply);
  EstimateUsage(call, &*reply);
  co_return reply;
}

Task<Result<StreamSummary>> StreamTranslated(HttpClient& http, const ChatCall& call,
                                             const OutboundRequest& request,
                                             const TranslatedRequest& translated,
                                             const CallScope& scope, ReplyTranslator& translator,
                                             ChunkSink& sink) {
  NoteTranslation(call, translated);
  auto response = co_await SendToBackend(http, *call.backend, request, scope, call.notes);
  if (!response) co_return std::move(response).error();
  TranslatedStream stream(call, translated, translator, sink);
  auto summary = co_await stream.Run(**response);
  co_return summary;
}

Result<ChatReply> TranslateBody(std::string_view body, const Backend& backend,
                                ReplyTranslator& translator) {
  if (!translator.IsStream(body)) return translator.Whole(body);
  std::vector<std::string> chunks;
  if (Status fed = translator.Feed(body, &chunks); !fed) return std::move(fed).error();
  if (!translator.done()) {
    if (Status ended = translator.End(&chunks); !ended) return std::move(ended).error();
  }
  StreamSummary& summary = translator.writer().summary();
  if (summary.finish_reason.empty()) {
    return NotAnAnswer(backend, "the stream ended before the answer did");
  }
  translator.writer().UsageOnly(&chunks);
  ChunkAssembler assembler;
  for (const std::string& chunk : chunks) {
    if (Status added = assembler.Add(chunk); !added) return std::move(added).error();
  }
  auto reply = ParseOpenAiReply(backend, assembler.Finish(), json::Value());
  if (!reply) return reply;
  reply->usage = summary.usage;
  reply->context_full = summary.context_full;
  return reply;
}

bool BeginsLikeEvents(std::string_view body) {
  for (const std::string_view field : {"data:", "event:", "id:", "retry:", ":"}) {
    if (body.starts_with(field)) return true;
  }
  return false;
}

}  // namespace moerge
