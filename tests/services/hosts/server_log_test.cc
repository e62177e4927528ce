#include "services/hosts/server_log.h"

#include <gtest/gtest.h>

namespace moerge {
namespace {

using Lines = std::vector<std::string>;

TEST(ServerLogTest, LinesComeInPieces) {
  ServerLog log;
  log.Write("one\ntw");
  log.Write("o\n\nthr");
  EXPECT_EQ(log.Lines(), (Lines{"one", "two", "", "thr"}));
  EXPECT_EQ(log.LastLine(), "thr");
  log.EndLine();
  log.Note("ended");
  EXPECT_EQ(log.Lines().back(), "moerge: ended");
  EXPECT_EQ(log.LastLine(), "thr") << "moerge's own is none of the server's";
}

TEST(ServerLogTest, IsBounded) {
  ServerLog log;
  log.Write(std::string(3 * ServerLog::kLongest, 'x'));
  log.Write(std::string(3 * ServerLog::kLongest, 'x') + "\n");
  EXPECT_EQ(log.Lines().at(0).size(), ServerLog::kLongest);
  for (std::size_t i = 0; i < 2 * ServerLog::kLines; ++i) log.Write(std::to_string(i) + "\n");
  EXPECT_EQ(log.Lines().size(), ServerLog::kLines);
  EXPECT_EQ(log.Lines().back(), std::to_string(2 * ServerLog::kLines - 1));
}

}  // namespace
}  // namespace moerge
