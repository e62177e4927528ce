// POST /v1/embeddings as OpenAI-compatible servers take and answer it. Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/result.h"
#include "router/classify/embedding_vector.h"

namespace moerge {

// What is embedded of a text: its first and last bytes, since encoders read a few hundred words.
std::string EmbeddedPart(std::string_view text);

// {"model": ..., "input": [...], "encoding_format": "float"}
std::string EmbeddingRequest(std::string_view model, std::span<const std::string> texts);

// One vector per text, in order. Error: kUpstream for a reply that is not that: another count,
// values that are no finite numbers, vectors of zeros or of differing lengths.
Result<std::vector<EmbeddingVector>> ParseEmbeddings(std::string_view body, std::size_t count);

}  // namespace moerge
