// Calls of functions as OpenAI's schema has them, where a server leaves something out or says it
// twice: in a stream every call has an index of its own and begins with an id and a type, and
// arguments are JSON text, `{}` if there are none. Pure; not thread-safe.
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
    std::string id;  // as JSON; empty: none was said
    std::size_t argument_bytes = 0;
  };
  struct Choice {
    std::map<std::int64_t, Call> calls;          // by index
    std::map<std::int64_t, std::int64_t> moved;  // indexes that the server uses twice, to ours
  };

  bool Fits(const CallPiece& piece) const;
  bool Complete(const OpenAiChunk& seen) const;
  void Count(const CallPiece& piece);
  static std::int64_t IndexOf(const json::Value& call, Choice* choice);
  static void MendPiece(const json::Value& call, bool ends, Choice* choice,
                        std::vector<JsonEdit>* edits);
  static std::vector<std::int64_t> WithoutArguments(Choice* choice);

  std::map<std::int64_t, Choice> choices_;  // by index
};

// A whole reply in place of `json`, whose calls are as they should be; empty: they are.
std::string MendCalls(const json::Document& reply);

}  // namespace moerge
