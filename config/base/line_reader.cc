#include "config/base/line_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "config/base/system_error.h"
#include "config/base/units.h"

namespace moerge {
namespace {

constexpr std::size_t kChunk = 256 << 10;

// Bytes of a descriptor, in pieces.
class RawInput {
 public:
  RawInput(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  RawInput(const RawInput&) = delete;
  RawInput& operator=(const RawInput&) = delete;
  ~RawInput() {
    if (descriptor_ != STDIN_FILENO) ::close(descriptor_);
  }

  const std::string& path() const { return path_; }

  // Empty at the end.
  Result<std::string_view> Read(char* out, std::size_t size) {
    ssize_t got = 0;
    do {
      got = ::read(descriptor_, out, size);
    } while (got < 0 && errno == EINTR);
    if (got < 0) return SystemError(ErrorCode::kUnavailable, "cannot read", path_);
    return std::string_view(out, static_cast<std::size_t>(got));
  }

 private:
  int descriptor_;
  std::string path_;
};

}  // namespace

// `packed_` holds what was read but not unpacked, `line_source_` what was unpacked but not
// returned.
struct LineReader::Impl {
  Impl(int descriptor, const std::string& path, std::size_t longest)
      : input(descriptor, path), max_line(longest), buffer(kChunk) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    if (gzip) inflateEnd(&stream);
  }

  Error Damaged(const std::string& what) const {
    return Error{ErrorCode::kInvalid,
                 input.path() + " is damaged after line " + std::to_string(line) + ": " + what};
  }

  Status Start();
  Status Refill();
  Status FillPlain();
  Status FillUnpacked();
  Status Inflate();
  Status NextMember();

  RawInput input;
  const std::size_t max_line;
  std::vector<char> buffer;  // raw bytes as they are read
  std::string_view unread;   // the part of `buffer` that is not used yet
  std::string text;          // unpacked text, of which [at, end) is not given out yet
  std::size_t at = 0;
  std::size_t line = 0;
  std::uint64_t dropped = 0;      // bytes of the text that were before `text`
  std::uint64_t line_offset = 0;  // of the line that was given out last
  bool ended = false;
  bool gzip = false;
  bool member_ended = false;  // of a gzip file: between two members
  z_stream stream{};
};

// Reads until it can be told whether this is gzip.
Status LineReader::Impl::Start() {
  std::size_t have = 0;
  while (have < 2) {
    auto piece = input.Read(buffer.data() + have, buffer.size() - have);
    if (!piece) return std::move(piece).error();
    if (piece->empty()) break;
    have += piece->size();
  }
  unread = std::string_view(buffer.data(), have);
  gzip = unread.starts_with("\x1f\x8b");
  if (gzip && inflateInit2(&stream, 15 + 16) != Z_OK) {
    gzip = false;
    return Error{ErrorCode::kInternal, "cannot unpack " + input.path() + ": out of memory"};
  }
  return Ok{};
}

// Appends something to `text` or sets `ended`.
Status LineReader::Impl::Refill() {
  text.erase(0, at);
  dropped += at;
  at = 0;
  return gzip ? FillUnpacked() : FillPlain();
}

Status LineReader::Impl::FillPlain() {
  if (unread.empty()) {
    auto piece = input.Read(buffer.data(), buffer.size());
    if (!piece) return std::move(piece).error();
    unread = *piece;
  }
  ended = unread.empty();
  text.append(std::exchange(unread, {}));
  return Ok{};
}

Status LineReader::Impl::FillUnpacked() {
  const std::size_t before = text.size();
  while (!ended && text.size() == before) {
    if (unread.empty()) {
      auto piece = input.Read(buffer.data(), buffer.size());
      if (!piece) return std::move(piece).error();
      unread = *piece;
    }
    if (unread.empty()) {
      if (!member_ended) return Damaged("the gzip stream ends too early");
      ended = true;
    } else if (Status step = member_ended ? NextMember() : Inflate(); !step) {
      return step;
    }
  }
  return Ok{};
}

// Behind a member stands another one, or zeros that fill a block.
Status LineReader::Impl::NextMember() {
  if (unread.front() == '\0') {
    const std::size_t other = unread.find_first_not_of('\0');
    if (other != unread.npos) return Damaged("the gzip stream is followed by something else");
    unread = {};
    return Ok{};
  }
  member_ended = false;
  inflateReset(&stream);
  return Ok{};
}

Status LineReader::Impl::Inflate() {
  const std::size_t before = text.size();
  text.resize(before + kChunk);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(unread.data()));
  stream.avail_in = static_cast<uInt>(unread.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data() + before);
  stream.avail_out = kChunk;
  const int code = inflate(&stream, Z_NO_FLUSH);
  text.resize(before + kChunk - stream.avail_out);
  unread.remove_prefix(unread.size() - stream.avail_in);
  member_ended = code == Z_STREAM_END;
  if (code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR) return Ok{};
  return Damaged(stream.msg != nullptr ? stream.msg : "not a gzip stream");
}

LineReader::LineReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LineReader::LineReader(LineReader&&) noexcept = default;
LineReader& LineReader::operator=(LineReader&&) noexcept = default;
LineReader::~LineReader() = default;

Result<LineReader> LineReader::Open(const std::string& path, std::size_t max_line) {
  const int descriptor = path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return SystemError(ErrorCode::kNotFound, "cannot open", path);
  auto impl = std::make_unique<Impl>(descriptor, path == "-" ? "standard input" : path, max_line);
  if (Status start = impl->Start(); !start) return std::move(start).error();
  return LineReader(std::move(impl));
}

Error LineReader::TooLong() const {
  return Error{ErrorCode::kTooLarge, impl_->input.path() + ", line " +
                                         std::to_string(impl_->line + 1) + ": longer than " +
                                         FormatSize(impl_->max_line)};
}

Result<std::optional<std::string>> LineReader::Next() {
  std::size_t searched = impl_->at;
  std::size_t end = impl_->text.npos;
  while ((end = impl_->text.find('\n', searched)) == impl_->text.npos && !impl_->ended) {
    const std::size_t pending = impl_->text.size() - impl_->at;
    if (pending > impl_->max_line) return TooLong();
    if (Status more = impl_->Refill(); !more) return std::move(more).error();
    searched = pending;
  }
  if (end == impl_->text.npos && impl_->at == impl_->text.size())
    return std::optional<std::string>();
  if (std::min(end, impl_->text.size()) - impl_->at > impl_->max_line) return TooLong();
  impl_->line_offset = impl_->dropped + impl_->at;
  std::string line = impl_->text.substr(impl_->at, end - impl_->at);
  impl_->at = end == impl_->text.npos ? impl_->text.size() : end + 1;
  ++impl_->line;
  if (line.ends_with('\r')) line.pop_back();
  return std::optional<std::string>(std::move(line));
}

std::size_t LineReader::line_number() const { return impl_->line; }
std::uint64_t LineReader::line_offset() const { return impl_->line_offset; }
bool LineReader::packed() const { return impl_->gzip; }

}  // namespace moerge
