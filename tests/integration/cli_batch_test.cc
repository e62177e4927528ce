// moerge batch against a running server.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "config/base/text.h"
#include "tests/integration/batch_lines.h"
#include "tests/integration/harness.h"
#include "tests/integration/process.h"

namespace moerge::test {
namespace {

class BatchCommand : public ::testing::Test {
 protected:
  void Start(ReplayOptions options = {}) {
    replay_ = StartReplay(options);
    server_ = std::make_unique<TestServer>(
        "store: \"sqlite:" + folder_.File("moerge.db") +
        "\"\nbackends:\n  - {name: gpu, base_url: \"" + UrlOf(*replay_) +
        "\", max_concurrency: 2}\nexperts: [{name: ada, backend: gpu, model: ada}]\n" +
        kSmallSkills);
  }
  Finished Batch(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "batch");
    arguments.insert(arguments.end(),
                     {"--server", "http://127.0.0.1:" + std::to_string(server_->port())});
    return RunMoerge(arguments, folder_.File("."));
  }
  std::string Input(int lines, const std::string& more = "") const {
    std::string text;
    for (int i = 0; i < lines; ++i) {
      text += LineOf(std::to_string(i), ChatJson("ada", RecordedPrompt("algebra-1")));
    }
    return folder_.Write("in.jsonl", text + more);
  }

  TempFolder folder_;
  std::unique_ptr<ReplayServer> replay_;
  std::unique_ptr<TestServer> server_;
};

TEST_F(BatchCommand, FromAFileToItsAnswers) {
  Start();
  const Finished submit =
      Batch({"submit", Input(20, LineOf("lost", ChatJson("nobody", "Hi"))), "--watch"});
  ASSERT_EQ(submit.code, 0) << submit.err;
  const std::string id = submit.out.substr(0, submit.out.find('\n'));
  EXPECT_TRUE(Has(submit.out, id + " completed: 20 of 21 lines answered, 1 failed")) << submit.out;
  EXPECT_TRUE(Has(submit.out, "ada")) << submit.out;
  EXPECT_TRUE(Has(submit.err, "[##############################] 100 %  completed, 21 of 21 lines"))
      << submit.err;
  const Finished list = Batch({"list"});
  EXPECT_TRUE(Has(list.out, id) && Has(list.out, "completed")) << list.out;
  const Finished result = Batch({"result", id});
  EXPECT_EQ(LinesOf(result.out).size(), 20u) << result.out << result.err;
  EXPECT_EQ(JsonAt(LinesOf(result.out).front(), "response.status_code"), "200");
  EXPECT_EQ(Batch({"result", id, "--out", folder_.File("out.jsonl")}).code, 0);
  std::ifstream file(folder_.File("out.jsonl"));
  std::stringstream written;
  written << file.rdbuf();
  EXPECT_EQ(written.str(), result.out);
  const Finished failures = Batch({"result", id, "--failures"});
  EXPECT_EQ(JsonAt(failures.out, "custom_id"), "lost");
  EXPECT_TRUE(Has(Batch({"cancel", id}).err, "the batch is over")) << "too late";
}

TEST_F(BatchCommand, ACancelledBatchEndsTheWatch) {
  ReplayOptions slow;
  slow.latency = std::chrono::milliseconds(50);
  Start(slow);
  const Finished submit = Batch({"submit", Input(2000)});
  ASSERT_EQ(submit.code, 0) << submit.err;
  const std::string id = submit.out.substr(0, submit.out.find('\n'));
  const Finished cancel = Batch({"cancel", id});
  EXPECT_EQ(cancel.out, "cancelling\n") << cancel.err;
  const Finished watch = Batch({"watch", id});
  EXPECT_EQ(watch.code, 1);
  EXPECT_TRUE(Has(watch.out, "cancelled")) << watch.out;
}

TEST_F(BatchCommand, WhatIsWrongIsSaid) {
  Start();
  const Finished wrong = Batch({"submit", folder_.Write("bad.jsonl", "nonsense\n"), "--watch"});
  EXPECT_EQ(wrong.code, 1);
  EXPECT_TRUE(Has(wrong.out, "line 1: the line is no JSON")) << wrong.out << wrong.err;
  const std::string id = wrong.out.substr(0, wrong.out.find('\n'));
  EXPECT_TRUE(Has(Batch({"result", id}).err, "its status is `failed`"));
  const Finished none = Batch({"submit", folder_.File("none.jsonl")});
  EXPECT_EQ(none.code, 1);
  EXPECT_TRUE(Has(none.err, "none.jsonl: No such file or directory")) << none.err;
  EXPECT_TRUE(Has(Batch({"submit", folder_.File(".")}).err, "is no file"));
  EXPECT_EQ(Batch({"submit", "x", "--endpoint", "/v1/images"}).code, 2);
  EXPECT_TRUE(Has(Batch({"watch", "batch_x"}).err, "there is no batch `batch_x`"));
  EXPECT_EQ(RunMoerge({"batch"}, folder_.File(".")).code, 2);
  EXPECT_TRUE(
      Has(RunMoerge({"batch", "list", "--server", "http://127.0.0.1:1"}, folder_.File(".")).err,
          "is `moerge serve` running?"));
}

}  // namespace
}  // namespace moerge::test
