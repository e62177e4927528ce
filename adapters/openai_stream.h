// A stream of OpenAI's shape on its way to the client: liberal in what comes, strict in what is
// given. Heartbeats and what is no chunk are left out, calls completed, JSON mended; what is in
// order stays the server's own bytes. Pure; not thread-safe, for one stream.
#pragma once

#include <string>
#include <string_view>

#include "adapters/openai_calls.h"
#include "adapters/openai_choices.h"
#include "adapters/openai_reply.h"
#include "adapters/repeated_chunk.h"
#include "adapters/sse.h"
#include "adapters/upstream.h"

namespace moerge {

class OpenAiStreamReader {
 public:
  // `backend` and `notes` (may be null) outlive it. `wants_usage`: the client asked for the chunk
  // that only counts tokens. `one_choice`: it asked for one answer.
  OpenAiStreamReader(const Backend& backend, bool wants_usage, AnswerNotes* notes,
                     bool one_choice = false)
      : backend_(backend), wants_usage_(wants_usage), notes_(notes) {
    frame_.one_choice = one_choice;
  }

  struct Piece {
    ChatChunk chunk;    // valid until the next call
    bool says = false;  // something of an answer, not its frame alone
  };

  // REQUIRES: Next gave false since the last Feed; `bytes` stays valid until it does again.
  void Feed(std::string_view bytes) { parser_.Feed(bytes); }
  // The next chunk to give. Errors: kUpstream, for an error in the stream and for what is none.
  Result<bool> Next(Piece* piece);
  bool done() const { return done_; }  // [DONE] was seen
  // Whether what came is a whole answer. Error: kUpstream.
  Status End() const;
  StreamSummary& summary() { return summary_; }

 private:
  // Sets seen_ to what `*data` says, which is mended if it has to be.
  Status Read(std::string_view* data);
  // Whether there is something to give.
  Result<bool> Take(std::string_view data, std::string_view name, Piece* piece);
  // Error: for what is no chunk and tells of a failure. Else whether it is left out.
  Result<bool> LeavesOut(std::string_view data, std::string_view name);
  bool InShape() const;
  void Reshape(std::string_view* data);
  void Count(const OpenAiChunk& seen);

  const Backend& backend_;
  const bool wants_usage_;
  AnswerNotes* notes_;
  SseParser parser_{kMaxReply};
  StreamedCalls calls_;
  ReplyFrame frame_;
  StreamSummary summary_;
  OpenAiChunk seen_;
  RepeatedChunk repeated_;
  std::string mended_;  // what the latest chunk became
  std::string second_;  // a chunk to be given behind it; empty: none
  std::string
      left_out_;  // of the latest event that is no chunk and no heartbeat, as it may be shown
  ChoiceSet begun_;
  ChoiceSet ended_;
  bool said_ = false;
  bool counted_ = false;  // a usage was seen
  bool done_ = false;
};

}  // namespace moerge
