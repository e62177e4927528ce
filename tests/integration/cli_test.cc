// The command line as people and scripts meet it: exit codes, where mistakes are, what is printed.
#include <gtest/gtest.h>

#include "config/base/json.h"
#include "config/base/text.h"
#include "tests/integration/harness.h"
#include "tests/integration/process.h"

namespace moerge::test {
namespace {

class CommandLine : public ::testing::Test {
 protected:
  Finished Run(const std::vector<std::string>& arguments) const {
    return RunMoerge(arguments, folder_.File("."));
  }
  TempFolder folder_;
};

TEST_F(CommandLine, VersionIsALine) {
  const Finished done = Run({"version"});
  EXPECT_EQ(done.code, 0);
  EXPECT_EQ(done.out, "moerge " MOERGE_VERSION "\n");
}

TEST_F(CommandLine, HelpIsEverywhere) {
  const std::vector<std::vector<std::string>> kCommands = {{},
                                                           {"serve"},
                                                           {"check"},
                                                           {"init"},
                                                           {"route"},
                                                           {"ask"},
                                                           {"experts"},
                                                           {"experts", "list"},
                                                           {"experts", "show"},
                                                           {"experts", "add"},
                                                           {"experts", "remove"},
                                                           {"experts", "enable"},
                                                           {"experts", "disable"},
                                                           {"profile"},
                                                           {"profile", "import"},
                                                           {"profile", "export"},
                                                           {"profile", "show"},
                                                           {"profile", "list"},
                                                           {"profile", "forget"},
                                                           {"elect"},
                                                           {"eval"},
                                                           {"profile", "export"},
                                                           {"profile", "show"},
                                                           {"profile", "list"},
                                                           {"profile", "forget"},
                                                           {"vocabulary"},
                                                           {"vocabulary", "propose"},
                                                           {"vocabulary", "list"},
                                                           {"vocabulary", "show"},
                                                           {"vocabulary", "accept"},
                                                           {"vocabulary", "reject"},
                                                           {"vocabulary", "remove"},
                                                           {"batch"},
                                                           {"batch", "submit"},
                                                           {"batch", "list"},
                                                           {"batch", "watch"},
                                                           {"batch", "result"},
                                                           {"batch", "cancel"},
                                                           {"replay"},
                                                           {"version"}};
  for (std::vector<std::string> command : kCommands) {
    command.push_back("--help");
    const Finished done = Run(command);
    EXPECT_EQ(done.code, 0) << command.front();
    EXPECT_TRUE(Has(done.out, "--help")) << command.front() << done.out;
  }
}

TEST_F(CommandLine, RouteWithATableTakesPoliciesByNameAndFromFiles) {
  std::string table;
  for (int i = 0; i < 120; ++i) {
    const bool law = i % 2 == 0;
    table += R"({"id":")" + std::to_string(i) + R"(","prompt":"about )" +
             (law ? "courts and contracts " : "atoms and energy ") + std::to_string(i) +
             R"(","category":")" + (law ? "law" : "physics") + R"(","scores":{"judge":)" +
             (law ? "1" : "0") + R"(,"newton":)" + (law ? "0" : "1") + R"(,"poet":)" +
             (i % 3 == 0 ? "1" : "0") + "}}\n";
  }
  folder_.Write("table.jsonl", table);
  folder_.Write("in.jsonl", R"({"id":"1","prompt":"contracts and courts"})");
  folder_.Write("policy.yaml", "name: own\nexperts: 2\noptions: {experts.abstain: 0.1}\n");
  folder_.Write("odd.yaml", "name: own\noptions: {experts.abstain: 2}\n");
  const auto route = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"route", "--train", "table.jsonl", "--in", "in.jsonl"});
    return Run(more);
  };
  const auto experts = [&](const std::vector<std::string>& more) {
    const Finished done = route(more);
    EXPECT_EQ(done.code, 0) << done.err;
    const auto line = json::Document::Parse(Trim(done.out));
    return line.ok() ? line->root().Find("experts").size() : 0;
  };
  EXPECT_EQ(experts({}), 1u);
  EXPECT_EQ(experts({"--experts", "3"}), 3u);
  EXPECT_EQ(experts({"--policy", "top", "--experts", "2"}), 2u);
  EXPECT_EQ(experts({"--policy", "policy.yaml"}), 2u);
  EXPECT_EQ(experts({"--max-experts", "3", "--confidence", "0.5"}), 1u);
  EXPECT_TRUE(Has(route({"--policy", "odd.yaml"}).err, "odd.yaml:2:"));
  EXPECT_TRUE(Has(route({"--policy", "tops"}).err, "there is no policy `tops`"));
  EXPECT_EQ(route({"--price-weight", "nan"}).code, 2);
  EXPECT_EQ(route({"--price-weight", "-1"}).code, 2);
  EXPECT_EQ(route({"--confidence", "0.5"}).code, 2);
}

