// How the answer of a round gets to the client: into its stream, or back to the handler that shapes
// the reply. The record says from then on whose it is and what it took.
//
// Owner: the round's Ensemble. Threads: the round's event loop. Errors: the stream's.
#pragma once

#include <string_view>

#include "config/base/task.h"
#include "services/calls/client_stream.h"
#include "services/pipeline/chat_record.h"
#include "services/pipeline/seats.h"

namespace moerge {

class Delivery {
 public:
  // `stream`: null, the answer is wanted whole. `with_usage`: the stream ends with the usage. All
  // outlive it.
  Delivery(ClientStream* stream, bool with_usage, ChatRecord& record);

  // Whether any of an answer has gone to the client's stream: no other may be given then.
  bool Answering() const { return stream_ != nullptr && stream_->answering(); }

  // The reply of this call of the expert.
  Task<Result<ChatReply>> Deliver(const ExpertEntry& expert, Ledger::Entry entry, ChatReply reply);
  // The latest reply of `member`, which has none afterwards. REQUIRES: it has one.
  Task<Result<ChatReply>> Deliver(Member& member);
  // The same for one that went to the stream as it came.
  ChatReply DeliverStreamed(Member& member);
  // An answer at hand as text, whose cost is counted already.
  Task<Result<ChatReply>> DeliverText(const ExpertEntry& expert, std::string_view text);

 private:
  Task<Status> Send(const ChatReply& reply);

  ClientStream* stream_;
  const bool with_usage_;
  ChatRecord& record_;
};

}  // namespace moerge
