#include "services/jobs/batch_output.h"

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <csignal>
#include <string>

#include "config/base/line_reader.h"
#include "services/jobs/batch_lines.h"

namespace moerge {
namespace {

std::string DoneLine(std::int64_t number) {
  const BatchLine line{number, "id-" + std::to_string(number), "{}"};
  LineResult result;
  result.status = 200;
  result.body = "{\"pretty\":\n1}";
  return OutputLine("batch_1", line, result);
}

struct BatchOutputTest : testing::Test {
  BatchOutputTest() { Put("in", "x"); }
  void Put(const std::string& id, const std::string& content) {
    auto file = room.Begin(id);
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE((*file)->Append(content).ok());
    ASSERT_TRUE((*file)->Keep().ok());
  }
  std::shared_ptr<BatchOutput> Open() {
    auto output = BatchOutput::Open(room, "answers", "failures");
    EXPECT_TRUE(output.ok());
    return *std::move(output);
  }
  FileRoom room{"memory:"};
};

TEST_F(BatchOutputTest, ALineIsOneLineAndTellsItsNumber) {
  const std::string line = DoneLine(7);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_EQ(NumberOfOutput(line.substr(0, line.size() - 1)), 7);
  EXPECT_EQ(NumberOfOutput("{\"id\":\"other\"}"), 0);
  EXPECT_EQ(NumberOfOutput(line.substr(0, line.size() - 2)), 0) << "cut short";
}

TEST_F(BatchOutputTest, WhatWasAppendedIsDone) {
  {
    const auto output = Open();
    EXPECT_FALSE(output->Has(1));
    ASSERT_TRUE(output->Append(DoneLine(1) + DoneLine(5), DoneLine(3)).ok());
  }
  const auto output = Open();
  EXPECT_EQ(output->answered(), 2);
  EXPECT_EQ(output->failures(), 1);
  for (const int number : {1, 3, 5}) EXPECT_TRUE(output->Has(number));
  for (const int number : {0, 2, 4, 6, 100}) EXPECT_FALSE(output->Has(number));
}

TEST_F(BatchOutputTest, CallsOfItsLinesAreCounted) {
  const auto line = [](std::int64_t number, std::vector<LineCall> calls) {
    LineResult result;
    result.status = 200;
    result.body = R"({"choices":["a \",\"moerge\":{\"calls\":[]}}"]})";
    result.calls = std::move(calls);
    return OutputLine("batch_1", {number, "id", "{}"}, result);
  };
  Put("answers", line(1, {{"ada", true}, {"clio \"c\"", false}, {"ada", true}}) + line(2, {}) +
                     line(3, {{"clio \"c\"", true}}));
  Put("failures", line(4, {{"ada", false}}));
  const std::vector<ExpertProgress> counted = {{"ada", 0, 2, 1}, {"clio \"c\"", 0, 1, 1}};
  EXPECT_EQ(Open()->calls(), counted);
  EXPECT_EQ(line(2, {}).find("\"moerge\":{"), std::string::npos);
}

TEST_F(BatchOutputTest, ALineThatWasCutShortIsTakenAway) {
  const std::string whole = DoneLine(1);
  for (std::size_t cut = 1; cut < DoneLine(2).size(); ++cut) {
    Put("answers", whole + DoneLine(2).substr(0, cut));
    {
      const auto output = Open();
      EXPECT_EQ(output->answered(), 1);
      EXPECT_FALSE(output->Has(2));
      ASSERT_TRUE(output->Append(DoneLine(2), "").ok());
    }
    EXPECT_EQ(*ReadFile(room.PathOf("answers")), whole + DoneLine(2));
  }
}

TEST_F(BatchOutputTest, DamageIsNotTakenForWork) {
  Put("answers", "nonsense\n" + DoneLine(1));
  const auto output = BatchOutput::Open(room, "answers", "failures");
  ASSERT_FALSE(output.ok());
  EXPECT_NE(output.error().message.find("damaged"), std::string::npos);
}

TEST_F(BatchOutputTest, OneAtATimeWrites) {
  const auto first = Open();
  const auto second = BatchOutput::Open(room, "answers", "failures");
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::kConflict);
}

// A limit on the size of files stands for a disk that is full.
TEST_F(BatchOutputTest, WhatDoesNotFitIsNotThereAndCanBeTriedAgain) {
  std::signal(SIGXFSZ, SIG_IGN);
  const auto output = Open();
  ASSERT_TRUE(output->Append(DoneLine(1), DoneLine(2)).ok());
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit small = before;
  small.rlim_cur = DoneLine(1).size() * 3;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string many = DoneLine(3) + DoneLine(4) + DoneLine(5);
  const Status refused = output->Append(DoneLine(6), many);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(refused.error().status, 507);
  EXPECT_EQ(*ReadFile(room.PathOf("answers")), DoneLine(1)) << "of both files";
  EXPECT_EQ(*ReadFile(room.PathOf("failures")), DoneLine(2));
  ASSERT_TRUE(output->Append(DoneLine(6), many).ok());
  EXPECT_EQ(*ReadFile(room.PathOf("answers")), DoneLine(1) + DoneLine(6));
  EXPECT_EQ(*ReadFile(room.PathOf("failures")), DoneLine(2) + many);
}

}  // namespace
}  // namespace moerge
