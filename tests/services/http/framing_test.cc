// Which requests are taken, which are refused and with which status, however the bytes are cut.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/framing_cases.h"

namespace moerge::http {
namespace {

using test::FramingCase;

std::string ReadInPieces(std::string_view bytes, std::size_t size, std::size_t max_head) {
  return test::ReadRequest(
      bytes, [size] { return size; }, max_head);
}

void ExpectHoweverCut(const std::vector<FramingCase>& cases) {
  for (const auto& [bytes, expected] : cases) {
    for (const std::size_t size : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{5},
                                   std::size_t{7}, std::size_t{13}, bytes.size()}) {
      EXPECT_EQ(ReadInPieces(bytes, size, 32 << 10), expected)
          << "pieces of " << size << ": " << bytes.substr(0, 200);
    }
  }
}

TEST(RequestFraming, Taken) { ExpectHoweverCut(test::TakenRequests()); }
TEST(RequestFraming, RefusedLines) { ExpectHoweverCut(test::RefusedLines()); }
TEST(RequestFraming, RefusedFields) { ExpectHoweverCut(test::RefusedFields()); }
TEST(RequestFraming, RefusedChunks) { ExpectHoweverCut(test::RefusedChunks()); }
TEST(RequestFraming, Unfinished) { ExpectHoweverCut(test::UnfinishedRequests()); }

TEST(RequestFraming, ThereAreAtLeast150Cases) {
  EXPECT_GE(test::AllFramingCases().size(), 150U);
  EXPECT_EQ(test::H1SpecCases().size(), 33U);
}

// The limit counts bytes, not reads.
TEST(RequestFraming, AHeadIsMeasuredExactly) {
  std::string head = "GET / HTTP/1.1\r\nHost: x\r\nA: ";
  head += std::string(1000 - head.size() - 4, 'a') + "\r\n\r\n";
  for (const std::size_t size : {std::size_t{1}, std::size_t{16}, std::size_t{999}, head.size()}) {
    EXPECT_EQ(ReadInPieces(head, size, 1000), "200 GET / || left=") << size;
    EXPECT_EQ(ReadInPieces(head, size, 999), "431") << size;
  }
}

}  // namespace
}  // namespace moerge::http
