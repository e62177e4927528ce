#include "services/jobs/call_journal.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "services/jobs/batch_lines.h"
#include "tests/adapters/loop_fixture.h"

namespace moerge {
namespace {

constexpr const char* kBatch = "batch_1";
constexpr std::uint64_t kSecret = 7;

struct CallJournalTest : testing::Test, test::LoopFixture {
  CallJournalTest() {
    auto file = room.Begin("in");
    EXPECT_TRUE((*file)->Append("x").ok() && (*file)->Keep().ok());
    output = *BatchOutput::Open(room, "answers", "failures");
    Open();
  }
  ~CallJournalTest() override { Close(); }

  // As the next process does; what it has begun before is forgotten.
  void Open() {
    Close();
    auto opened = CallFile::Open(room, kBatch, *output);
    ASSERT_TRUE(opened.ok());
    found = opened->kept.size();
    journal = std::make_unique<CallJournal>(disk, executor(), *std::move(opened), kSecret);
  }
  void Close() {
    if (journal != nullptr) RunTask(Ended(*journal));
    journal.reset();
  }
  static Task<bool> Ended(CallJournal& journal) {
    co_await journal.Join();
    co_return true;
  }
  static Task<bool> KeepTask(FinishedCallsPtr calls, std::string asked, std::string reply) {
    const std::string key = calls->Begin(asked);
    co_await calls->Keep(key, std::move(reply));
    co_return true;
  }
  void Keep(std::int64_t line, const std::string& asked, const std::string& reply) {
    RunTask(KeepTask(journal->Of(line), asked, reply));
  }
  static Task<bool> ChargedTask(FinishedCallsPtr calls) {
    co_await calls->Charged();
    co_return true;
  }
  static Task<std::string> FindTask(FinishedCallsPtr calls, std::string asked) {
    const std::string key = calls->Begin(asked);
    const std::optional<FinishedCalls::Kept> kept = co_await calls->Find(key);
    if (!kept) co_return "none";
    co_return kept->reply + (kept->charged ? " charged" : "") + (kept->seen ? " seen" : "");
  }
  std::string Find(std::int64_t line, const std::string& asked) {
    return RunTask(FindTask(journal->Of(line), asked));
  }
  std::set<std::string> Files() const {
    std::set<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(room.folder())) {
      const std::string name = entry.path().filename().string();
      if (name.find("-calls-") != name.npos) files.insert(name);
    }
    return files;
  }
  void LineIsDone(std::int64_t number) {
    const BatchLine line{number, "id-" + std::to_string(number), "{}"};
    LineResult result;
    result.status = 200;
    result.body = "{}";
    ASSERT_TRUE(output->Append(OutputLine(kBatch, line, result), "").ok());
    output.reset();
    output = *BatchOutput::Open(room, "answers", "failures");
  }

  FileRoom room{"memory:"};
  WorkPool disk{1};
  std::shared_ptr<BatchOutput> output;
  std::size_t found = 0;
  std::unique_ptr<CallJournal> journal;
};

TEST_F(CallJournalTest, WhatIsKeptIsThereForTheNextProcess) {
  Keep(3, "ada?", R"({"chat":"yes\n"})");
  Keep(4, "ada?", R"({"chat":"no"})");
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(Find(3, "ada?"), R"({"chat":"yes\n"})");
    EXPECT_EQ(Find(4, "ada?"), R"({"chat":"no"})");
    EXPECT_EQ(Find(5, "ada?"), "none") << "another line";
    EXPECT_EQ(Find(3, "clio?"), "none") << "another expert";
    Open();
  }
  EXPECT_EQ(found, 2u);
}

// Drafts of one expert, for example.
TEST_F(CallJournalTest, CallsThatAskTheSameAreToldApart) {
  const FinishedCallsPtr calls = journal->Of(1);
  RunTask(KeepTask(calls, "ada?", "1"));
  RunTask(KeepTask(calls, "ada?", "2"));
  Open();
  const FinishedCallsPtr again = journal->Of(1);
  EXPECT_EQ(RunTask(FindTask(again, "ada?")), "1");
  EXPECT_EQ(RunTask(FindTask(again, "ada?")), "2");
  EXPECT_EQ(RunTask(FindTask(again, "ada?")), "none");
}

