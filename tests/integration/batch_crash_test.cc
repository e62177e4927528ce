// Batches whose lines take several calls, killed at whatever moment: calls that had finished are
// not made again, counted at the experts. How many times: MOERGE_KILLS.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <climits>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <random>
#include <regex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/integration/batch_lines.h"
#include "tests/integration/harness.h"
#include "tests/integration/process.h"
#include "tests/integration/scripted_model.h"

namespace moerge::test {
namespace {

constexpr int kSlots = 8;  // calls at once
// Answered before the first kill, while no other is: some line has had a part of its calls.
constexpr int kBeforeFirst = 49;

// Made before threads are: the standard library caches what it looks up for one, without a lock.
const std::regex kQuestion("Question ([0-9]+):");
const std::regex kLineDone(R"x("custom_id":"([0-9]+)")x");
const std::regex kAnswered(R"(\[([a-z]+/[0-9]+)\])");

// A call of an expert: "ada/17", or "author/17" for who writes one answer of several.
std::string CallIn(const std::string& body) {
  std::smatch number;
  if (!std::regex_search(body, number, kQuestion)) return "?";
  const bool author = body.find("written by other models") != body.npos;
  return (author ? std::string("author") : JsonAt(body, "model")) + "/" + number[1].str();
}

// How often each call was made, and since which kill.
class CountedCalls {
 public:
  void Made(const std::string& call) {
    const std::lock_guard lock(mutex_);
    ++made_[call];
    ++all_;
    again_ += finished_.count(call) > 0;
  }
  int all() const {
    const std::lock_guard lock(mutex_);
    return all_;
  }
  // The process was killed, and these calls are on the disk. How many were lost.
  int Killed(const std::set<std::string>& finished) {
    const std::lock_guard lock(mutex_);
    int lost = 0;
    for (const auto& [call, times] : made_) {
      lost += finished.count(call) == 0 && times > before_[call];
    }
    before_ = made_;
    finished_ = finished;
    return lost;
  }
  int different() const {
    const std::lock_guard lock(mutex_);
    return static_cast<int>(made_.size());
  }
  int again() const {  // although they were on the disk
    const std::lock_guard lock(mutex_);
    return again_;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, int> made_, before_;
  std::set<std::string> finished_;
  int all_ = 0, again_ = 0;
};

struct CrashCase {
  const char* name;
  const char* policy;
  int calls;    // a line takes, at most
  bool varies;  // and some take fewer
};
void PrintTo(const CrashCase& of, std::ostream* out) { *out << of.name; }

class BatchCrash : public ::testing::TestWithParam<CrashCase> {
 protected:
  std::string Config(const std::string& url) const {
    std::string yaml = "store: \"sqlite:" + folder_.File("moerge.db") +
                       "\"\nbackends: [{name: b, base_url: \"" + url +
                       "\", max_concurrency: " + std::to_string(kSlots) + "}]\nexperts:\n";
    for (const char* expert : {"ada", "clio", "remy", "zoe"}) {
      yaml += std::string("  - {name: ") + expert + ", backend: b, model: " + expert +
              ", skills: {general: 0.5}}\n";
    }
    return yaml + "policies:\n  - {name: tested, " + GetParam().policy + "}\n" + kSmallSkills;
  }

  static std::string Create(const TestServer& server, int lines) {
    std::string input;
    for (int i = 0; i < lines; ++i) {
      const std::string question = "Question " + std::to_string(i) + ": what is six times seven?";
      input += LineOf(std::to_string(i), ChatJson("moerge/tested", question));
    }
    return CreateChatBatch(server.port(), UploadBatchFile(server.port(), input));
  }

  // What stands on the disk, in whole lines: numbers of lines that are done, and calls.
  struct OnDisk {
    std::set<std::string> done, calls;
  };
  OnDisk Look() const {
    OnDisk found;
    std::error_code none;
    for (const auto& entry :
         std::filesystem::directory_iterator(folder_.File("moerge.db.files"), none)) {
      const bool calls = entry.path().filename().string().find("-calls-") != std::string::npos;
      std::ifstream file(entry.path());
      std::smatch part;
      for (std::string line; std::getline(file, line) && !file.eof();) {
        if (calls && std::regex_search(line, part, kAnswered)) found.calls.insert(part[1]);
        const bool output = line.starts_with("{\"id\":\"batch_req_");
        if (output && std::regex_search(line, part, kLineDone)) found.done.insert(part[1]);
      }
    }
    return found;
  }

  // Calls of all experts, as the batch says.
  static int SumIn(const HttpReply& batch, const std::vector<std::string>& fields) {
    int calls = 0;
    for (int i = 0; batch.At("moerge.experts." + std::to_string(i)) != "(absent)"; ++i) {
      for (const std::string& field : fields) {
        calls += std::stoi(batch.At("moerge.experts." + std::to_string(i) + "." + field));
      }
    }
    return calls;
  }
  static int CountedIn(const HttpReply& batch) { return SumIn(batch, {"answered", "failed"}); }
  static int PlannedIn(const HttpReply& batch) { return SumIn(batch, {"planned"}); }

