// Any bytes give an answer or a reason, soon, without exhausting the stack or memory.
#include <gtest/gtest.h>

#include <chrono>

#include "tests/adapters/tools/tool_test_support.h"

namespace moerge::tools {
namespace {

constexpr std::size_t kMegabyte = 1000000;

std::string Repeated(std::string_view unit, std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += unit;
  return text;
}

// Generous for sanitizer builds on a busy machine; a run without a bound takes minutes or never
// ends.
void ExpectBounded(const std::string& request) {
  for (const auto& tool : AllTools()) {
    const auto start = std::chrono::steady_clock::now();
    const ToolReply reply = tool->Answer(request, kClock);
    const auto spent = std::chrono::steady_clock::now() - start;
    EXPECT_LT(spent, std::chrono::seconds(5)) << tool->Name() << ": " << request.substr(0, 60);
    EXPECT_NE(reply.answer.has_value(), !reply.reason.empty())
        << tool->Name() << ": " << request.substr(0, 60);
  }
}

TEST(HostileInput, AMegabyteOfAnything) {
  for (const std::string_view unit : {"(", "9", "-", "1+", "sqrt ", "5 ft ", "one ", "a", " ", "\"",
                                      "how many ", "!", "²", "1/", ":", "\n"}) {
    ExpectBounded(Repeated(unit, kMegabyte));
  }
}

TEST(HostileInput, AsLongAsTheToolsStillRead) {
  for (const std::size_t bytes : {395U, 4090U, 65000U}) {
    for (const std::string_view unit :
         {"(", "9", "-", "1+", "sqrt(", "√", "5 ft ", "one ", "hundred and ", "a ", "\" ",
          "how many ", "2^", "9!*", "x, ", "1 day and ", "in ", "of ", "a: "}) {
      ExpectBounded(Repeated(unit, bytes));
    }
  }
}

TEST(HostileInput, DeepNestingIsDeclined) {
  for (const std::string_view unit : {"(", "-", "sqrt(", "2^", "√", "abs("}) {
    const std::string nested =
        Repeated(unit, 1000) + "1" + std::string(unit.ends_with('(') ? 1000 / unit.size() : 0, ')');
    EXPECT_TRUE(Ask("arithmetic", nested).starts_with("declined")) << unit;
  }
}

TEST(HostileInput, InvalidUtf8AndNuls) {
  for (const std::string& text :
       {std::string("2+2\0", 4), std::string("2\xFF+2"), std::string("\xC0\xAF"),
        std::string("\xED\xA0\x80 + 1"), std::string("reverse the word a\0b", 20),
        std::string("\xF0\x9F\x98"), std::string("sha256 of \x80")}) {
    for (const auto& tool : AllTools()) EXPECT_FALSE(tool->Answer(text, kClock).answer.has_value());
  }
}

TEST(HostileInput, EmptyAndWhiteSpaceAreDeclined) {
  for (const std::string_view text : {"", " ", "\n\n\n", "\t"}) EXPECT_EQ(AskAll(text), "declined");
}

TEST(HostileInput, NoShortCalculationOccupiesTheProcessor) {
  for (const std::string_view text :
       {"9^9^9^9", "((((9^99)^99)^99)^99)", "99999! * 99999!", "2^(2^(2^30))", "3249!^3",
        "10^5000 choose 10^4999", "1.0000001^9999999999", "e^(10^4000)", "sin(10^4000)",
        "ln(10^4000!)", "10^9999 mod 7^9999", "(3^4000) mod (2^4099-1)", "lcm(3^9999, 5^9999)",
        "(1/3)^20000", "sqrt(2) to 1000 digits", "2^0.0000000001", "is 2^999-1 prime",
        "prime factors of 170141183460469231731687303715884105727", "1e5000*1e5000*1e5000"}) {
    ExpectBounded(std::string(text));
  }
}

TEST(HostileInput, ManyExpensiveTermsShareOneBudget) {
  ExpectBounded(Repeated("3000!/2999!+", 3600) + "1");
  ExpectBounded(Repeated("(7^9000 mod 3^9000)*", 3600) + "1");
  ExpectBounded(Repeated("sin(1e4000)+", 3600) + "1 to 1000 digits");
}

}  // namespace
}  // namespace moerge::tools