TEST_F(CommandLine, WrongUsageIsTwo) {
  const std::vector<std::vector<std::string>> kWrong = {
      {},
      {"dance"},
      {"check"},
      {"check", "a", "b"},
      {"serve", "--no-such-option"},
      {"route"},
      {"experts"},
      {"experts", "show"},
      {"vocabulary"},
      {"vocabulary", "accept"},
      {"profile", "import"},
      {"eval"},
      {"elect"},
      {"elect", "--table", "t", "--role", "king"},
      {"elect", "--table", "t", "--per-category", "0"},
      {"replay"},
      {"replay", "--table", "t", "--error-rate", "2"},
      {"replay", "--table", "t", "--listen", "here"},
      {"replay", "--table", "t", "--error-rate", "0.6", "--cut-rate", "0.6"},
      {"experts", "add", "e", "--backend", "b", "--skill", "algebra"}};
  for (const std::vector<std::string>& words : kWrong) {
    const Finished done = Run(words);
    EXPECT_EQ(done.code, 2) << ::testing::PrintToString(words) << done.out << done.err;
    EXPECT_FALSE((done.out + done.err).empty());
  }
}

TEST_F(CommandLine, CheckNamesEveryMistakeWithItsPlace) {
  folder_.Write("bad.yaml",
                "server:\n  listen: 127.0.0.1:99999\n  colour: red\n"
                "experts:\n  - {name: e, backend: nowhere, model: m, price: {input: -1}}\n");
  const Finished done = Run({"check", "bad.yaml"});
  EXPECT_EQ(done.code, 1);
  EXPECT_TRUE(Has(done.err, "bad.yaml:2:11: server.listen: ")) << done.err;
  EXPECT_TRUE(Has(done.err, "bad.yaml:3:")) << done.err;
  EXPECT_TRUE(Has(done.err, "server.colour")) << done.err;
  EXPECT_TRUE(Has(done.err, "bad.yaml:5:")) << done.err;
  EXPECT_TRUE(Has(done.err, "experts[0].backend")) << done.err;
  EXPECT_TRUE(Has(done.err, "experts[0].price.input")) << done.err;
  EXPECT_TRUE(Has(done.err, "4 mistakes in bad.yaml")) << done.err;
}

TEST_F(CommandLine, CheckPassesWhatIsRight) {
  const Finished example = Run({"check", MOERGE_SOURCE_DIR "/config/moerge.example.yaml"});
  EXPECT_EQ(example.code, 0) << example.err;
  folder_.Write("empty.yaml", "");
  EXPECT_EQ(Run({"check", "empty.yaml"}).code, 0);
}

TEST_F(CommandLine, CheckNotesWhatIsProbablyWrong) {
  folder_.Write("odd.yaml",
                "backends:\n  - {name: b, base_url: \"http://h/v1/chat/completions\", api_key_env: "
                "MOERGE_TEST_NEVER_SET}\n");
  const Finished done = Run({"check", "odd.yaml"});
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_TRUE(Has(done.err, "MOERGE_TEST_NEVER_SET (api_key_env) is not set")) << done.err;
  EXPECT_TRUE(Has(done.err, "write http://h/v1")) << done.err;
}

TEST_F(CommandLine, AMissingFileIsAFailureThatNamesIt) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"check", "gone.yaml"},
        {"serve", "--config", "gone.yaml"},
        {"route", "Hi", "--config", "gone.yaml"},
        {"replay", "--table", "gone.yaml"},
        {"profile", "import", "gone.yaml", "--store", "memory:"}}) {
    const Finished done = Run(words);
    EXPECT_EQ(done.code, 1) << words.front() << done.err;
    EXPECT_TRUE(Has(done.err, "gone.yaml")) << words.front() << done.err;
  }
}

