#include "services/jobs/batch_output.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

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
  BatchOutputTest() { EXPECT_TRUE(room.Write("in", "x").ok()); }
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

TEST_F(BatchOutputTest, ALineThatWasCutShortIsTakenAway) {
  const std::string whole = DoneLine(1);
  for (std::size_t cut = 1; cut < DoneLine(2).size(); ++cut) {
    ASSERT_TRUE(room.Write("answers", whole + DoneLine(2).substr(0, cut)).ok());
    {
      const auto output = Open();
      EXPECT_EQ(output->answered(), 1);
      EXPECT_FALSE(output->Has(2));
      ASSERT_TRUE(output->Append(DoneLine(2), "").ok());
    }
    EXPECT_EQ(*room.Read("answers"), whole + DoneLine(2));
  }
}

TEST_F(BatchOutputTest, DamageIsNotTakenForWork) {
  ASSERT_TRUE(room.Write("answers", "nonsense\n" + DoneLine(1)).ok());
  const auto output = BatchOutput::Open(room, "answers", "failures");
  ASSERT_FALSE(output.ok());
  EXPECT_NE(output.error().message.find("damaged"), std::string::npos);
}

}  // namespace
}  // namespace moerge
