// What OpenAI-compatible servers answer, read without being rebuilt unless it needs mending. Pure,
// thread-safe.
#pragma once

#include <bitset>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/chat.h"
#include "config/entities.h"

namespace moerge {

// A whole `chat.completion`. What is not JSON by the letter, and calls whose arguments are no text,
// are mended; `notes` (may be null) say so. Errors: kUpstream, if it is no JSON object with at
// least one choice whose message says something or ended for a reason, or carries an error. A usage
// that is not said is an estimate of `request` and of the answer.
Result<ChatReply> ParseOpenAiReply(const Backend& backend, std::string json,
                                   const json::Value& request, AnswerNotes* notes = nullptr);

// Why a choice of a reply, of a chat or not, is a failure, whatever it says besides; empty: it is
// none.
std::string_view WhyFailed(const json::Value& choice);

// For a reply or a chunk that is a failure: as ErrorInAnswer, of the error in it or in a choice of
// it. What an answer says besides tells nothing of whose fault it is.
Error FailedAnswer(const Backend& backend, std::string_view what, std::string_view json);

// A piece of a call of a function.
struct CallPiece {
  std::int64_t choice = 0;
  std::int64_t index = -1;  // below 0: it has none
  std::string_view id;      // as JSON; empty: it has none
  std::string_view name;    // of the function, undecoded; empty: it has none
  bool typed = false;       // its type is OpenAI's
  bool custom = false;      // it calls no function but a tool that takes text
  bool odd = false;         // its arguments are no text
  std::size_t argument_bytes = 0;
};

// Choices of a reply by their number, as many as OpenAI's API allows. Others are left out.
using ChoiceSet = std::bitset<128>;

// What one event of a stream says; views into it.
struct OpenAiChunk {
  bool has_choices = false;  // an array of them, maybe empty
  std::size_t choices = 0;
  bool has_error = false;  // an `error`, or a choice that ended with one
  bool says = false;       // text, reasoning, a call: something of an answer
  bool twice = false;      // a key that matters stands twice
  bool bare = false;       // a choice has no delta that is an object
  bool no_text = false;    // its content is a number, a truth value or an object
  bool odd = false;        // something is not in OpenAI's shape, see openai_choices.h
  bool legacy = false;     // a choice is one of a text completion
  bool counts_up = false;  // a choice's index is above 0
  bool more = false;       // it holds more than chunks say of themselves
  ChoiceSet begun;         // choices that are in it
  ChoiceSet ended;         // those with a finish_reason
  std::string_view id;     // undecoded; empty: it has none
  std::size_t model_begin = 0;
  std::size_t model_end = 0;
  std::size_t content_bytes = 0;   // text of all choices, decoded
  std::size_t other_bytes = 0;     // of reasoning, refusals and calls
  std::size_t texts = 0;           // of deltas that are not empty
  std::string_view text;           // the inside of the latest of them, as it came
  std::string_view finish_reason;  // of the first choice that has one; empty if none has; as said
  std::optional<Usage> usage;
  std::vector<CallPiece> calls;
};

// False: not a JSON object. One pass over the text, nothing built.
bool ScanOpenAiChunk(std::string_view json, OpenAiChunk* chunk);

// A `usage` of OpenAI's shape, or with the names of its newer API; none if it has no counts. One
// that counts nothing at all is `estimated`: nobody counted.
std::optional<Usage> ReadUsage(const json::Value& usage);

}  // namespace moerge
