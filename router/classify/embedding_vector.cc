#include "router/classify/embedding_vector.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace moerge {
namespace {

constexpr std::size_t kMaxDimensions = 16'384;
constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// The bytes of up to four digits.
bool DecodeGroup(std::string_view group, EmbeddingVector* out) {
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t digit = i < group.size() ? kDigits.find(group[i]) : 0;
    if (digit == kDigits.npos) return false;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
  }
  for (std::size_t i = 0; i + 1 < group.size(); ++i) {
    out->push_back(static_cast<std::int8_t>(bits >> (16 - 8 * i) & 0xFF));
  }
  return true;
}

Error Wrong(std::string message) { return Error{ErrorCode::kInvalid, std::move(message)}; }

}  // namespace

EmbeddingVector Quantised(std::span<const float> values) {
  float top = 0;
  for (const float value : values) {
    if (!std::isfinite(value)) return {};
    top = std::max(top, std::abs(value));
  }
  EmbeddingVector out;
  if (!(top > 0)) return out;
  out.reserve(values.size());
  for (const float value : values) {
    out.push_back(static_cast<std::int8_t>(std::lround(value / top * 127)));
  }
  return out;
}

Result<EmbeddingVector> ParseVector(json::Value numbers) {
  if (!numbers.is_array() || numbers.size() == 0 || numbers.size() > kMaxDimensions) {
    return Wrong("a vector is an array of 1 to " + std::to_string(kMaxDimensions) + " numbers");
  }
  std::vector<float> floats;
  floats.reserve(numbers.size());
  for (const json::Value value : numbers.children()) {
    const auto number = value.AsDouble();
    if (!number) return Wrong("a vector holds what is no number");
    floats.push_back(static_cast<float>(*number));
  }
  EmbeddingVector vector = Quantised(floats);
  if (vector.empty()) return Wrong("a vector is zero, or its values are out of range");
  return vector;
}

void Unit(const EmbeddingVector& vector, std::vector<float>* out) {
  double squares = 0;
  for (const std::int8_t value : vector) squares += value * value;
  const auto scale = static_cast<float>(squares > 0 ? 1 / std::sqrt(squares) : 0);
  out->resize(vector.size());
  for (std::size_t i = 0; i < vector.size(); ++i) (*out)[i] = static_cast<float>(vector[i]) * scale;
}

std::string EncodeVector(const EmbeddingVector& vector) {
  std::string out;
  out.reserve((vector.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < vector.size(); at += 3) {
    const std::size_t size = std::min<std::size_t>(3, vector.size() - at);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits = bits << 8 | (i < size ? static_cast<std::uint8_t>(vector[at + i]) : 0u);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      out.push_back(i <= size ? kDigits[bits >> (18 - 6 * i) & 63] : '=');
    }
  }
  return out;
}

EmbeddingVector DecodeVector(std::string_view text) {
  if (text.size() % 4 != 0) return {};
  while (text.ends_with('=')) text.remove_suffix(1);
  EmbeddingVector out;
  out.reserve(text.size() / 4 * 3 + 2);
  for (; !text.empty(); text.remove_prefix(std::min<std::size_t>(4, text.size()))) {
    const std::string_view group = text.substr(0, 4);
    if (group.size() == 1 || !DecodeGroup(group, &out)) return {};
  }
  return out;
}

}  // namespace moerge
