// Replies of random legal shapes, as each API writes them, whole and streamed.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "config/entities.h"

namespace moerge::test {

struct RandomCall {
  std::string id;
  std::string name;
  std::string arguments;  // a JSON object
};

// What an expert says.
struct RandomReply {
  std::string text;
  std::string reasoning;
  std::vector<RandomCall> calls;
  std::string finish;  // as OpenAI names it
  std::int64_t prompt_tokens = 0;
  std::int64_t completion_tokens = 0;
};

// A stream, and where the part of it ends that names the reason of the answer's end: cut before, it
// is no whole answer.
struct RandomStream {
  std::string bytes;
  std::size_t finished = 0;
};

class ReplyMaker {
 public:
  explicit ReplyMaker(std::uint64_t seed) : random_(seed) {}

  RandomReply Make();
  std::string Whole(Protocol protocol, const RandomReply& reply);
  RandomStream Stream(Protocol protocol, const RandomReply& reply);

  // Below `end`.
  std::size_t Below(std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_);
  }
  bool Chance(unsigned of_ten) { return Below(10) < of_ten; }

 private:
  std::string Text(std::size_t most);
  std::string JsonValue(int depth);
  std::string JsonObject(int depth);
  // The text in pieces, cut between characters.
  std::vector<std::string> Pieces(std::string_view text);

  std::string OpenAiWhole(const RandomReply& reply);
  std::string AnthropicWhole(const RandomReply& reply);
  std::string OllamaWhole(const RandomReply& reply);
  RandomStream OpenAiStream(const RandomReply& reply);
  RandomStream AnthropicStream(const RandomReply& reply);
  RandomStream OllamaStream(const RandomReply& reply);
  void Heartbeat(std::string* out);

  std::mt19937_64 random_;
};

}  // namespace moerge::test
