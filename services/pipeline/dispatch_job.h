// The state of one request's dispatch: what is being asked for, and what has failed so far. Private
// to the dispatcher.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "services/pipeline/dispatcher.h"

namespace moerge {

struct Dispatcher::Job {
  const ChatRequest& request;
  ClientStream* stream = nullptr;  // null: the answer is wanted whole
  const CallScope& scope;
  ChatRecord& record;
  CallSite site;            // of its calls
  ExpertCall call = {};     // the latest
  bool is_part = false;     // of an answer that takes several calls
  bool last_resort = true;  // no other expert is left to ask
  std::optional<Error> most_informative_error = {};
  std::int64_t exceeded_context = 0;  // tokens; the largest that the prompt has exceeded

  bool AnswerBegun() const { return stream != nullptr && stream->answering(); }

  // The expert at a place of the line: roster, then fallbacks. Null: no longer registered.
  std::size_t LineLength() const;
  const ExpertEntry* InLine(std::size_t place) const;

  // Makes `call` one of this expert.
  void SetCall(const ExpertEntry& expert);
  // Whether this one's context is no larger than one that the prompt has exceeded, which is noted.
  bool SkipsAsTooSmall(const ExpertEntry& expert);
  // An error of the latest call: remembers it as the client is to see it. False: no other expert
  // may be asked.
  bool GoesOn(Error error);
  // Why no expert has answered.
  Error Failure() const;
};

// What an expert says about moerge's own key or address is moerge's failure, not the client's.
Error AsSeenByClient(const ExpertEntry& expert, Error error);

// Why no expert has answered, by the most informative error; none: no expert was asked.
Error FailureOf(const std::optional<Error>& error, const ChatRecord& record,
                const CallScope& scope);

}  // namespace moerge
