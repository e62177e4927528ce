// The client's end of a streamed chat answer: chunks become server-sent events, with the expert's
// registered name as model; the first one carries the `moerge` object. Where several experts gave
// the answer the chunk with the usage carries it once more, with the cost of all.
//
// Owner: the handler of the request. Threads: its event loop. Write suspends while the client is
// slow.
#pragma once

#include <string>
#include <string_view>

#include "config/base/async_mutex.h"
#include "services/api/chat_call.h"
#include "services/calls/client_stream.h"
#include "services/pipeline/chat_record.h"

namespace moerge::api {

class ChatStream final : public ClientStream {
 public:
  // `record` is the one of `routed`. `progress`: the client asked to be told what happens.
  ChatStream(const RoutedCall& routed, ChatRecord& record, bool explain, bool progress = false)
      : routed_(routed), record_(record), explain_(explain), progress_(progress) {}

  // Whether anything has gone, the status among it.
  bool begun() const { return begun_; }
  bool answering() const override { return answering_; }
  Task<Status> Write(const ChatChunk& chunk) override;
  Task<Status> KeepAlive() override;
  bool wants_progress() const override { return progress_; }
  Task<Status> Progress(std::string_view happened) override;

  // The proper end. REQUIRES: begun().
  Task<Status> Finish();
  // One error event and no [DONE], then the end. REQUIRES: begun().
  Task<Status> Fail(const Error& error);

 private:
  Task<Status> Begin();
  // At the first chunk.
  std::string BeginAnswer();
  std::string Summary() const;
  // With what the answer itself took.
  std::string FinalSummary(const Usage& usage);

  const RoutedCall& routed_;
  ChatRecord& record_;
  const bool explain_;
  const bool progress_;
  bool begun_ = false;
  bool answering_ = false;  // the first chunk has gone, with the `moerge` object
  std::size_t told_ = 0;    // notes that the client has had; more go with the next chunk
  std::string event_;       // reused from chunk to chunk
  AsyncMutex writing_;  // an answer's chunks, comments and progress come from several coroutines
};

}  // namespace moerge::api
