#include "services/jobs/call_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <utility>

#include "config/base/json.h"
#include "config/base/line_reader.h"
#include "config/base/log.h"
#include "config/base/text.h"

namespace moerge {
namespace {

// A line that takes long keeps no more than that on the disk.
constexpr std::uint64_t kFullFile = 16 << 20;

std::string CallFilesOf(std::string_view batch) { return std::string(batch) + "-calls-"; }

// By number.
std::vector<std::uint32_t> CallFilesIn(const FileRoom& room, std::string_view batch) {
  const std::string begin = CallFilesOf(batch);
  std::vector<std::uint32_t> numbers;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(room.folder(), none)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(begin)) continue;
    const auto number = ParseInt(std::string_view(name).substr(begin.size()));
    if (number && *number >= 0 && *number < UINT32_MAX) {
      numbers.push_back(static_cast<std::uint32_t>(*number));
    }
  }
  std::ranges::sort(numbers);
  return numbers;
}

struct CallRecord {
  std::int64_t line = 0;
  std::string key;
  std::string reply;
};

std::optional<CallRecord> ParseCallRecord(std::string_view text) {
  const Result<json::Document> document = json::Document::Parse(text);
  if (!document) return std::nullopt;
  const json::Value root = document->root();
  CallRecord record;
  record.line = root.Find("line").AsInt().value_or(0);
  record.key = StringAt(root, "key");
  record.reply = root.Find("reply").raw();
  if (record.line <= 0 || record.key.empty() || record.reply.empty()) return std::nullopt;
  return record;
}

}  // namespace

Result<CallFile::Opened> CallFile::Open(const FileRoom& room, const std::string& batch,
                                        const BatchOutput& done) {
  Opened opened{std::shared_ptr<CallFile>(new CallFile(room, batch)), {}};
  CallFile& file = *opened.file;
  for (const std::uint32_t number : CallFilesIn(room, batch)) {
    const std::size_t before = opened.kept.size();
    Status read = file.Recover(number, done, &opened.kept);
    if (!read) return std::move(read).error();
    if (opened.kept.size() == before) file.Remove(number);
    file.current_ = number + 1;
  }
  return opened;
}

std::string CallFile::PathOf(std::uint32_t file) const {
  return room_.PathOf(CallFilesOf(batch_) + std::to_string(file));
}

Status CallFile::Recover(std::uint32_t file, const BatchOutput& done,
                         std::vector<KeptCallPlace>* kept) const {
  const std::string path = PathOf(file);
  Result<LineReader> reader = LineReader::Open(path);
  if (!reader) return std::move(reader).error();
  while (true) {
    Result<std::optional<std::string>> text = reader->Next();
    if (text && !text->has_value()) return Ok{};
    std::optional<CallRecord> record = text ? ParseCallRecord(**text) : std::nullopt;
    if (!record) break;
    if (done.Has(record->line)) continue;
    kept->push_back({.line = record->line,
                     .key = std::move(record->key),
                     .file = file,
                     .size = static_cast<std::uint32_t>((*text)->size()),
                     .offset = reader->line_offset()});
  }
  LogInfo("calls that were not kept whole are made again", {{"batch", batch_}, {"file", path}});
  return Ok{};
}

std::string CallFile::Record(std::int64_t line, std::string_view key, std::string_view reply) {
  std::string out;
  out.reserve(reply.size() + key.size() + 64);
  json::Writer writer(&out);
  writer.BeginObject().Field("line", line).Field("key", key).Key("reply").Raw(reply).EndObject();
  out += '\n';
  return out;
}

// A file that is full is left, and the next one begun.
Status CallFile::Begin() {
  if (file_ && file_->size() < kFullFile) return Ok{};
  const std::uint32_t next = file_ ? current_ + 1 : current_;
  Result<LineFile> file = LineFile::Open(PathOf(next));
  if (!file) return std::move(file).error();
  file_ = *std::move(file);
  current_ = next;
  return SyncFolderOf(PathOf(next));
}

Result<CallFile::Place> CallFile::Append(std::string_view records) {
  if (Status begun = Begin(); !begun) return std::move(begun).error();
  const Place place{current_, file_->size()};
  Status written = file_->Append(records);
  if (written) return place;
  if (written.error().code == ErrorCode::kInternal) {  // part of them may be there
    file_.reset();
    ++current_;
  }
  return std::move(written).error();
}

Result<std::string> CallFile::Read(const KeptCallPlace& place) const {
  const std::string path = PathOf(place.file);
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return RoomError("cannot read", path);
  std::string text(place.size, '\0');
  std::size_t got = 0;
  while (got < text.size()) {
    const ssize_t more = ::pread(descriptor, text.data() + got, text.size() - got,
                                 static_cast<off_t>(place.offset + got));
    if (more < 0 && errno == EINTR) continue;
    if (more <= 0) break;
    got += static_cast<std::size_t>(more);
  }
  ::close(descriptor);
  std::optional<CallRecord> record = ParseCallRecord(std::string_view(text).substr(0, got));
  if (!record || record->line != place.line || record->key != place.key) {
    return Error{ErrorCode::kInternal, path + " is damaged"};
  }
  return std::move(record->reply);
}

void CallFile::Remove(std::uint32_t file) { ::unlink(PathOf(file).c_str()); }

void CallFile::RemoveAll(const FileRoom& room, const std::string& batch) {
  for (const std::uint32_t file : CallFilesIn(room, batch)) {
    room.Remove(CallFilesOf(batch) + std::to_string(file));
  }
}

}  // namespace moerge
