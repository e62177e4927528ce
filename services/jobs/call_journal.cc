#include "services/jobs/call_journal.h"

#include <algorithm>
#include <functional>
#include <set>

#include "config/base/hash.h"
#include "config/base/log.h"

namespace moerge {
namespace {

// The key of a record that says of another one's call that it was charged.
std::string ChargedKey(const std::string& key) { return "charged-" + key; }

}  // namespace

class CallJournal::LineCalls final : public FinishedCalls {
 public:
  LineCalls(CallJournal& journal, std::int64_t line) : journal_(journal), line_(line) {}

  std::string Begin(std::string_view asked) override {
    const std::string hash = Sha256Hex(asked).substr(0, kHash);
    return hash + "-" + std::to_string(begun_[hash]++);
  }

  void Again() override { begun_.clear(); }

  Task<std::optional<Kept>> Find(const std::string& key) override {
    const KeptCallPlace* place = journal_.Find(line_, key);
    if (place == nullptr) co_return std::nullopt;
    const bool charged = journal_.Find(line_, ChargedKey(key)) != nullptr;
    std::optional<std::string> reply = co_await journal_.Read(*place);
    if (!reply) co_return std::nullopt;
    const bool seen = !seen_.insert(key).second;
    co_return Kept{*std::move(reply), charged, seen};
  }

  Task<void> Keep(const std::string& key, std::string reply) override {
    seen_.insert(key);
    const std::shared_ptr<Group> group = journal_.Add(line_, key, reply);
    co_await group->written.Wait();
  }

  Task<void> Charged() override {
    std::shared_ptr<Group> group;
    for (const std::string& key : seen_) {
      const bool kept = journal_.Find(line_, key) != nullptr;
      const bool charged = journal_.Find(line_, ChargedKey(key)) != nullptr;
      if (kept && !charged) group = journal_.Add(line_, ChargedKey(key), "true");
    }
    if (group != nullptr) co_await group->written.Wait();
  }

  std::uint64_t secret() const override { return Hash64(std::to_string(line_), journal_.secret_); }

 private:
  static constexpr std::size_t kHash = 32;  // digits: 128 bits

  CallJournal& journal_;
  const std::int64_t line_;
  std::unordered_map<std::string, int> begun_;  // by what they ask
  std::set<std::string> seen_;                  // keys
};

CallJournal::CallJournal(WorkPool& disk, const Executor& loop, CallFile::Opened opened,
                         std::uint64_t secret)
    : disk_(disk),
      loop_(loop),
      file_(std::move(opened.file)),
      secret_(secret),
      latest_(file_->current()),
      tasks_(loop) {
  for (KeptCallPlace& place : opened.kept) Index(std::move(place));
}

FinishedCallsPtr CallJournal::Of(std::int64_t line) {
  return std::make_shared<LineCalls>(*this, line);
}

void CallJournal::Index(KeptCallPlace place) {
  ++in_file_[place.file];
  lines_[place.line].push_back(std::move(place));
}

const KeptCallPlace* CallJournal::Find(std::int64_t line, const std::string& key) const {
  const auto found = lines_.find(line);
  if (found == lines_.end()) return nullptr;
  const auto place = std::ranges::find(found->second, key, &KeptCallPlace::key);
  return place == found->second.end() ? nullptr : &*place;
}

Task<std::optional<std::string>> CallJournal::Read(KeptCallPlace place) {
  std::function<Result<std::string>()> read = [file = file_, place] { return file->Read(place); };
  Result<std::string> reply = co_await disk_.Run(std::move(read));
  if (reply) co_return *std::move(reply);
  LogWarning("a call is made again: its reply cannot be read",
             {{"line", place.line}, {"error", reply.error().message}});
  co_return std::nullopt;
}

std::shared_ptr<CallJournal::Group> CallJournal::Add(std::int64_t line, std::string key,
                                                     std::string_view reply) {
  if (open_ == nullptr) open_ = std::make_shared<Group>(loop_);
  std::shared_ptr<Group> group = open_;
  const std::string record = CallFile::Record(line, key, reply);
  group->places.push_back({.line = line,
                           .key = std::move(key),
                           .size = static_cast<std::uint32_t>(record.size() - 1),
                           .offset = group->text.size()});
  group->text += record;
  if (!std::exchange(writing_, true)) tasks_.Start("kept calls", WriteGroups());
  return group;
}

Task<void> CallJournal::WriteGroups() {
  while (open_ != nullptr) {
    const std::shared_ptr<Group> group = std::exchange(open_, nullptr);
    std::function<Result<CallFile::Place>()> append = [file = file_, group] {
      return file->Append(group->text);
    };
    const Result<CallFile::Place> at = co_await disk_.Run(std::move(append));
    if (at) {
      failing_ = false;
      latest_ = at->file;
      for (KeptCallPlace& place : group->places) {
        place.file = at->file;
        place.offset += at->offset;
        Index(std::move(place));
      }
    } else if (!std::exchange(failing_, true)) {
      LogWarning("finished calls cannot be kept, and would be made again after a crash",
                 {{"error", at.error().message}});
    }
    group->written.Set();
  }
  writing_ = false;
}

void CallJournal::LinesDone(const std::vector<std::int64_t>& lines) {
  for (const std::int64_t line : lines) {
    const auto found = lines_.find(line);
    if (found == lines_.end()) continue;
    for (const KeptCallPlace& place : found->second) --in_file_[place.file];
    lines_.erase(found);
  }
  RemoveUseless();
}

// The latest may just be appended to.
void CallJournal::RemoveUseless() {
  for (auto each = in_file_.begin(); each != in_file_.end();) {
    if (each->second > 0 || each->first >= latest_) {
      ++each;
      continue;
    }
    tasks_.Start("kept calls", Remove(each->first));
    each = in_file_.erase(each);
  }
}

Task<void> CallJournal::Remove(std::uint32_t number) {
  std::function<Status()> remove = [file = file_, number]() -> Status {
    file->Remove(number);
    return Ok{};
  };
  (void)co_await disk_.Run(std::move(remove));
}

}  // namespace moerge
