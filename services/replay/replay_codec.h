// OpenAI's chat shapes as the replay server writes them. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace moerge::replay {

// What is counted as tokens here: bytes / 4, at least 1.
std::int64_t CountTokens(std::string_view text);

// The reply cut into pieces of one word each, white space kept: joined they are the text again.
std::vector<std::string_view> Pieces(std::string_view text);

std::string Completion(std::string_view id, std::string_view model, std::string_view prompt,
                       std::string_view text);

// One `data: ...` event each. `delta` is a JSON object.
std::string ChunkEvent(std::string_view id, std::string_view model, std::string_view delta,
                       std::string_view finish_reason);
std::string UsageEvent(std::string_view id, std::string_view model, std::string_view prompt,
                       std::string_view text);

std::string ErrorBody(std::string_view message, std::string_view type, std::string_view code);
std::string ModelList(const std::vector<std::string>& models);

}  // namespace moerge::replay
