#include "services/api/upload.h"

#include <functional>
#include <utility>

#include "config/base/text.h"
#include "config/base/units.h"
#include "services/api/field_error.h"
#include "services/api/form_data.h"
#include "services/api/jobs.h"

namespace moerge::api {
namespace {

constexpr std::size_t kLongestName = 255;
constexpr std::size_t kLongestField = 64 << 10;
constexpr std::size_t kWriteAtOnce = 1 << 20;

// The fields of the form; of the file's content what was not written yet.
class UploadForm final : public FormSink {
 public:
  UploadForm(StoredFile* file, std::uint64_t most) : file_(*file), most_(most) {}

  Status Begin(FormPart part) override {
    part_ = std::move(part);
    if (part_.name == "purpose") file_.purpose.clear();
    if (part_.name != "file") return Ok{};
    if (part_.filename.empty()) return FieldError("file", "a file");
    if (part_.filename.size() > kLongestName) return FieldError("file", "named in 255 bytes");
    if (!file_.name.empty()) return FieldError("file", "one file");
    file_.name = part_.filename;
    return Ok{};
  }

  Status Content(std::string_view bytes) override {
    if (part_.name == "file") {
      file_.bytes += static_cast<std::int64_t>(bytes.size());
      if (static_cast<std::uint64_t>(file_.bytes) > most_) return TooLarge(most_);
      content += bytes;
    } else if (part_.name == "purpose") {
      if (file_.purpose.size() + bytes.size() > kLongestField) return WrongPurpose();
      file_.purpose += bytes;
    }
    return Ok{};
  }

  Status Check() const {
    if (file_.purpose != "batch") return WrongPurpose();
    if (file_.name.empty()) return FieldError("file", "a file");
    return Ok{};
  }

  static Error TooLarge(std::uint64_t most) {
    return Error{.code = ErrorCode::kTooLarge,
                 .message = "the file is larger than server.max_file allows: " + FormatSize(most),
                 .param = "file",
                 .reason = "file_too_large"};
  }

  std::string content;

 private:
  static Error WrongPurpose() { return FieldError("purpose", "batch: files are for batches"); }

  StoredFile& file_;
  const std::uint64_t most_;
  FormPart part_;
};

// Before a byte of the body is read.
Status CheckHead(const http::Request& request, std::uint64_t most) {
  const std::string_view coding = Trim(request.Find("content-encoding"));
  if (!coding.empty() && !EqualsIgnoreCase(coding, "identity")) {
    return Error{.code = ErrorCode::kInvalid,
                 .message =
                     "send the form as it is, without content-encoding; a file of it may be "
                     "packed with gzip",
                 .reason = "unsupported_content_encoding",
                 .status = 415};
  }
  const auto length = ParseInt(request.Find("content-length"));
  const std::uint64_t whole = length ? static_cast<std::uint64_t>(*length) : 0;
  if (whole > most + kLongestField) return UploadForm::TooLarge(most);
  return Ok{};
}

Task<Status> WriteContent(Jobs& jobs, std::shared_ptr<GrowingFile> file, std::string content) {
  std::function<Status()> write = [file = std::move(file), content = std::move(content)] {
    return file->Append(content);
  };
  co_return co_await jobs.disk.Run(std::move(write));
}

Task<Status> ReadForm(ApiCall& call, Jobs& jobs, FormReader& reader, UploadForm& form,
                      std::shared_ptr<GrowingFile> file) {
  while (true) {
    Result<std::string> piece = co_await call.exchange.ReadBodyPiece();
    if (!piece) co_return std::move(piece).error();
    Status read = piece->empty() ? reader.End() : reader.Read(*piece, form);
    if (!read) co_return read;
    if (form.content.size() >= kWriteAtOnce || (piece->empty() && !form.content.empty())) {
      std::string content;
      content.swap(form.content);
      Status written = co_await WriteContent(jobs, file, std::move(content));
      if (!written) co_return written;
    }
    if (piece->empty()) co_return form.Check();
  }
}

}  // namespace

Task<Status> ReceiveUpload(ApiContext& context, ApiCall& call, StoredFile* file) {
  Jobs& jobs = context.shared().jobs;
  const http::Request& request = call.exchange.request();
  const std::uint64_t most = call.config->server.max_file_bytes;
  Result<FormReader> reader = FormReader::Open(request.Find("content-type"));
  if (!reader) co_return std::move(reader).error();
  if (Status fine = CheckHead(request, most); !fine) co_return fine;
  using Opened = Result<std::shared_ptr<GrowingFile>>;
  std::function<Opened()> begin = [&jobs, id = file->id] { return jobs.room.Begin(id); };
  Opened growing = co_await jobs.disk.Run(std::move(begin));
  if (!growing) co_return std::move(growing).error();
  UploadForm form(file, most);
  Status received = co_await ReadForm(call, jobs, *reader, form, *growing);
  std::function<Status()> end = [growing = *std::move(growing), keep = received.ok()]() mutable {
    Status ended = keep ? growing->Keep() : Status(Ok{});
    growing.reset();  // here, since removing what was not kept takes its time too
    return ended;
  };
  Status kept = co_await jobs.disk.Run(std::move(end));
  co_return received ? kept : received;
}

}  // namespace moerge::api
