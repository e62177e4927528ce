#include "services/verify/test_protocol.h"

#include <gtest/gtest.h>

#include "config/base/utf8.h"

namespace moerge {
namespace {

TestProtocol After(std::string_view bytes) {
  TestProtocol protocol("token");
  protocol.Read(bytes);
  return protocol;
}

TestProtocol Testing() {
  TestProtocol protocol = After("started\nloaded\n");
  protocol.TestsSent();
  return protocol;
}

TEST(TestProtocol, TheTokenCountsOnlyAfterTheTestsWereSent) {
  TestProtocol protocol = Testing();
  EXPECT_FALSE(protocol.over());
  protocol.Read("token\n");
  EXPECT_TRUE(protocol.passed());
  EXPECT_EQ(protocol.why(), "");
  EXPECT_FALSE(After("started\ntoken\n").passed());
  EXPECT_FALSE(After("started\nloaded\ntoken\n").passed());
  EXPECT_FALSE(After("token\n").passed());
}

TEST(TestProtocol, PiecesOfAnySizeAreOneText) {
  TestProtocol protocol("token");
  for (const char c : std::string("started\nloaded\n")) protocol.Read({&c, 1});
  EXPECT_TRUE(protocol.wants_tests());
}

TEST(TestProtocol, HalfATokenIsNone) {
  TestProtocol protocol = Testing();
  protocol.Read("toke");
  EXPECT_FALSE(protocol.over());
  protocol.Read("\n");
  EXPECT_TRUE(protocol.over());
  EXPECT_FALSE(protocol.passed());
}

TEST(TestProtocol, FailuresSayWhichPartFailed) {
  EXPECT_EQ(After("started\nanswer NameError: x\n").why(), "the answer's code fails: NameError: x");
  TestProtocol protocol = Testing();
  protocol.Read("tests AssertionError: \n");
  EXPECT_EQ(protocol.why(), "the tests fail: AssertionError: ");
}

TEST(TestProtocol, NothingAfterTheEndCounts) {
  TestProtocol protocol = Testing();
  protocol.Read("tests no\ntoken\n");
  EXPECT_FALSE(protocol.passed());
  protocol.Read("token\n");
  EXPECT_FALSE(protocol.passed());
}

TEST(TestProtocol, NoiseIsAFailure) {
  EXPECT_TRUE(After("started\nhello\n").over());
  EXPECT_TRUE(After("started\nstarted\n").over());
  EXPECT_TRUE(After("started\n" + std::string(600, 'x')).over());
  EXPECT_FALSE(After("started\n" + std::string(500, 'x')).over());
}

TEST(TestProtocol, ReasonsAreShortReadableText) {
  const TestProtocol protocol =
      After("started\nanswer \x1b[31m\xff" + std::string(490, 'x') + "\n");
  EXPECT_LE(protocol.why().size(), 400u);
  EXPECT_TRUE(utf8::IsValid(protocol.why()));
  EXPECT_EQ(protocol.why().find('\x1b'), std::string::npos);
}

TEST(TestProtocol, TextsCarryTheirSize) {
  std::string out;
  AppendSized("a\nb", &out);
  AppendSized("", &out);
  EXPECT_EQ(out, "3\na\nb0\n");
}

}  // namespace
}  // namespace moerge
