#include "services/api/chat_stream.h"

#include <optional>

#include "services/api/error.h"
#include "services/api/splice.h"
#include "services/api/usage_sum.h"
#include "services/calls/ledger.h"

namespace moerge::api {
namespace {

constexpr std::string_view kField = "data: ";
constexpr std::string_view kComment = ": experts are at work\n\n";
constexpr std::string_view kDone = "data: [DONE]\n\n";

// Line ends in JSON stand between its parts only; in an event they would end the line. There are
// hardly ever any.
void JoinLines(std::string* event, std::size_t from) {
  for (const char end : {'\n', '\r'}) {
    for (std::size_t at = event->find(end, from); at != event->npos; at = event->find(end, at)) {
      (*event)[at] = ' ';
    }
  }
}

}  // namespace

Task<Status> ChatStream::Write(const ChatChunk& chunk) {
  std::string moerge;
  if (!answering_) {
    moerge = BeginAnswer();
    Status begin = co_await Begin();
    if (!begin) co_return begin;
  }
  ChatChunk shown = chunk;
  std::string summed;
  const Usage others = record_.OtherCalls().usage;
  const bool more = others.prompt_tokens + others.completion_tokens > 0;
  if (more || !record_.aggregate.empty()) {
    summed = chunk.json;
    const std::optional<Usage> own =
        AddUsage(others, &summed, &shown.model_begin, &shown.model_end);
    shown.json = summed;
    if (own && !record_.aggregate.empty()) moerge = FinalSummary(*own);
  }
  if (moerge.empty() && record_.call_notes.told.size() > told_) moerge = Summary();
  told_ = record_.call_notes.told.size();
  const Splice splice{.json = shown.json,
                      .model_begin = shown.model_begin,
                      .model_end = shown.model_end,
                      .model = record_.expert->spec.name,
                      .moerge = moerge};
  event_.assign(kField);
  AppendSpliced(splice, &event_);
  JoinLines(&event_, kField.size());
  event_.append("\n\n");
  if (!writing_.TryLock()) co_await writing_.Lock();
  Status sent = co_await routed_.call.exchange.Write(event_);
  writing_.Unlock();
  co_return sent;
}

std::string ChatStream::BeginAnswer() {
  answering_ = true;
  record_.answered = true;  // this expert's answer is the one the client gets, whole or not
  record_.first_token = ChatRecord::Clock::now();
  return Summary();
}

// A write under way keeps the connection alive by itself.
Task<Status> ChatStream::KeepAlive() {
  Status begin = co_await Begin();
  if (!begin || !writing_.TryLock()) co_return begin;
  Status sent = co_await routed_.call.exchange.Write(kComment);
  writing_.Unlock();
  co_return sent;
}

// An event of its own name, in the shape of a chunk without choices for clients that look at the
// data alone.
Task<Status> ChatStream::Progress(std::string_view happened) {
  Status begin = co_await Begin();
  if (!begin) co_return begin;
  std::string event = "event: moerge\ndata: ";
  json::Writer writer(&event);
  writer.BeginObject().Field("id", "chatcmpl-" + record_.decision.id);
  writer.Field("object", "moerge.progress").Field("model", PolicyName(record_.decision));
  writer.Key("choices").BeginArray().EndArray().Key("moerge").Raw(happened).EndObject();
  event.append("\n\n");
  co_await writing_.Lock();
  Status sent = co_await routed_.call.exchange.Write(event);
  writing_.Unlock();
  co_return sent;
}

Task<Status> ChatStream::Begin() {
  if (begun_) co_return Ok{};
  begun_ = true;
  http::Exchange& exchange = routed_.call.exchange;
  routed_.SetHeaders();
  exchange.SetHeader("cache-control", "no-cache");
  exchange.SetHeader("x-accel-buffering", "no");
  co_return co_await exchange.BeginStream(200, "text/event-stream; charset=utf-8");
}

std::string ChatStream::Summary() const {
  std::string summary;
  std::string explanation;
  if (explain_) explanation = routed_.DecisionJson(Outcome::kOk, nullptr);
  AppendSummary(record_, record_.first_token, explanation, &summary);
  return summary;
}

// What the answer took is known by its last chunk, and not to the record yet.
std::string ChatStream::FinalSummary(const Usage& usage) {
  const Price& price = record_.expert->spec.price;
  record_.usage = usage;
  record_.cost_usd = SpendingOf(price, usage).cost_usd;
  return Summary();
}

Task<Status> ChatStream::Finish() {
  Status sent = co_await routed_.call.exchange.Write(kDone);
  if (!sent) co_return sent;
  co_return co_await routed_.call.exchange.EndStream();
}

Task<Status> ChatStream::Fail(const Error& error) {
  event_.assign(kField).append(ErrorJson(error)).append("\n\n");
  Status sent = co_await routed_.call.exchange.Write(event_);
  if (!sent) co_return sent;
  co_return co_await routed_.call.exchange.EndStream();
}

}  // namespace moerge::api
