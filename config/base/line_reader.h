// Reads a text file line by line; a gzip file is unpacked on the fly (told by its first bytes).
// Blocking: not on an event loop. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "config/base/result.h"

namespace moerge {

class LineReader {
 public:
  static constexpr std::size_t kMaxLine = 64 << 20;

  // "-" is standard input. `max_line` in bytes. The error names the file and the system's reason.
  static Result<LineReader> Open(const std::string& path, std::size_t max_line = kMaxLine);
  LineReader(LineReader&&) noexcept;
  LineReader& operator=(LineReader&&) noexcept;
  ~LineReader();

  // The next line without its end (\n or \r\n), or nothing at the end of the file. Errors:
  // kInvalid, a damaged gzip stream; kUnavailable, a read error; kTooLarge, a line over the limit.
  Result<std::optional<std::string>> Next();
  // The number of the line that Next gave last, from 1.
  std::size_t line_number() const;
  // Where that line begins in the text, and whether the text is packed in the file.
  std::uint64_t line_offset() const;
  bool packed() const;

 private:
  struct Impl;
  explicit LineReader(std::unique_ptr<Impl> impl);
  Error TooLong() const;
  std::unique_ptr<Impl> impl_;
};

// The whole of a small file. Error: kNotFound with the system's reason.
Result<std::string> ReadFile(const std::string& path);
// Writes a temporary file and renames it: a reader sees the whole old or the whole new file.
Status WriteFileAtomically(const std::string& path, std::string_view content);

}  // namespace moerge
