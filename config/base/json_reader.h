// One JSON text read front to back, token by token, with the place of each: RapidJSON's iterative
// reader behind an interface without its types. For json::Document and for scanners that build
// nothing. Thread-safe; Read must not be called from within a handler.
//
// Refused: anything after the value, a byte order mark, invalid UTF-8 (also as lone \u surrogates),
// depth over the limit, and every deviation from the grammar. Duplicate keys are not looked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/json.h"

namespace moerge::json {

// A string: where it stands in the text, quotes included, and what it says.
struct StringToken {
  std::uint32_t begin;
  std::uint32_t end;
  bool escaped;
  std::string_view decoded;  // valid during the call
};

// Receives the tokens. A method gives false to stop the reading. The keys of an object come before
// their values.
class TokenHandler {
 public:
  virtual ~TokenHandler() = default;

  virtual bool OnWord(Type type, std::uint32_t begin, std::uint32_t end) = 0;  // or a number
  virtual bool OnString(const StringToken& string) = 0;
  virtual bool OnKey(const StringToken& key) = 0;
  virtual bool OnOpen(Type type, std::uint32_t begin) = 0;
  virtual bool OnClose(std::uint32_t end) = 0;
};

// Why a text was refused. A handler that stops says so in its own way: `what` is empty then.
struct Fault {
  std::size_t at = 0;
  std::string what;
  bool lone_surrogate = false;
};

// What strings with escapes say is appended to `decoded`, one after the other. False: see `fault`.
bool Read(std::string_view text, int max_depth, TokenHandler& handler, std::vector<char>* decoded,
          Fault* fault);

}  // namespace moerge::json
