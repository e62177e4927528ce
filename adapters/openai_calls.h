// Calls of functions as OpenAI's schema has them, where a server leaves something out: every piece
// in a stream has an index, and arguments are JSON text, `{}` if there are none. Pure; not
// thread-safe.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/openai_reply.h"
#include "config/base/json.h"

namespace moerge {

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
    std::string id;
    std::size_t argument_bytes = 0;
  };
  using Calls = std::map<std::int64_t, Call>;  // by index

  static std::int64_t IndexOf(const json::Value& call, Calls* calls);
  bool Complete(const OpenAiChunk& seen) const;

  std::map<std::int64_t, Calls> choices_;  // by index
};

// A whole reply in place of `json`, whose calls are as they should be; empty: they are.
std::string MendCalls(const json::Document& reply);

}  // namespace moerge
