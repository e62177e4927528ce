// How large a picture is, by the first bytes of its file: PNG, JPEG, GIF and WebP. Pure,
// thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace moerge {

struct PictureSize {
  std::uint32_t width = 0;  // pixels, at least 1
  std::uint32_t height = 0;
};

// None: it is of no such kind, or its head is longer than what is looked at (64 KiB).
std::optional<PictureSize> SizeOfPicture(std::string_view base64);

// The first bytes of what base64 encodes, at most 64 KiB, as far as it is base64.
std::string DecodeHead(std::string_view base64);

}  // namespace moerge
