// An embedding as moerge keeps and reads it: one byte per dimension, the largest value being 127.
// Only its direction counts. That loses under one part in a hundred of the cosine between two
// vectors and makes them small enough to be cached by the ten thousand and kept with a decision.
// Pure; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/json.h"
#include "config/base/result.h"

namespace moerge {

using EmbeddingVector = std::vector<std::int8_t>;

// Empty for no values, values that are not finite, and a vector of zeros.
EmbeddingVector Quantised(std::span<const float> values);
// From an array of up to 16,384 numbers, as encoders give it. Error: kInvalid, what is wrong.
Result<EmbeddingVector> ParseVector(json::Value numbers);
// Scaled to length 1 into `out`.
void Unit(const EmbeddingVector& vector, std::vector<float>* out);

// As text for JSON, and back; empty for what is no such text.
std::string EncodeVector(const EmbeddingVector& vector);  // base64
EmbeddingVector DecodeVector(std::string_view text);

}  // namespace moerge
