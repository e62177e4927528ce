#include "config/base/log.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "config/base/json.h"
#include "config/base/secret.h"
#include "config/base/text.h"

namespace moerge {
namespace {

template <class Act>
std::string Logged(LogLevel level, LogFormat format, Act act) {
  ConfigureLog(level, format);
  testing::internal::CaptureStderr();
  act();
  std::string text = testing::internal::GetCapturedStderr();
  ConfigureLog(LogLevel::kInfo, LogFormat::kText);
  return text;
}

TEST(Log, TextHasTimeLevelEventAndFields) {
  const std::string line = Logged(LogLevel::kInfo, LogFormat::kText, [] {
    LogInfo("request done", {{"expert", "a"}, {"status", 200}, {"cost", 0.5}, {"stream", true}});
  });
  const std::string rest = line.substr(line.find(' '));
  EXPECT_TRUE(ParseTime(line.substr(0, line.find(' ')))) << line;
  EXPECT_EQ(rest, " info: request done expert=a status=200 cost=0.5 stream=true\n");
}

TEST(Log, NoValueCanForgeALineOrAField) {
  const std::string line = Logged(LogLevel::kInfo, LogFormat::kText, [] {
    LogInfo("one\ntwo",
            {{"a", "x\ny"}, {"b", "p q"}, {"c", "k=v"}, {"d", ""}, {"e", "\x1b[31m\xff"}});
  });
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  EXPECT_EQ(
      line.substr(line.find("info")),
      "info: one\\ntwo a=\"x\\ny\" b=\"p q\" c=\"k=v\" d=\"\" e=\"\\u001b[31m\xEF\xBF\xBD\"\n");
}

TEST(Log, JsonIsOneObjectALine) {
  const std::string line = Logged(LogLevel::kDebug, LogFormat::kJson, [] {
    LogWarning("slow \"disk\"", {{"ms", 12}, {"path", "a\nb"}, {"share", 0.25}, {"full", false}});
  });
  ASSERT_TRUE(line.ends_with("}\n"));
  const std::string text = line.substr(0, line.size() - 1);
  const auto document = json::Document::Parse(text);
  ASSERT_TRUE(document.ok()) << line;
  EXPECT_EQ(document->root().Find("level").AsString(), "warning");
  EXPECT_EQ(document->root().Find("event").AsString(), "slow \"disk\"");
  EXPECT_EQ(document->root().Find("ms").AsInt(), 12);
  EXPECT_EQ(document->root().Find("path").AsString(), "a\nb");
  EXPECT_EQ(document->root().Find("full").AsBool(), false);
}

TEST(Log, LowerLevelsAreSilent) {
  const auto all = [] {
    LogDebug("d");
    LogInfo("i");
    LogWarning("w");
    LogError("e");
  };
  EXPECT_EQ(Logged(LogLevel::kOff, LogFormat::kText, all), "");
  const std::string warnings = Logged(LogLevel::kWarning, LogFormat::kText, all);
  EXPECT_EQ(std::count(warnings.begin(), warnings.end(), '\n'), 2);
  EXPECT_FALSE(LogEnabled(LogLevel::kDebug));
  EXPECT_FALSE(LogEnabled(LogLevel::kOff));
}

TEST(Log, LinesOfManyThreadsStayWhole) {
  const std::string text = Logged(LogLevel::kInfo, LogFormat::kJson, [] {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([] {
        for (int n = 0; n < 200; ++n) LogInfo("line", {{"text", std::string(300, 'x')}});
      });
    }
    for (std::thread& thread : threads) thread.join();
  });
  int lines = 0;
  for (const std::string_view line : Split(Trim(text), '\n')) {
    ASSERT_TRUE(json::Document::Parse(line).ok()) << line;
    ++lines;
  }
  EXPECT_EQ(lines, 800);
}

TEST(LogBuffering, HoldsBackWhatFollowsCloselyAndLosesNothing) {
  const std::string text = Logged(LogLevel::kInfo, LogFormat::kText, [] {
    const LogBuffering buffering;
    for (int n = 0; n < 1000; ++n) LogInfo("line", {{"n", n}});
    FlushLog();
    LogInfo("last");
  });
  for (int n = 0; n < 1000; ++n) {
    EXPECT_NE(text.find(" n=" + std::to_string(n) + "\n"), text.npos) << n;
  }
  EXPECT_TRUE(text.ends_with("info: last\n")) << text.substr(text.size() - 100);
}

TEST(LogBuffering, AWarningGoesOutAtOnceWithWhatCameBefore) {
  const LogBuffering buffering;
  const std::string text = Logged(LogLevel::kInfo, LogFormat::kText, [] {
    LogInfo("one");
    LogInfo("two");
    LogWarning("three");
  });
  const std::size_t two = text.find("two");
  ASSERT_NE(two, text.npos);
  EXPECT_LT(text.find("one"), two);
  EXPECT_LT(two, text.find("three"));
}

TEST(Log, ASecretIsNoField) {
  EXPECT_FALSE((std::is_constructible_v<LogField, std::string_view, Secret>));
}

}  // namespace
}  // namespace moerge