  // Calls of lines that are not done.
  static std::size_t KeptOf(const OnDisk& disk) {
    return static_cast<std::size_t>(std::ranges::count_if(disk.calls, [&](const auto& call) {
      return disk.done.count(call.substr(call.find('/') + 1)) == 0;
    }));
  }

  // Of those that were made, the calls of lines that are done and those that are kept.
  static std::set<std::string> Finished(const OnDisk& disk) {
    std::set<std::string> finished = disk.calls;
    for (const std::string& line : disk.done) {
      for (const char* who : {"ada", "clio", "remy", "zoe", "author"}) {
        finished.insert(std::string(who) + "/" + line);
      }
    }
    return finished;
  }

  TempFolder folder_;
};

TEST_P(BatchCrash, NoFinishedCallIsMadeAgain) {
  const char* wanted = std::getenv("MOERGE_KILLS");
  const int kills = wanted == nullptr ? 3 : std::atoi(wanted);
  const int lines = 100 * (kills + 1);
  CountedCalls counted;
  std::atomic<int> to_answer = kBeforeFirst;
  const ScriptedModel model([&](const std::string& request) -> std::optional<std::string> {
    const std::string call = CallIn(BodyIn(request));
    counted.Made(call);
    if (to_answer-- <= 0) return std::nullopt;
    return std::optional(Completion("[" + call + "] The answer is 42"));
  });
  const std::string yaml = Config(model.Url());
  std::string id;
  {
    const TestServer server(yaml);
    id = Create(server, lines);
    ASSERT_NE(id, "(absent)");
  }
  const std::string config = folder_.Write("moerge.yaml", "server: {listen: 127.0.0.1:0}\n" + yaml);
  std::mt19937 random(std::random_device{}());
  int lost = 0;
  std::size_t kept = 0;  // calls of lines that were under way
  const auto done = [&] { return Look().done.size() == static_cast<std::size_t>(lines); };
  for (int i = 0; i < kills; ++i) {
    Process process({"serve", "--config", config}, folder_.File(""));
    const int most = 100 * GetParam().calls;
    const int wait = counted.all() + std::uniform_int_distribution<int>(0, most)(random);
    EXPECT_TRUE(Eventually([&] {
      if (i == 0) {
        const bool kept_some = GetParam().varies || KeptOf(Look()) > 0;
        return counted.all() >= kBeforeFirst + kSlots && kept_some;
      }
      return counted.all() > wait || done();
    })) << "after kill "
        << i;
    process.Signal(SIGKILL);
    (void)process.Wait();
    to_answer = INT_MAX / 2;
    const OnDisk disk = Look();
    kept += KeptOf(disk);
    lost += counted.Killed(Finished(disk));
  }
  HttpReply batch;
  std::string answers;
  {
    const TestServer server(yaml);
    for (int i = 0; i < 10 && !done(); ++i) (void)Eventually(done);
    EXPECT_TRUE(Eventually([&] {
      batch = server.Get("/v1/batches/" + id);
      return batch.At("status") == "completed";
    })) << batch.body;
    answers = server.Get("/v1/files/" + batch.At("output_file_id") + "/content").body;
  }
  std::set<std::string> ids;
  for (const std::string& line : LinesOf(answers)) ids.insert(JsonAt(line, "custom_id"));
  EXPECT_EQ(LinesOf(answers).size(), static_cast<std::size_t>(lines)) << "none twice";
  EXPECT_EQ(ids.size(), static_cast<std::size_t>(lines)) << "none lost";
  EXPECT_EQ(counted.again(), 0) << "what is on the disk is not asked for again";
  const int needed = GetParam().varies ? counted.different() : lines * GetParam().calls;
  EXPECT_EQ(counted.different(), needed) << "what is asked does not change";
  EXPECT_LE(counted.all(), needed + lost) << "and those under way at the kills";
  // Where a line goes may change with its window; what is counted is what its answer took.
  EXPECT_EQ(CountedIn(batch), GetParam().varies ? PlannedIn(batch) : needed) << batch.body;
  EXPECT_TRUE(kept > 0 || GetParam().varies)
      << "some lines were under way with calls that had finished";
  EXPECT_TRUE(Look().calls.empty()) << "what is kept goes with the batch";
  RecordProperty("calls_needed", needed);
  RecordProperty("calls_made", counted.all());
  RecordProperty("calls_lost_at_kills", lost);
  RecordProperty("calls_kept_of_lines_under_way", static_cast<int>(kept));
}

INSTANTIATE_TEST_SUITE_P(
    All, BatchCrash,
    ::testing::Values(
        CrashCase{"Vote", "experts: 3, aggregate: vote, options: {vote.numbers: median}", 3, false},
        CrashCase{"Synthesize", "experts: 3, aggregate: synthesize", 4, false},
        CrashCase{"DrawnAtRandom",
                  "recruiter: random, experts: 2, aggregate: vote, options: {vote.numbers: median}",
                  2, false},
        CrashCase{"Balanced",
                  "experts: 2, aggregate: vote, options: {vote.numbers: median, "
                  "batch.assign: balanced}",
                  2, false},
        CrashCase{"ExpertChoice",
                  "experts: 2, aggregate: vote, options: {vote.numbers: median, "
                  "batch.assign: expert_choice}",
                  2, true}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace moerge::test