// A request that is asked again tells its calls apart as it did before, and knows which of them it
// has counted. What was charged stays so, whoever goes on.
TEST_F(CallJournalTest, WhatWasChargedIsKnownToTheNextProcess) {
  FinishedCallsPtr calls = journal->Of(1);
  RunTask(KeepTask(calls, "ada?", "1"));
  RunTask(ChargedTask(calls));
  calls->Again();
  EXPECT_EQ(RunTask(FindTask(calls, "ada?")), "1 charged seen");
  RunTask(KeepTask(calls, "clio?", "2"));
  calls->Again();
  EXPECT_EQ(RunTask(FindTask(calls, "clio?")), "2 seen");
  Open();
  calls = journal->Of(1);
  EXPECT_EQ(RunTask(FindTask(calls, "ada?")), "1 charged");
  EXPECT_EQ(RunTask(FindTask(calls, "clio?")), "2");
  EXPECT_EQ(Find(2, "ada?"), "none");
}

TEST_F(CallJournalTest, WhatOfALineIsAskedWithTheSecretIsAskedAgain) {
  const std::uint64_t secret = journal->Of(1)->secret();
  EXPECT_NE(secret, journal->Of(2)->secret());
  Open();
  EXPECT_EQ(secret, journal->Of(1)->secret());
}

TEST_F(CallJournalTest, CallsOfOneMomentAreWrittenTogether) {
  std::vector<FinishedCallsPtr> lines;
  const auto all = [&]() -> Task<bool> {
    TaskGroup group(executor());
    const auto keep = [](FinishedCallsPtr calls) -> Task<void> {
      (void)co_await KeepTask(std::move(calls), "ada?", "1");
    };
    for (int line = 1; line <= 100; ++line) {
      lines.push_back(journal->Of(line));
      group.Start("keep", keep(lines.back()));
    }
    co_await group.Join();
    co_return true;
  };
  EXPECT_TRUE(RunTask(all()));
  Open();
  EXPECT_EQ(found, 100u);
}

TEST_F(CallJournalTest, WhatACrashCutShortIsNotThere) {
  Keep(1, "ada?", "1");
  Keep(2, "ada?", "2");
  Close();
  const std::string path = room.folder() + "/" + *Files().begin();
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 3);
  Open();
  EXPECT_EQ(Find(1, "ada?"), "1");
  EXPECT_EQ(Find(2, "ada?"), "none");
  Keep(2, "ada?", "2");  // in a file of its own
  Open();
  EXPECT_EQ(Find(2, "ada?"), "2");
}

TEST_F(CallJournalTest, ADamagedReplyIsAskedForAgain) {
  Keep(1, "ada?", "1");
  std::fstream(room.folder() + "/" + *Files().begin()) << "xxxxxxxx";
  EXPECT_EQ(Find(1, "ada?"), "none");
}

TEST_F(CallJournalTest, LinesThatAreDoneLeaveNothing) {
  Keep(1, "ada?", "1");
  LineIsDone(1);
  Open();
  EXPECT_EQ(found, 0u);
  EXPECT_TRUE(Files().empty());
}

// A file is left when it is full, and goes when its lines are done.
TEST_F(CallJournalTest, FilesHoldWhatIsUnderWay) {
  const std::string large = "\"" + std::string(3 << 20, 'x') + "\"";
  std::size_t most = 0;
  for (std::int64_t line = 1; line <= 24; ++line) {
    Keep(line, "ada?", large);
    if (line > 2) journal->LinesDone({line - 2});
    most = std::max(most, Files().size());
  }
  EXPECT_LE(most, 3u) << "of 72 MB, 16 a file";
  EXPECT_EQ(Find(23, "ada?"), large);
  EXPECT_EQ(Find(24, "ada?"), large);
  Close();
  EXPECT_LE(Files().size(), 2u);
  CallFile::RemoveAll(room, kBatch);
  EXPECT_TRUE(Files().empty());
}

TEST_F(CallJournalTest, OtherBatchesFilesAreTheirs) {
  Keep(1, "ada?", "1");
  CallFile::RemoveAll(room, "batch_");
  auto other = CallFile::Open(room, "batch_2", *output);
  ASSERT_TRUE(other.ok());
  EXPECT_TRUE(other->kept.empty());
  EXPECT_EQ(Files().size(), 1u);
}

}  // namespace
}  // namespace moerge
