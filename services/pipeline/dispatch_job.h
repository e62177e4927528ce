// The state of one request's dispatch: what is being asked for, and what has failed so far. Private
// to the dispatcher.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "adapters/http_client.h"
#include "services/pipeline/chat_record.h"
#include "services/pipeline/chat_request.h"
#include "services/pipeline/client_stream.h"
#include "services/pipeline/dispatcher.h"

namespace moerge {

struct Dispatcher::Job {
  const ChatRequest* request = nullptr;  // null for what is passed through
  const ChatBody& body;
  std::string_view request_id;
  std::string_view traceparent;
  ClientStream* stream = nullptr;
  const CallScope& scope;
  ChatRecord& record;
  std::optional<Error> worst = {};           // the most telling failure so far
  bool stop = false;                         // nobody else may be asked
  ChatRecord::Clock::time_point sent = {};   // the latest call, when its backend's turn had come
  ChatRecord::Clock::time_point ended = {};  // the latest attempt

  // `stream` may be null.
  static Job Of(const ChatRequest& request, ClientStream* stream, const CallScope& scope,
                ChatRecord& record);

  bool AnswerBegun() const { return stream != nullptr && stream->answering(); }
  bool Cancelled() const {
    return scope.cancellation != nullptr && scope.cancellation->cancelled();
  }

  // The expert at a place of the line: roster, then fallbacks. Null: no longer registered.
  std::size_t LineLength() const;
  const ExpertEntry* InLine(std::size_t place) const;
  // Whether the request's ceilings allow to ask, which counts as a call then; if not, that is noted
  // as an attempt.
  bool MayAsk(const ExpertEntry& expert);

  // Which ceiling another call of this expert would exceed, and how, in words; nothing: none.
  std::optional<std::string> Exceeds(const ExpertEntry& expert, std::string_view* which) const;

  void BeginAttempt();
  // `error` null: it answered.
  void EndAttempt(const ExpertEntry& expert, int retry, const Error* error);
  void NoteTool(const ExpertEntry& expert, AttemptOutcome outcome, std::string error,
                std::string note);
  // Adds the time of the call that has just answered; of chat alone, since what is passed through
  // takes other times.
  void NoteLatency(const ExpertEntry& expert, LatencyTable* latencies) const;
  void NoteAnswer(const ExpertEntry& expert, const Usage& usage);
  // Whether an expert's reply is an answer, which is noted; else why not is remembered, as the
  // client is to see it.
  bool Answered(const ExpertEntry& expert, Result<ChatReply>* reply);
  void Remember(Error error);
  // Why nobody has answered.
  Error Failure() const;
};

}  // namespace moerge
