// How many tokens something takes, where nobody has counted: for routing, for limits and for the
// books alike. Text at four bytes a token; pictures by OpenAI's tiles, speech by its seconds. Pure,
// thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "adapters/chat.h"
#include "config/base/json.h"

namespace moerge {

std::int64_t EstimateTokens(std::size_t bytes);

// Of a chat request: its turns with their pictures, calls and reasoning, its functions and the
// schema of its answer; of any other request its `input` or `prompt`.
std::int64_t EstimatePromptTokens(const json::Value& request);

// Of a message that was an answer: text, reasoning, calls.
std::int64_t EstimateAnswerTokens(const json::Value& message);

// Of one picture, whose `url` may be its data; `detail` is "low" or anything else.
std::int64_t EstimatePictureTokens(std::string_view url, std::string_view detail);

// Of the pictures and the speech in a chat request alone.
struct MediaTokens {
  std::int64_t images = 0;
  std::int64_t audio = 0;
};
MediaTokens EstimateMediaTokens(const json::Value& request);

// Of speech in base64, by its seconds; `format` as clients say it ("wav", "mp3").
std::int64_t EstimateAudioTokens(std::string_view base64, std::string_view format);

// `usage` with estimates in place of what nobody counted: the tokens of `request`, and `answer` if
// the answer's were not counted either. No prompt is of no tokens.
Usage Settled(Usage usage, const json::Value& request, std::int64_t answer);

}  // namespace moerge