TEST_F(CommandLine, RouteShowsTheDecisionForPeopleAndPrograms) {
  folder_.Write("moerge.yaml",
                std::string("store: \"memory:\"\n") + kSmallSkills + kArithmeticSkill);
  const Finished json = Run({"route", "What is 17 * 19?", "--json"});
  EXPECT_EQ(json.code, 0) << json.err;
  EXPECT_EQ(JsonAt(json.out, "roster.0.expert"), "arithmetic") << json.out;
  EXPECT_EQ(JsonAt(json.out, "policy"), "auto");
  const Finished text = Run({"route", "What is 17 * 19?"});
  EXPECT_EQ(text.code, 0);
  EXPECT_TRUE(Has(text.out, "arithmetic")) << text.out;
  EXPECT_EQ(Run({"route", "Hi", "--policy", "gone"}).code, 1);
}

TEST_F(CommandLine, RouteAsksARunningServerToo) {
  const TestServer server(std::string("store: \"memory:\"\n") + kSmallSkills + kArithmeticSkill);
  const std::string url = "http://127.0.0.1:" + std::to_string(server.port());
  const Finished done = Run({"route", "What is 17 * 19?", "--json", "--server", url});
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(JsonAt(done.out, "roster.0.expert"), "arithmetic");
  const Finished asked = Run({"ask", "What is 17 * 19?", "--server", url});
  EXPECT_EQ(asked.code, 0) << asked.err;
  EXPECT_TRUE(Has(asked.out, "323")) << asked.out;
}

TEST_F(CommandLine, ExpertsOfARunningServerAreSeenAndChanged) {
  const auto replay = StartReplay();
  const TestServer server("store: \"memory:\"\nbackends: [{name: replay, base_url: \"" +
                          UrlOf(*replay) + "\"}]\n" + kSmallSkills);
  const std::string url = "http://127.0.0.1:" + std::to_string(server.port());
  const auto experts = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "experts");
    words.insert(words.end(), {"--server", url});
    return Run(words);
  };
  const Finished added = experts(
      {"add", "clio", "--backend", "replay", "--skill", "history=0.9", "--context", "4096"});
  EXPECT_EQ(added.code, 0) << added.err;
  EXPECT_EQ(server.Chat("auto", RecordedPrompt("history-1")).At("moerge.expert"), "clio");
  EXPECT_TRUE(Has(experts({"list"}).out, "clio"));
  EXPECT_EQ(JsonAt(experts({"show", "clio"}).out, "context"), "4096");
  EXPECT_EQ(experts({"disable", "clio"}).code, 0);
  EXPECT_EQ(server.Chat("auto", RecordedPrompt("history-1")).status, 503);
  EXPECT_EQ(experts({"enable", "clio"}).code, 0);
  EXPECT_EQ(experts({"remove", "clio"}).code, 0);
  const Finished gone = experts({"show", "clio"});
  EXPECT_EQ(gone.code, 1);
  EXPECT_TRUE(Has(gone.err, "`clio`")) << gone.err;
  EXPECT_EQ(experts({"disable", "arithmetic"}).code, 1);
}

TEST_F(CommandLine, AServerThatIsNotThereIsAFailureWithAdvice) {
  const Finished done = Run({"experts", "list", "--server", "http://127.0.0.1:1"});
  EXPECT_EQ(done.code, 1);
  EXPECT_TRUE(Has(done.err, "moerge serve")) << done.err;
}

TEST_F(CommandLine, AProfileIsImportedIntoAStoreOrARunningServer) {
  const std::string table = MOERGE_SOURCE_DIR "/tests/data/mini_table.jsonl";
  const Finished stored = Run({"profile", "import", table, "--store", "sqlite:p.db"});
  EXPECT_EQ(stored.code, 0) << stored.err;
  EXPECT_TRUE(Has(stored.out, "24 rows learnt")) << stored.out;
  const TestServer server(std::string("store: \"sqlite:") + folder_.File("p.db") + "\"\n" +
                          kSmallSkills);
  const std::string url = "http://127.0.0.1:" + std::to_string(server.port());
  const Finished sent = Run({"profile", "import", table, "--server", url, "--json"});
  EXPECT_EQ(sent.code, 0) << sent.err;
  EXPECT_EQ(JsonAt(sent.out, "rows"), "24");
}

}  // namespace
}  // namespace moerge::test
