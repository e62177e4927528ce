// Encodings of text, both ways. Pure; work and output are proportional to the input.
#pragma once

#include <string>
#include <string_view>

#include "config/base/result.h"

namespace moerge::tools {

enum class Codec { kBase64, kHex, kUrl, kRot13, kMorse, kBinary };

// Fails for what the encoding cannot express (Morse code for "ü").
[[nodiscard]] Result<std::string> Encode(Codec codec, std::string_view text);

// Fails on malformed input alone.
[[nodiscard]] Result<std::string> DecodeBytes(Codec codec, std::string_view text);

// Fails on malformed input and where the result is not valid UTF-8 text.
[[nodiscard]] Result<std::string> Decode(Codec codec, std::string_view text);

}  // namespace moerge::tools
