// Checksums and cryptographic digests of text, in lower-case hexadecimal. Built on OpenSSL and
// zlib. Threads: any. Failure: nothing for an unknown algorithm or one that this OpenSSL does not
// offer.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace moerge::tools {

// md5, sha1, sha224, sha256, sha384, sha512, crc32; with or without a hyphen, any case.
[[nodiscard]] std::optional<std::string> Digest(std::string_view algorithm, std::string_view text);

}  // namespace moerge::tools
