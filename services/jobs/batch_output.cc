#include "services/jobs/batch_output.h"

#include <algorithm>
#include <functional>

#include "services/jobs/batch_lines.h"

namespace moerge {
namespace {

constexpr std::int64_t kMostLines = 1'000'000'000;  // a number beyond that is damage

}  // namespace

Result<std::shared_ptr<BatchOutput>> BatchOutput::Open(const FileRoom& room,
                                                       const std::string& answers,
                                                       const std::string& failures) {
  Result<LineFile> first = LineFile::Open(room.PathOf(answers));
  if (!first) return std::move(first).error();
  Result<LineFile> second = LineFile::Open(room.PathOf(failures));
  if (!second) return std::move(second).error();
  const std::shared_ptr<BatchOutput> output(new BatchOutput(*std::move(first), *std::move(second)));
  for (File* file : {&output->answers_, &output->failures_}) {
    if (Status whole = output->Recover(file); !whole) return std::move(whole).error();
  }
  if (Status kept = SyncFolderOf(room.PathOf(answers)); !kept) return std::move(kept).error();
  return output;
}

Status BatchOutput::Recover(File* file) {
  const std::function<Status(std::string_view)> take = [this, file](std::string_view line) {
    return Take(line, file);
  };
  return file->journal.Recover(take);
}

Status BatchOutput::Take(std::string_view line, File* file) {
  const std::int64_t number = NumberOfOutput(line);
  if (number <= 0 || number > kMostLines) {
    return Error{ErrorCode::kInternal, file->journal.path() + " is damaged"};
  }
  const auto place = static_cast<std::size_t>(number);
  if (done_.size() <= place) done_.resize(std::max(place + 1, 2 * done_.size()));
  done_[place] = true;
  ++file->lines;
  for (const ExpertProgress& each : CallsOfOutput(line)) {
    NoteCalls(each.expert, each.answered, each.failed, &calls_);
  }
  return Ok{};
}

bool BatchOutput::Has(std::int64_t line) const {
  const auto place = static_cast<std::size_t>(line);
  return place < done_.size() && done_[place];
}

Status BatchOutput::Append(std::string_view answers, std::string_view failures) {
  const std::uint64_t before = answers_.journal.size();
  Status written = answers_.journal.Append(answers);
  if (!written) return written;
  written = failures_.journal.Append(failures);
  if (written) return written;
  Status back = answers_.journal.TakeBack(before);
  return back ? std::move(written) : std::move(back);
}

}  // namespace moerge
