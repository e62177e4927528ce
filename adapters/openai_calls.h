// Calls of functions as OpenAI's schema has them, where a server leaves something out or says it
// twice: every call has an id of its own; in a stream it has an index of its own and begins with
// id, type and name, which no later piece repeats; arguments are JSON text, `{}` if there are none.
// Pure; not thread-safe.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/json_edit.h"
#include "adapters/openai_reply.h"
#include "config/base/json.h"

namespace moerge {

// What is noted of it.
constexpr std::string_view kCompletedCalls = "calls of functions were completed";

// The calls of one stream.
class StreamedCalls {
 public:
  struct Mended {
    std::string before;  // a chunk to be given first; empty: none
    std::string json;    // in place of the chunk; empty: as it is
  };

  // What has to become of a chunk: nothing, mostly, which costs no more than a look.
  Mended Take(std::string_view json, const OpenAiChunk& seen);

 private:
  struct Call {
    std::string id = {};             // the server's, as JSON; empty: it said none
    std::string name = {};           // what was given of it
    std::string held = {};           // arguments that came before the name
    std::size_t argument_bytes = 0;  // that came
    bool begun = false;              // it was given
    bool any_input = false;          // it may end without arguments
  };
  struct Choice {
    std::map<std::int64_t, Call> calls;          // by index
    std::map<std::int64_t, std::int64_t> moved;  // indexes that the server uses twice, to ours
  };

  bool Fits(const CallPiece& piece) const;
  bool Complete(const OpenAiChunk& seen) const;
  void Count(const CallPiece& piece);
  static bool HasId(const Choice& choice, std::string_view id);
  static bool Unfinished(const Call& call);
  static bool BeginsAnother(const Call& known, std::string_view id, std::string_view name);
  static std::int64_t IndexOf(const json::Value& call, Choice* choice);
  static std::string OwnId(const Choice& choice, std::int64_t index);
  static std::string Pieces(const json::Value& calls, bool ends, Choice* choice);
  static void WritePiece(const json::Value& call, bool ends, Choice* choice, json::Writer* writer);
  static std::string Rest(const json::Value& root, std::int64_t number, Choice* choice);

  std::map<std::int64_t, Choice> choices_;  // by index
};

// A whole reply in place of `json`, whose calls are as they should be; empty: they are.
std::string MendCalls(const json::Document& reply);

}  // namespace moerge
