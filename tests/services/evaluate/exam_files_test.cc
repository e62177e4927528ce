#include "services/evaluate/exam_files.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "config/base/json.h"

namespace moerge {
namespace {

ExamQuestion Question(const std::string& id) {
  std::string row;
  json::Writer writer(&row);
  writer.BeginObject().Field("id", id).Field("prompt", "What is 6 * 7? " + id);
  writer.Field("category", "algebra").Field("reference", "42").EndObject();
  const auto document = json::Document::Parse(row);
  return *ReadExamQuestion(document->root());
}

class ExamFiles : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(KeepQuestions(room_, "run", {Question("a"), Question("b")}));
  }
  Result<std::shared_ptr<OpenExam>> GoOn() const {
    return GoOnWithExam(room_, "run", {"ada", "clio"});
  }
  void AddToJournal(const std::string& text) const {
    std::ofstream(room_.PathOf("run-answers"), std::ios::app) << text;
  }

  FileRoom room_{"memory:"};
};

TEST_F(ExamFiles, WhatWasAnsweredIsThereAgainAndIsNotAskedAgain) {
  {
    const auto open = GoOn();
    ASSERT_TRUE(open);
    EXPECT_FALSE((*open)->exam.WasAsked(0, 0));
    const ExamCall right{0, 0, {.right = true, .answer = "42"}};
    const ExamCall failed{1, 1, {.failure = "it was away"}};
    ASSERT_TRUE((*open)->journal.Append(JournalLine(right) + JournalLine(failed)));
    const auto other = GoOn();
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().code, ErrorCode::kConflict) << "one process at a time";
  }
  const auto open = GoOn();
  ASSERT_TRUE(open);
  const Exam& exam = (*open)->exam;
  EXPECT_TRUE(exam.WasAsked(0, 0));
  EXPECT_FALSE(exam.WasAsked(1, 0));
  EXPECT_FALSE(exam.WasAsked(0, 1));
  EXPECT_TRUE(exam.WasAsked(1, 1));
  EXPECT_EQ(exam.tally(0).right, 1u);
  EXPECT_EQ(exam.tally(1).failure, "it was away");
  EXPECT_EQ(exam.questions()[1].category, "algebra");
}

TEST_F(ExamFiles, AnAnswerThatACrashCutShortIsAskedAgain) {
  const std::string whole = JournalLine({0, 0, {.right = false, .answer = "41"}});
  const std::string half = JournalLine({1, 0, {.right = true, .answer = "42"}});
  AddToJournal(whole + half.substr(0, half.size() / 2));
  const auto read = ReadExam(room_, "run", {"ada", "clio"});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->tally(0).asked, 1u);
  const auto open = GoOn();
  ASSERT_TRUE(open);
  EXPECT_FALSE((*open)->exam.WasAsked(1, 0));
  ASSERT_TRUE((*open)->journal.Append(half));
  EXPECT_EQ(ReadExam(room_, "run", {"ada", "clio"})->tally(0).asked, 2u);
}

TEST_F(ExamFiles, WhatIsDamagedOrGoneIsSaid) {
  AddToJournal("{\"question\":9,\"expert\":0,\"right\":true}\n{}\n");
  EXPECT_EQ(GoOn().error().code, ErrorCode::kInternal);
  EXPECT_EQ(ReadExam(room_, "run", {"ada", "clio"}).error().code, ErrorCode::kInternal);
  RemoveExam(room_, "run");
  EXPECT_EQ(GoOn().error().code, ErrorCode::kNotFound);
  EXPECT_EQ(ReadExam(room_, "run", {"ada"}).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace moerge
